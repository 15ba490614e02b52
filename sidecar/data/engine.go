package data

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// Fetcher gets blocks from other nodes.
type Fetcher interface {
	// Fetch looks for the blocks and calls got for each one found, in any order, one call at a time. The bytes need
	// not be verified, and are got's to keep. For an encoding CID the bytes are the envelope. It returns when all are found, with the error of
	// got, or with an error when it gave up on the rest.
	Fetch(ctx context.Context, cids []cid.Cid, got func(cid.Cid, []byte) error) error
}

// Resolver finds the layouts of the deals that store a root, so that its encodings can be fetched instead of its blocks.
type Resolver interface {
	// Layouts returns layout CIDs, best first, and sees to it that those who hold them can be asked for the root's
	// blocks; none is no error.
	Layouts(ctx context.Context, root cid.Cid) ([]cid.Cid, error)
}

// Options configure an Engine. Every field may be left zero.
type Options struct {
	// Fetcher gets what is not stored; without one a missing block is an error.
	Fetcher Fetcher
	// Resolver finds layouts; without one missing blocks are fetched one by one.
	Resolver Resolver
	// Workers is the number of goroutines that hash and encode for one put, GOMAXPROCS if 0.
	Workers int
	// Now is the clock, time.Now if nil.
	Now func() time.Time
	// Logger takes messages; they are dropped if nil.
	Logger *slog.Logger
}

// Engine stores and reads content. All methods may be called concurrently.
type Engine struct {
	store    store.Store
	fetcher  Fetcher
	resolver Resolver
	workers  int
	now      func() time.Time
	log      *slog.Logger

	leases *leases
	gc     sync.Mutex // held while GC runs
	holds  sync.Mutex // serialises changes to layout records and holds
	trees  *treeCache
	scrub  scrub
}

// New returns an Engine on s, which the caller closes after the last call.
func New(s store.Store, o Options) *Engine {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Engine{
		store:    s,
		fetcher:  o.Fetcher,
		resolver: o.Resolver,
		workers:  o.Workers,
		now:      o.Now,
		log:      o.Logger,
		leases:   newLeases(),
		trees:    newTreeCache(),
	}
}

// Store returns the store the engine works on.
func (e *Engine) Store() store.Store { return e.store }
