package tierstore

import (
	"context"
	"errors"
	"hash/maphash"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// walk is one iteration over both tiers, during which encodings may change sides. It yields what is in cold only at its
// beginning, then what is in hot, and between that what has been moved from hot to cold meanwhile.
type walk struct {
	promoted map[format.Digest]struct{} // were in cold only before; guarded by the store's mu
	demoted  map[format.Digest]struct{} // were in hot before; guarded by the store's mu
	moved    []format.Digest            // the keys of demoted that are to be yielded, in order; guarded by the store's mu
	deleted  map[format.Digest]struct{} // from cold, whose view may still show them; guarded by the store's mu

	seed maphash.Seed
	seen map[uint64]struct{} // hashes of what was yielded since the cold tier was through
}

// first tells whether an encoding of the hot tier has not been yielded yet, and remembers it.
func (w *walk) first(d format.Digest) bool {
	h := maphash.Bytes(w.seed, d[:])
	_, seen := w.seen[h]
	w.seen[h] = struct{}{}
	return !seen
}

// IterateEncodings implements store.Store. The order is that of the cold tier and then that of the hot one, in each the
// order in which encodings came there. It remembers 8 bytes of each encoding of the hot tier, and those moved meanwhile.
func (s *Store) IterateEncodings(ctx context.Context, yield func(store.Encoding) error) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	w := &walk{
		promoted: map[format.Digest]struct{}{},
		demoted:  map[format.Digest]struct{}{},
		deleted:  map[format.Digest]struct{}{},
		seed:     maphash.MakeSeed(),
		seen:     map[uint64]struct{}{},
	}
	s.begin(w)
	defer s.end(w)
	err = s.cold.IterateEncodings(ctx, func(e store.Encoding) error {
		if !s.fromColdOnly(w, e.Digest) {
			return nil
		}
		return yield(e)
	})
	if err != nil {
		return err
	}
	err = s.hot.IterateEncodings(ctx, func(e store.Encoding) error {
		if err := s.yieldMoved(ctx, w, yield); err != nil {
			return err
		}
		if s.wasPromoted(w, e.Digest) || !w.first(e.Digest) {
			return nil
		}
		if e.Damaged {
			return s.yieldNow(ctx, e.Digest, yield) // the other tier may have it sound
		}
		return yield(e)
	})
	if err != nil {
		return err
	}
	s.awaitMove()
	return s.yieldMoved(ctx, w, yield)
}

// awaitMove waits until a move that is being made has told the walks of it: what a walk sees in a tier may be ahead of that.
func (s *Store) awaitMove() {
	s.moves.RLock()
	defer s.moves.RUnlock()
}

// yieldMoved yields what was moved to cold and had not been yielded in hot.
func (s *Store) yieldMoved(ctx context.Context, w *walk, yield func(store.Encoding) error) error {
	for _, d := range s.takeMoved(w) {
		if !w.first(d) {
			continue
		}
		if err := s.yieldNow(ctx, d, yield); err != nil {
			return err
		}
	}
	return nil
}

// yieldNow yields an encoding as it is by now, if it is there.
func (s *Store) yieldNow(ctx context.Context, d format.Digest, yield func(store.Encoding) error) error {
	e, err := s.statEncoding(ctx, d)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return yield(e)
}

func (s *Store) takeMoved(w *walk) []format.Digest {
	s.mu.Lock()
	defer s.mu.Unlock()
	moved := w.moved
	w.moved = nil
	return moved
}

func (s *Store) begin(w *walk) {
	s.moves.RLock() // no move has changed a tier without being told
	defer s.moves.RUnlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.walks[w] = struct{}{}
}

func (s *Store) end(w *walk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.walks, w)
}

// fromColdOnly tells whether an encoding of the cold tier was there only when the walk began.
func (s *Store) fromColdOnly(w *walk, d format.Digest) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := w.deleted[d]; ok {
		return false
	}
	if _, ok := w.promoted[d]; ok {
		return true
	}
	for _, elsewhere := range []map[format.Digest]size{s.graves, s.copies, s.flight} {
		if _, ok := elsewhere[d]; ok {
			return false
		}
	}
	_, ok := w.demoted[d]
	return !ok
}

// wasPromoted tells whether an encoding of the hot tier was in cold only when the walk began.
func (s *Store) wasPromoted(w *walk, d format.Digest) bool {
	s.awaitMove()
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := w.promoted[d]
	return ok
}

// tell tells all walks that an encoding has changed sides. The caller holds mu.
func (s *Store) tell(d format.Digest, promoted bool) {
	for w := range s.walks {
		_, up := w.promoted[d]
		_, down := w.demoted[d]
		switch {
		case up || down:
		case promoted:
			w.promoted[d] = struct{}{}
		default:
			w.demoted[d] = struct{}{}
			w.moved = append(w.moved, d)
		}
	}
}
