package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"
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
	lock    io.Closer // nil if the caller of open has it
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
	live     *numberSet             // of the encodings that are stored; changed with mu held
	damaged  map[uint64]struct{}    // encoding numbers; guarded by mu
	stats    store.Stats            // the counts but for Damaged; guarded by mu
}

// segmentUse counts the bytes of a segment.
type segmentUse struct {
	length uint64 // of the file
	live   uint64 // of the envelopes the index names
}

var _ store.Store = (*Store)(nil)

// The names of a store's folders.
const (
	indexName    = "index"
	blocksName   = "blocks"
	segmentsName = "segments"
)

// Open opens the store in dir and creates it if there is none. It fails with store.ErrLocked when the directory is in
// use, and with store.ErrCorrupt when the index cannot be read, or is gone while there are segments: Fsck makes it anew.
func Open(dir string, opts Options) (_ *Store, err error) {
	opts = opts.withDefaults()
	lock, err := lockDir(opts.FS, dir)
	if err != nil {
		return nil, err
	}
	s, err := open(dir, opts, indexName, blocksName)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	s.lock = lock
	return s, nil
}

// lockDir makes the directories of a store, if there are none, and takes them for this process.
func lockDir(fs vfs.FS, dir string) (io.Closer, error) {
	if err := folder.Make(fs, dir, fs.PathJoin(dir, segmentsName)); err != nil {
		return nil, writeError("create store", err)
	}
	return folder.Lock(fs, dir)
}

// open opens the store with the index and the block index of the given names. The caller has the lock.
func open(dir string, opts Options, index, blocks string) (_ *Store, err error) {
	fs := opts.FS
	files := segmentFiles{fs: fs, dir: fs.PathJoin(dir, segmentsName)}
	s := &Store{
		opts:     opts,
		dir:      dir,
		files:    files,
		failure:  failstop.New(opts.Logger),
		decoded:  decoded.New(opts.DecodedCacheBytes),
		queue:    make(chan *request, queueLength),
		stop:     make(chan struct{}),
		gate:     gate.New(),
		segments: map[uint32]*segmentUse{},
		live:     newNumberSet(),
		damaged:  map[uint64]struct{}{},
	}
	lengths, err := files.list()
	if err != nil {
		return nil, err
	}
	if s.db, err = openIndex(fs.PathJoin(dir, index), opts, s.failure, len(lengths) > 0 && index == indexName); err != nil {
		return nil, err
	}
	nextSegment, nextNumber, err := s.load(lengths)
	if err == nil {
		err = s.openBlocks(fs.PathJoin(dir, blocks), &nextNumber)
	}
	if err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	c := &committer{
		store: s,
		append: appender{
			files: files, limit: opts.SegmentBytes, reserve: opts.ReserveBytes, next: nextSegment, direct: !opts.PageCache,
		},
		next: nextNumber,
	}
	s.committer.Go(c.run)
	return s, nil
}

// openIndex opens the index in dir, and makes it if there is none unless it must exist.
func openIndex(dir string, opts Options, failure *failstop.Latch, mustExist bool) (*pebble.DB, error) {
	cache := pebble.NewCache(opts.IndexCacheBytes)
	defer cache.Unref()
	po := &pebble.Options{
		FS:                 opts.FS,
		ErrorIfNotExists:   mustExist,
		Cache:              cache,
		Comparer:           comparer,
		FormatMajorVersion: pebble.FormatNewest,
		MemTableSize:       4 << 20,
		WALBytesPerSync:    512 << 10,
		Logger:             failure,
	}
	for i := range po.Levels {
		po.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	db, err := pebble.Open(dir, po)
	if errors.Is(err, pebble.ErrDBDoesNotExist) {
		return nil, fmt.Errorf("failed to open the index in %s: %w: there are segments and no index", dir, store.ErrCorrupt)
	}
	if err != nil {
		return nil, readError("open the index in "+dir, err)
	}
	return db, nil
}

// load counts what the index names and compares it with the lengths of the segment files. Files that nothing names are
// left to Reclaim: they are all there is to make a lost index from.
func (s *Store) load(lengths map[uint32]uint64) (nextSegment uint32, nextNumber uint64, err error) {
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
	stats.QuotaBytes, stats.ReserveBytes, stats.FreeBytes = s.opts.QuotaBytes, s.opts.ReserveBytes, s.roomLeft(stats.DiskBytes)
	return stats, nil
}

// Close implements store.Store.
func (s *Store) Close() error {
	if !s.gate.Shut() {
		return nil
	}
	close(s.stop)
	s.committer.Wait()
	err := errors.Join(s.blocks.Close(), s.db.Close())
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	if err != nil {
		return fmt.Errorf("failed to close store: %w", err)
	}
	return nil
}
