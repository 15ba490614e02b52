package tierstore

import (
	"context"
	"errors"
	"hash/maphash"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// walk is one iteration over both tiers, during which encodings may change sides. It yields what is in cold only at its
// beginning, then what is in hot, then what was moved from hot to cold meanwhile.
type walk struct {
	promoted map[format.Digest]struct{} // were in cold only before; guarded by the store's mu
	demoted  map[format.Digest]struct{} // were in hot before; guarded by the store's mu
}

// IterateEncodings implements store.Store. The order is that of the cold tier and then that of the hot one, in each the
// order in which encodings came there. It remembers 8 bytes of each encoding of the hot tier, and those moved meanwhile.
func (s *Store) IterateEncodings(ctx context.Context, yield func(store.Encoding) error) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	w := &walk{promoted: map[format.Digest]struct{}{}, demoted: map[format.Digest]struct{}{}}
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
	seen := map[uint64]struct{}{}
	seed := maphash.MakeSeed()
	err = s.hot.IterateEncodings(ctx, func(e store.Encoding) error {
		if s.wasPromoted(w, e.Digest) {
			return nil
		}
		seen[maphash.Bytes(seed, e.Digest[:])] = struct{}{}
		if e.Damaged {
			// The other tier may have it sound.
			if e, err = s.statEncoding(ctx, e.Digest); errors.Is(err, store.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
		}
		return yield(e)
	})
	if err != nil {
		return err
	}
	for _, d := range s.end(w) {
		if _, ok := seen[maphash.Bytes(seed, d[:])]; ok {
			continue
		}
		e, err := s.statEncoding(ctx, d)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err == nil {
			err = yield(e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) begin(w *walk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.walks[w] = struct{}{}
}

// end ends a walk and returns what was moved from hot to cold meanwhile.
func (s *Store) end(w *walk) []format.Digest {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.walks, w)
	moved := make([]format.Digest, 0, len(w.demoted))
	for d := range w.demoted {
		moved = append(moved, d)
	}
	return moved
}

// fromColdOnly tells whether an encoding of the cold tier was there only when the walk began.
func (s *Store) fromColdOnly(w *walk, d format.Digest) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
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

func (s *Store) wasPromoted(w *walk, d format.Digest) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := w.promoted[d]
	return ok
}

// tell tells all walks that an encoding has changed sides. The caller holds mu.
func (s *Store) tell(d format.Digest, promoted bool) {
	for w := range s.walks {
		to, other := w.demoted, w.promoted
		if promoted {
			to, other = other, to
		}
		if _, ok := other[d]; !ok {
			to[d] = struct{}{}
		}
	}
}
