package s3store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"golang.org/x/sync/singleflight"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/internal/decoded"
	"github.com/ipdm-network/ipdm/sidecar/data/store/internal/failstop"
	"github.com/ipdm-network/ipdm/sidecar/data/store/internal/folder"
	"github.com/ipdm-network/ipdm/sidecar/data/store/internal/gate"
)

// Store is a store.Store in a bucket.
type Store struct {
	opts    Options
	bucket  *bucket
	lock    io.Closer // of the local folder
	lease   *lease
	index   *index
	failure *failstop.Latch
	decoded *decoded.Cache
	loading singleflight.Group // by encoding number

	queue     chan *request
	stop      chan struct{}
	committer sync.WaitGroup
	workers   sync.WaitGroup  // what runs beside calls: uploads, reads, the keeper of the lock, checkpoints, the sweep
	ctx       context.Context // of workers and the committer, done when the store closes
	cancel    context.CancelFunc

	reclaim sync.Mutex    // held while Reclaim runs
	swept   chan struct{} // closed when the sweep has ended

	gate *gate.Gate

	mu              sync.RWMutex
	buffers         map[uint64]*segment // segments that are not in the bucket yet, by number; guarded by mu
	damaged         map[uint64]struct{} // encoding numbers; guarded by mu
	journalBytes    uint64              // of the entries behind the last checkpoint; guarded by mu
	journalEntries  int                 // guarded by mu
	checkpointBytes uint64              // guarded by mu
	checkpointing   bool                // a checkpoint is being made; guarded by mu
}

var _ store.Store = (*Store)(nil)

// Open opens the store at a location, and makes one if there is none; the bucket must exist. The local folder dir holds
// an index that is made again when it is missing. ctx bounds the opening only. It fails with store.ErrLocked when another
// node, or another Store of this one, has the store or the folder open, with store.ErrCorrupt when the bucket lacks
// objects without which the index cannot be made, and with a reason for people when the server, the bucket or the keys
// do not work.
func Open(ctx context.Context, dir string, l Location, o Options) (_ *Store, err error) {
	o = o.withDefaults()
	if err := l.Validate(); err != nil {
		return nil, fmt.Errorf("failed to open store: %w: %w", store.ErrInvalid, err)
	}
	if err := folder.Make(o.FS, dir, o.FS.PathJoin(dir, "index")); err != nil {
		return nil, indexError("create the folder of the index", err)
	}
	lock, err := folder.Lock(o.FS, dir)
	if err != nil {
		return nil, err
	}
	s := &Store{
		opts:    o,
		lock:    lock,
		failure: failstop.New(o.Logger),
		decoded: decoded.New(o.DecodedCacheBytes),
		queue:   make(chan *request, queueLength),
		stop:    make(chan struct{}),
		swept:   make(chan struct{}),
		gate:    gate.New(),
		buffers: map[uint64]*segment{},
		damaged: map[uint64]struct{}{},
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if err := s.open(ctx, dir, l); err != nil {
		return nil, errors.Join(err, s.release())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, dir string, l Location) error {
	var err error
	if s.bucket, err = openBucket(ctx, l, s.opts); err != nil {
		return err
	}
	if s.index, err = openOrRemakeIndex(dir, s.opts, s.failure); err != nil {
		return err
	}
	owner, err := s.identify(ctx)
	if err != nil {
		return err
	}
	if s.lease, err = acquire(ctx, s.bucket, owner); err != nil {
		return err
	}
	if err := s.recover(ctx); err != nil {
		return err
	}
	if err := s.failure.Get(); err != nil {
		return err
	}
	_, reached := s.index.state()
	first := reached.epoch << segmentsPerEpochBits
	c := &committer{store: s, nextSegment: first}
	s.committer.Go(c.run)
	s.workers.Go(func() { s.lease.keep(s.ctx) })
	s.workers.Go(func() { s.sweep(s.ctx, first) })
	return nil
}

// openOrRemakeIndex opens the local index, and makes an empty one in the place of one that is damaged.
func openOrRemakeIndex(dir string, o Options, log pebble.Logger) (*index, error) {
	x, err := openIndex(dir, o, log)
	if !errors.Is(err, store.ErrCorrupt) {
		return x, err
	}
	o.Logger.Error("the local index is damaged and is made again from the bucket", "error", err)
	if err := o.FS.RemoveAll(o.FS.PathJoin(dir, "index")); err != nil {
		return nil, fmt.Errorf("failed to remove the damaged index: %w", err)
	}
	return openIndex(dir, o, log)
}

// identify finds out which store lies in the bucket, and makes one if there is none. An index of another store is
// cleared. It returns the name of the local folder.
func (s *Store) identify(ctx context.Context) (folder identity, err error) {
	data, _, err := s.bucket.get(ctx, storeKey, maxStoreBytes)
	if errors.Is(err, errNoObject) {
		data = sealStore(newIdentity())
		_, err = s.bucket.put(ctx, storeKey, data, condition{absent: true})
		if errors.Is(err, errCondition) {
			data, _, err = s.bucket.get(ctx, storeKey, maxStoreBytes)
		}
	}
	if err != nil {
		return folder, err
	}
	id, err := unsealStore(data)
	if err != nil {
		return folder, fmt.Errorf("failed to open %s: %w: %w", s.bucket.where, store.ErrCorrupt, err)
	}
	known, folder, err := s.index.identities()
	if err != nil {
		return folder, err
	}
	if known == id {
		return folder, nil
	}
	if err := s.index.clear(); err != nil {
		return folder, err
	}
	folder = newIdentity()
	return folder, s.index.setIdentities(id, folder)
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

// Stats implements store.Store. DiskBytes counts the objects in the bucket, what is not uploaded yet, and the local
// index.
func (s *Store) Stats(ctx context.Context) (store.Stats, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return store.Stats{}, err
	}
	defer leave()
	f, reached := s.index.state()
	s.mu.RLock()
	defer s.mu.RUnlock()
	stats := store.Stats{
		Encodings:     f.encodings,
		Blocks:        f.blocks,
		EnvelopeBytes: f.envelopes,
		PlainBytes:    f.plainBytes,
		Damaged:       uint64(len(s.damaged)),
		FreeBytes:     math.MaxUint64,
		DiskBytes:     s.index.db.Metrics().DiskSpaceUsage() + reached.segments + s.journalBytes + s.checkpointBytes,
	}
	for _, b := range s.buffers {
		stats.DiskBytes += uint64(len(b.data))
	}
	return stats, nil
}

// Close implements store.Store. Changes that no Durable change or Sync has followed may be lost.
func (s *Store) Close() error {
	if !s.gate.Shut() {
		return nil
	}
	close(s.stop)
	if err := s.release(); err != nil {
		return fmt.Errorf("failed to close store: %w", err)
	}
	return nil
}

// release ends what runs and gives back what an opening has taken.
func (s *Store) release() error {
	s.cancel()
	s.committer.Wait()
	s.workers.Wait()
	var errs []error
	if s.lease != nil && s.failure.Get() == nil {
		if err := s.lease.release(); err != nil {
			s.opts.Logger.Warn("the store's lock was not released; it runs out by itself", "error", err)
		}
	}
	if s.index != nil {
		errs = append(errs, s.index.db.Close())
	}
	return errors.Join(append(errs, s.lock.Close())...)
}
