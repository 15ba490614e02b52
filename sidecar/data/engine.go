package data

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/heat"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
)

// Fetcher gets blocks from other nodes.
type Fetcher interface {
	// Fetch looks for the blocks and calls got for each one found, in any order, one call at a time. The bytes need
	// not be verified, and are got's to keep. For an encoding CID the bytes are the envelope. It returns when all are found, with the error of
	// got, or with an error when it gave up on the rest.
	Fetch(ctx context.Context, cids []cid.Cid, got func(cid.Cid, []byte) error) error
}

// EncodingFetcher is a Fetcher that also gets encodings, from those nodes that send them. The engine asks for them first,
// and for what has not come by Fetch; *transfer.Client has the methods.
type EncodingFetcher interface {
	Fetcher
	FetchBlocks(ctx context.Context, blocks []transfer.Want, cut bool, got transfer.Got) error
	FetchEncodings(ctx context.Context, encodings []cid.Cid, got transfer.Got) error
}

// Group is the nodes that this one caches together with: each block belongs to one of them, which fetches it from outside and
// keeps it. *transfer.Client has the methods, which may be called concurrently.
type Group interface {
	// Owners tells of each block of a root to which other member it belongs, the empty id standing for this node.
	Owners(root cid.Cid, blocks []transfer.Want) []peer.ID
	// FetchThrough is EncodingFetcher.FetchBlocks from one member, which fetches what it does not have.
	FetchThrough(ctx context.Context, member peer.ID, root cid.Cid, blocks []transfer.Want, cut bool, got transfer.Got) error
}

// Resolver finds the layouts of the deals that store a root, so that its encodings can be fetched instead of its blocks.
type Resolver interface {
	// Layouts returns layout CIDs, best first, and sees to it that those who hold them can be asked for the root's
	// blocks; none is no error.
	Layouts(ctx context.Context, root cid.Cid) ([]cid.Cid, error)
}

// Index is told which manifests are pinned, so that they can be searched. Both methods may be called concurrently, but for
// one manifest in the order in which it was pinned and unpinned.
type Index interface {
	Pinned(p Pin)
	Unpinned(p Pin)
}

// Options configure an Engine. Every field may be left zero.
type Options struct {
	// Fetcher gets what is not stored; without one a missing block is an error.
	Fetcher Fetcher
	// Group is asked for what is only read, before the Fetcher; nil for none.
	Group Group
	// Resolver finds layouts; without one missing blocks are fetched one by one.
	Resolver Resolver
	// Index learns of every manifest that is pinned or unpinned from now on; may be nil.
	Index Index
	// Opened is told of every root that Get begins to read, before it does. It must return at once; may be nil.
	Opened func(root cid.Cid)
	// Workers is the number of goroutines that hash and encode for one put, GOMAXPROCS if 0.
	Workers int
	// KeepSuperseded is how long a superseded version stays pinned, 30 days if 0; KeepForever until it is deleted.
	KeepSuperseded time.Duration
	// CacheMaxBytes is how much that nothing keeps Evict lets stay.
	CacheMaxBytes uint64
	// Now is the clock, time.Now if nil.
	Now func() time.Time
	// Logger takes messages; they are dropped if nil.
	Logger *slog.Logger
}

// Engine stores and reads content. All methods may be called concurrently.
type Engine struct {
	store    store.Store
	fetcher  Fetcher
	group    Group // may be nil
	resolver Resolver
	index    Index // may be nil
	workers  int
	now      func() time.Time
	log      *slog.Logger
	graves   *graves

	keepSuperseded time.Duration
	cacheMaxBytes  uint64

	leases  *leases
	gc      sync.Mutex // held while GC or Reencode runs
	pins    sync.Mutex // serialises changes to pins, and what the index is told of them; taken before holds
	holds   sync.Mutex // serialises changes to layout records and holds
	trees   *treeCache
	flights flights
	heat    *heat.History

	successors *heat.Successors
	opened     func(root cid.Cid) // may be nil

	settled settled // guarded by gc
	scrub   scrub
}

// New returns an Engine on s, which the caller closes after the last call.
func New(s store.Store, o Options) *Engine {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.KeepSuperseded == 0 {
		o.KeepSuperseded = defaultKeepSuperseded
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Engine{
		store:          s,
		fetcher:        o.Fetcher,
		group:          o.Group,
		resolver:       o.Resolver,
		index:          o.Index,
		workers:        o.Workers,
		now:            o.Now,
		log:            o.Logger,
		graves:         &graves{},
		keepSuperseded: o.KeepSuperseded,
		cacheMaxBytes:  o.CacheMaxBytes,
		leases:         newLeases(),
		trees:          newTreeCache(),
		flights:        flights{landing: map[format.Digest]chan struct{}{}},
		heat:           heat.New(heatHalfLife, HeatCapacity, o.Now),
		settled:        settled{},
		successors:     heat.NewSuccessors(heatHalfLife, successorsRoots, o.Now),
		opened:         o.Opened,
	}
}

// Busy tells whether a put, a get or a fetch runs.
func (e *Engine) Busy() bool { return e.leases.busy() }

// Store returns the store the engine works on.
func (e *Engine) Store() store.Store { return e.store }
