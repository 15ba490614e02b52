package tierstore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/heat"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/internal/gate"
)

const (
	// historyDigests is how many blocks and encodings are remembered that were read, about 100 bytes each.
	historyDigests = 1 << 17
	// maxWanted is how many encodings may wait to be copied to the hot store.
	maxWanted = 1024
)

// Store is a store.Store of two tiers.
type Store struct {
	hot, cold store.Store
	opts      Options
	history   *heat.History // of blocks, and of encodings that are read whole
	gate      *gate.Gate

	turn   chan struct{} // holds a token while the cold store is changed
	awake  chan struct{} // tells the mover to look for something to do
	cancel context.CancelFunc
	mover  sync.WaitGroup

	unweighed atomic.Uint64 // bytes stored since the mover was last told
	deletions atomic.Uint64 // deletions begun so far
	deleting  atomic.Int64  // deletions in progress
	room      room

	// moves is held for reading by a call that changes the hot store, and for writing by the mover while an encoding
	// changes sides. It is taken after turn and before mu.
	moves sync.RWMutex

	// removal is held for reading while encodings are deleted, and for writing by a reader that found nothing meanwhile. It is
	// taken before moves.
	removal sync.RWMutex

	mu      sync.Mutex
	copies  map[format.Digest]size    // encodings in both tiers; guarded by mu
	graves  map[format.Digest]size    // what cold has of them is deleted; guarded by mu
	flight  map[format.Digest]size    // on their way to cold, and in hot until they are there; guarded by mu
	hidden  size                      // of copies and graves together, in cold; guarded by mu
	only    size                      // of what is in cold only and not deleted; guarded by mu
	wanted  map[format.Digest]float64 // to be copied to hot, and how hot they are; guarded by mu
	walks   map[*walk]struct{}        // iterations in progress; guarded by mu
	figures [2]struct{ hits, misses atomic.Uint64 }
	moved   struct{ promoted, promotedBytes, demoted, demotedBytes atomic.Uint64 }
	floor   floor // guarded by turn
	refused bool  // cold has no room, and that was logged; guarded by turn
}

var _ store.Store = (*Store)(nil)

// Open makes a store of two. New ones become a pair, and stay one: it fails with ErrPair when they are not. It finishes
// deletions that a crash interrupted. Closing the store closes both, and so does a failure here.
func Open(ctx context.Context, hot, cold store.Store, o Options) (_ *Store, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, hot.Close(), cold.Close())
		}
	}()
	if o.HotMaxBytes == 0 {
		return nil, fmt.Errorf("%w: no room for the hot tier", store.ErrInvalid)
	}
	o = o.withDefaults()
	s := &Store{
		hot: hot, cold: cold, opts: o,
		history: heat.New(o.HalfLife, historyDigests, o.Now),
		gate:    gate.New(),
		turn:    make(chan struct{}, 1),
		awake:   make(chan struct{}, 1),
		copies:  map[format.Digest]size{},
		graves:  map[format.Digest]size{},
		flight:  map[format.Digest]size{},
		wanted:  map[format.Digest]float64{},
		walks:   map[*walk]struct{}{},
	}
	if err := pair(ctx, hot, cold); err != nil {
		return nil, err
	}
	if err := s.load(ctx); err != nil {
		return nil, err
	}
	background, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	s.wake()
	s.mover.Go(func() { s.run(background) })
	return s, nil
}

// enter begins a call; the caller must run the function returned when it is done.
func (s *Store) enter(ctx context.Context) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := s.gate.Enter(); err != nil {
		return nil, err
	}
	return s.gate.Leave, nil
}

// Meta implements store.Store.
func (s *Store) Meta(ctx context.Context, key []byte) ([]byte, error) {
	if isOwn(key) {
		return nil, fmt.Errorf("failed to read metadata: %w", store.ErrNotFound)
	}
	return s.hot.Meta(ctx, key)
}

// IterateMeta implements store.Store.
func (s *Store) IterateMeta(ctx context.Context, prefix []byte, yield func(key, value []byte) error) error {
	return s.hot.IterateMeta(ctx, prefix, func(key, value []byte) error {
		if isOwn(key) {
			return nil
		}
		return yield(key, value)
	})
}

// Sync implements store.Store.
func (s *Store) Sync(ctx context.Context) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	// What changes in cold is durable by the time it counts.
	return s.hot.Sync(ctx)
}

// Stats implements store.Store. An encoding in both tiers counts once, but on both disks, and when damaged in both twice.
// FreeBytes is what both tiers have room for: a writer that outruns the moves is slowed by them when the hot one is full.
func (s *Store) Stats(ctx context.Context) (store.Stats, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return store.Stats{}, err
	}
	defer leave()
	s.moves.RLock()
	defer s.moves.RUnlock()
	hot, cold, err := s.tierStats(ctx)
	if err != nil {
		return store.Stats{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	all := sizeOfAll(hot).plus(s.only)
	stats := store.Stats{
		Encodings: all.encodings, Blocks: all.blocks, EnvelopeBytes: all.envelope, PlainBytes: all.plain,
		DiskBytes:    hot.DiskBytes + cold.DiskBytes,
		Damaged:      hot.Damaged + cold.Damaged,
		QuotaBytes:   s.opts.QuotaBytes,
		ReserveBytes: hot.ReserveBytes + cold.ReserveBytes,
		FreeBytes:    hot.FreeBytes + min(cold.FreeBytes, math.MaxUint64-hot.FreeBytes),
	}
	if quota := s.opts.QuotaBytes; quota > 0 {
		stats.FreeBytes = min(stats.FreeBytes, quota-min(quota, stats.DiskBytes))
	}
	return stats, nil
}

func (s *Store) tierStats(ctx context.Context) (hot, cold store.Stats, err error) {
	if hot, err = s.hot.Stats(ctx); err != nil {
		return hot, cold, fmt.Errorf("failed to take stock of the hot tier: %w", err)
	}
	if cold, err = s.cold.Stats(ctx); err != nil {
		return hot, cold, fmt.Errorf("failed to take stock of the cold tier: %w", err)
	}
	return hot, cold, nil
}

// recount counts what is in cold only. The caller has the turn and moves, or is alone.
func (s *Store) recount(ctx context.Context) error {
	cold, err := s.cold.Stats(ctx)
	if err != nil {
		return fmt.Errorf("failed to take stock of the cold tier: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.only = sizeOfAll(cold).minus(s.hidden)
	return nil
}

// Reclaim implements store.Store. It makes the moves that are due first.
func (s *Store) Reclaim(ctx context.Context) (freedBytes uint64, err error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	if err := s.settle(ctx); err != nil && !errors.Is(err, store.ErrFull) {
		return 0, err
	}
	for _, tier := range []store.Store{s.hot, s.cold} {
		n, err := tier.Reclaim(ctx)
		freedBytes += n
		if err != nil {
			return freedBytes, err
		}
	}
	return freedBytes, nil
}

// Close implements store.Store.
func (s *Store) Close() error {
	if !s.gate.Shut() {
		return nil
	}
	s.cancel()
	s.mover.Wait()
	return errors.Join(s.hot.Close(), s.cold.Close())
}
