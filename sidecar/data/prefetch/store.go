package prefetch

import (
	"context"
	"math"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// Store is a store.Store with blocks of another one that a Prefetcher has loaded. A memory cache lies above it. It hands
// each out once, to the first reader.
type Store struct {
	store.Store
	stage *stage
}

var _ store.Store = (*Store)(nil)

// NewStore returns a Store on s that holds at most maxBytes of what is loaded, and a little more for a moment: up to
// 2 MiB for each load that is under way. Closing it closes s.
func NewStore(s store.Store, maxBytes uint64) *Store {
	return &Store{Store: s, stage: newStage(int(min(maxBytes, math.MaxInt32)))}
}

// Open implements store.Store.
func (s *Store) Open(ctx context.Context, block format.Digest) (format.Block, error) {
	if b, ok := s.stage.take(ctx, item{digest: block}); ok {
		return b, nil
	}
	return s.Store.Open(ctx, block)
}

// Apply implements store.Store. What is loaded is forgotten when something is deleted: it may be that.
func (s *Store) Apply(ctx context.Context, b *store.Batch, d store.Durability) error {
	for _, op := range b.Ops() {
		if op.Kind == store.OpDeleteEncoding {
			defer s.stage.clear()
			break
		}
	}
	return s.Store.Apply(ctx, b, d)
}

// Close implements store.Store.
func (s *Store) Close() error {
	err := s.Store.Close()
	s.stage.clear()
	return err
}

// Source is what peers are served from: a store on top of a Store, whose encodings come from memory if they have been
// loaded. Its owner closes the store, not the Source.
type Source struct {
	store.Store
	stage *stage
}

// Source returns a Source that reads through top.
func (s *Store) Source(top store.Store) *Source { return &Source{Store: top, stage: s.stage} }

// Encoding implements store.Store.
func (s *Source) Encoding(ctx context.Context, encoding format.Digest) ([]byte, error) {
	if b, ok := s.stage.take(ctx, item{digest: encoding, encoded: true}); ok {
		return b.Data, nil
	}
	return s.Store.Encoding(ctx, encoding)
}
