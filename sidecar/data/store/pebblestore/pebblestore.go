package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"golang.org/x/sync/singleflight"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/internal/decoded"
	"github.com/ipdm-network/ipdm/sidecar/data/store/internal/failstop"
	"github.com/ipdm-network/ipdm/sidecar/data/store/internal/folder"
	"github.com/ipdm-network/ipdm/sidecar/data/store/internal/gate"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore/blockindex"
)

// Store is a store.Store on one directory.
type Store struct {
	opts    Options
	dir     string
	lock    io.Closer
	db      *pebble.DB
	blocks  *blockindex.Index
	files   segmentFiles
	failure *failstop.Latch
	decoded *decoded.Cache
	loading singleflight.Group // by encoding number

	queue     chan *request
	stop      chan struct{}
	committer sync.WaitGroup

	reclaim sync.Mutex // held while Reclaim runs

	gate *gate.Gate

	mu       sync.RWMutex
	segments map[uint32]*segmentUse // guarded by mu
	live     numberSet              // of the encodings that are stored; guarded by mu
	damaged  map[uint64]struct{}    // encoding numbers; guarded by mu
	stats    store.Stats            // without DiskBytes and Damaged; guarded by mu
}

// segmentUse counts the bytes of a segment.
type segmentUse struct {
	length uint64 // of the file
	live   uint64 // of the envelopes the index names
}

var _ store.Store = (*Store)(nil)

// Open opens the store in dir and creates it if there is none. It fails with store.ErrLocked when the directory is in
// use, and with store.ErrCorrupt when the index cannot be read.
func Open(dir string, opts Options) (_ *Store, err error) {
	opts = opts.withDefaults()
	fs := opts.FS
	files := segmentFiles{fs: fs, dir: fs.PathJoin(dir, "segments")}
	if err := folder.Make(fs, dir, files.dir); err != nil {
		return nil, writeError("create store", err)
	}
	lock, err := folder.Lock(fs, dir)
	if err != nil {
		return nil, err
	}
	s := &Store{
		opts:     opts,
		dir:      dir,
		lock:     lock,
		files:    files,
		failure:  failstop.New(opts.Logger),
		decoded:  decoded.New(opts.DecodedCacheBytes),
		queue:    make(chan *request, queueLength),
		stop:     make(chan struct{}),
		gate:     gate.New(),
		segments: map[uint32]*segmentUse{},
		live:     numberSet{},
		damaged:  map[uint64]struct{}{},
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, lock.Close())
		}
	}()
	if err := s.openIndex(); err != nil {
		return nil, err
	}
	nextSegment, nextNumber, err := s.load()
	if err == nil {
		err = s.openBlocks(&nextNumber)
	}
	if err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	c := &committer{
		store:  s,
		append: appender{files: files, limit: opts.SegmentBytes, reserve: opts.ReserveBytes, next: nextSegment},
		next:   nextNumber,
	}
	s.committer.Go(c.run)
	return s, nil
}

func (s *Store) openIndex() error {
	cache := pebble.NewCache(s.opts.IndexCacheBytes)
	defer cache.Unref()
	po := &pebble.Options{
		FS:                 s.opts.FS,
		Cache:              cache,
		Comparer:           comparer,
		FormatMajorVersion: pebble.FormatNewest,
		MemTableSize:       4 << 20,
		WALBytesPerSync:    512 << 10,
		Logger:             s.failure,
	}
	for i := range po.Levels {
		po.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	db, err := pebble.Open(s.opts.FS.PathJoin(s.dir, "index"), po)
	if err != nil {
		return readError("open the index in "+s.dir, err)
	}
	s.db = db
	return nil
}

// load counts what the index names, compares it with the segment files and removes files that nothing names.
func (s *Store) load() (nextSegment uint32, nextNumber uint64, err error) {
	lengths, err := s.files.list()
	if err != nil {
		return 0, 0, err
	}
	for number, length := range lengths {
		s.segments[number] = &segmentUse{length: length}
		nextSegment = max(nextSegment, number+1)
	}
	err = s.eachRecord(context.Background(), 0, func(number uint64, r record) error {
		nextNumber = max(nextNumber, number+1)
		nextSegment = max(nextSegment, r.segment+1)
		s.count(r, +1)
		s.live.add(number)
		use, ok := s.segments[r.segment]
		if !ok {
			use = &segmentUse{}
			s.segments[r.segment] = use
		}
		use.live += uint64(r.length)
		if r.offset+uint64(r.length) > use.length {
			s.damaged[number] = struct{}{}
		}
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	if n := len(s.damaged); n > 0 {
		s.opts.Logger.Error("encodings are missing from the segments", "encodings", n)
	}
	for number, use := range s.segments {
		if use.live == 0 {
			if err := s.files.remove(number); err != nil {
				return 0, 0, err
			}
			delete(s.segments, number)
		}
	}
	return nextSegment, nextNumber, nil
}

// count adds a record to the figures, or takes it out with sign -1. The caller holds mu or is alone.
func (s *Store) count(r record, sign int) {
	add := func(total *uint64, n int) { *total += uint64(sign * n) }
	add(&s.stats.Encodings, 1)
	add(&s.stats.Blocks, r.count)
	add(&s.stats.EnvelopeBytes, int(r.length))
	add(&s.stats.PlainBytes, int(r.plain))
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

// Stats implements store.Store.
func (s *Store) Stats(ctx context.Context) (store.Stats, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return store.Stats{}, err
	}
	defer leave()
	disk := s.db.Metrics().DiskSpaceUsage() + s.blocks.DiskBytes()
	s.mu.RLock()
	defer s.mu.RUnlock()
	stats := s.stats
	stats.Damaged = uint64(len(s.damaged))
	stats.DiskBytes = disk
	for _, use := range s.segments {
		stats.DiskBytes += use.length
	}
	return stats, nil
}

// Close implements store.Store.
func (s *Store) Close() error {
	if !s.gate.Shut() {
		return nil
	}
	close(s.stop)
	s.committer.Wait()
	err := errors.Join(s.blocks.Close(), s.db.Close(), s.lock.Close())
	if err != nil {
		return fmt.Errorf("failed to close store: %w", err)
	}
	return nil
}
