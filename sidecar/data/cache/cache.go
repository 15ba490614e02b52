package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const (
	// entryBytes is about what a block takes in memory beside its data.
	entryBytes = 200
	// sharedBytes is the length from which a block is kept as the store returned it. A shorter one is copied: the store
	// may have cut it out of a decoded pack, all of which would stay in memory with it.
	sharedBytes = envelope.MaxPlainSize / 2
)

// kept is a block in memory.
type kept struct {
	codec uint64
	data  []byte
}

// Store is a store.Store that keeps blocks of another one in memory.
type Store struct {
	store.Store

	blocks *otter.Cache[format.Digest, kept]
	closed atomic.Bool
	misses atomic.Uint64
	absent atomic.Uint64

	// A block that is being read while an encoding is deleted may be gone by the time it is read, and is not kept.
	deleting  atomic.Int64  // calls of Apply in progress that delete encodings
	deletions atomic.Uint64 // such calls begun so far
}

var _ store.Store = (*Store)(nil)

// Figures are the counts of a Store since it was made, and what it holds now.
type Figures struct {
	Hits, Misses uint64 // calls of Open answered from memory, and passed on
	Absent       uint64 // of those passed on, what the store below does not have
	Evictions    uint64 // blocks displaced by others, or not let in
	Blocks       uint64 // held now
	Bytes        uint64 // what they take in memory
}

// New returns a Store that keeps blocks of s in about maxBytes of memory. Closing it closes s.
func New(s store.Store, maxBytes uint64) (*Store, error) {
	blocks, err := otter.New(&otter.Options[format.Digest, kept]{
		MaximumWeight: maxBytes,
		Weigher: func(_ format.Digest, k kept) uint32 {
			return uint32(min(len(k.data)+entryBytes, math.MaxUint32))
		},
		StatsRecorder: stats.NewCounter(),
		// The cache's upkeep is done by its callers, so that no goroutine outlives Close.
		Executor: func(task func()) { task() },
	})
	if err != nil {
		return nil, fmt.Errorf("failed to make a cache of %d bytes: %w", maxBytes, err)
	}
	return &Store{Store: s, blocks: blocks}, nil
}

// Open implements store.Store.
func (s *Store) Open(ctx context.Context, block format.Digest) (format.Block, error) {
	if err := ctx.Err(); err != nil {
		return format.Block{}, err
	}
	if s.closed.Load() {
		return format.Block{}, store.ErrClosed
	}
	if k, ok := s.blocks.GetIfPresent(block); ok {
		return format.Block{Codec: k.codec, Digest: block, Data: k.data}, nil
	}
	s.misses.Add(1)
	return s.load(ctx, block)
}

// Peek returns a block that is in memory. It counts as no read, neither here nor for what stays.
func (s *Store) Peek(block format.Digest) (format.Block, bool) {
	e, ok := s.blocks.GetEntryQuietly(block)
	if !ok || s.closed.Load() {
		return format.Block{}, false
	}
	return format.Block{Codec: e.Value.codec, Digest: block, Data: e.Value.data}, true
}

// Fill reads a block into memory that nobody has asked for, and returns how many bytes are held then. It is no miss. It
// fails as Open does.
func (s *Store) Fill(ctx context.Context, block format.Digest) (usedBytes uint64, err error) {
	if s.closed.Load() {
		return 0, store.ErrClosed
	}
	if _, ok := s.Peek(block); !ok {
		_, err = s.load(ctx, block)
	}
	return s.blocks.WeightedSize(), err
}

// load reads a block from the store below and keeps it, unless it may be deleted meanwhile.
func (s *Store) load(ctx context.Context, block format.Digest) (format.Block, error) {
	before := s.deletions.Load()
	quiet := s.deleting.Load() == 0
	b, err := s.Store.Open(ctx, block)
	if errors.Is(err, store.ErrNotFound) {
		s.absent.Add(1)
	}
	if err != nil || !quiet {
		return b, err
	}
	k := kept{codec: b.Codec, data: b.Data}
	if len(k.data) < sharedBytes {
		k.data = bytes.Clone(k.data)
	}
	s.blocks.Compute(block, func(old kept, found bool) (kept, otter.ComputeOp) {
		if found || s.deletions.Load() != before {
			return old, otter.CancelOp
		}
		return k, otter.WriteOp
	})
	return b, nil
}

// Apply implements store.Store.
func (s *Store) Apply(ctx context.Context, b *store.Batch, d store.Durability) error {
	deletes := false
	for _, op := range b.Ops() {
		deletes = deletes || op.Kind == store.OpDeleteEncoding
	}
	if !deletes {
		return s.Store.Apply(ctx, b, d)
	}
	s.deleting.Add(1)
	defer s.deleting.Add(-1)
	s.deletions.Add(1)
	gone, err := s.blocksOf(ctx, b)
	if err != nil {
		return err
	}
	err = s.Store.Apply(ctx, b, d)
	for _, block := range gone {
		s.blocks.Invalidate(block)
	}
	return err
}

// blocksOf returns the blocks in memory that an encoding holds which the batch deletes.
func (s *Store) blocksOf(ctx context.Context, b *store.Batch) ([]format.Digest, error) {
	var blocks []format.Digest
	for _, op := range b.Ops() {
		if op.Kind != store.OpDeleteEncoding {
			continue
		}
		enc, err := s.StatEncoding(ctx, op.Digest)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, e := range enc.Entries {
			if _, ok := s.blocks.GetEntryQuietly(e.Digest); ok {
				blocks = append(blocks, e.Digest)
			}
		}
	}
	return blocks, nil
}

// Figures returns the store's counts.
func (s *Store) Figures() Figures {
	st := s.blocks.Stats()
	return Figures{
		Hits:      st.Hits,
		Misses:    s.misses.Load(),
		Absent:    s.absent.Load(),
		Evictions: st.Evictions,
		Blocks:    uint64(s.blocks.EstimatedSize()),
		Bytes:     s.blocks.WeightedSize(),
	}
}

// Close implements store.Store.
func (s *Store) Close() error {
	s.closed.Store(true)
	err := s.Store.Close()
	s.blocks.InvalidateAll()
	return err
}
