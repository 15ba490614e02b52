package catalogue

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/index"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const (
	// defaultTimeout is Options.Timeout unless set.
	defaultTimeout = 5 * time.Second
	// defaultRefresh is Options.Refresh unless set.
	defaultRefresh = 10 * time.Second
	// maxAsked is how many peers are asked for one thing, askedAtOnce how many of them at a time.
	maxAsked    = 64
	askedAtOnce = 16
)

// Pins has the pinned manifests; *data.Engine does.
type Pins interface {
	PinOf(ctx context.Context, root, manifest cid.Cid) (data.Pin, error)
}

// Blocks knows which blocks are stored; a store.Store does.
type Blocks interface {
	Stats(ctx context.Context) (store.Stats, error)
	IterateEncodings(ctx context.Context, yield func(store.Encoding) error) error
}

// Remote asks peers.
type Remote interface {
	// Peers returns the connected peers that can be asked.
	Peers() []peer.ID
	// Query returns header blocks of manifests that match, and where to go on, nil at the end.
	Query(ctx context.Context, p peer.ID, query string, limit int, cursor []byte) (headers [][]byte, next []byte, err error)
	// Summary returns what a peer says it has, nil if that is still the version known.
	Summary(ctx context.Context, p peer.ID, known uint64) (version uint64, summary []byte, err error)
}

// Options are the parts of a Catalogue. Index, Pins, Blocks and OwnerName are needed.
type Options struct {
	Index  *index.Index
	Pins   Pins
	Blocks Blocks
	// OwnerName gives creators the names by which they are asked for, as in the index.
	OwnerName func(manifest.Creator) string
	// Remote asks peers; without one there are none.
	Remote Remote
	// Timeout is how long a peer may take for an answer, 5 s if 0.
	Timeout time.Duration
	// Refresh is how often peers are asked for their summaries, 10 s if 0.
	Refresh time.Duration
	// Now is the clock, time.Now if nil.
	Now func() time.Time
	// Logger may be nil.
	Logger *slog.Logger
}

// Catalogue answers queries. All methods may be called concurrently.
type Catalogue struct {
	opts   Options
	cancel context.CancelFunc
	tasks  sync.WaitGroup

	building sync.Mutex // serialises the making of the own summary
	own      ownSummary // guarded by building

	mu    sync.RWMutex
	peers map[peer.ID]peerSummary // guarded by mu
}

// New returns a Catalogue that the caller closes.
func New(o Options) *Catalogue {
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Refresh <= 0 {
		o.Refresh = defaultRefresh
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &Catalogue{opts: o, cancel: cancel, peers: map[peer.ID]peerSummary{}}
	if o.Remote != nil {
		c.tasks.Go(func() { c.keepFresh(ctx) })
	}
	return c
}

// Close ends what goes on in the background. Calls in progress end by their contexts.
func (c *Catalogue) Close() {
	c.cancel()
	c.tasks.Wait()
}
