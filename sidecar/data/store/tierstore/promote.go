package tierstore

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// wantedHeat is the heat from which an encoding is worth copying to the hot tier: two reads within a half-life. One
// reading of everything makes nothing as hot.
const wantedHeat = 1.5

// wantBlock has the encoding that a block was read from copied to the hot tier if it is read often.
func (s *Store) wantBlock(ctx context.Context, block format.Digest) {
	h := s.history.Heat(block)
	if h < wantedHeat {
		return
	}
	if at, err := s.cold.Locate(ctx, block); err == nil && len(at) > 0 {
		s.want(at[0], h)
	}
}

// want has an encoding copied to the hot tier. When too many wait it is left to a later read.
func (s *Store) want(d format.Digest, h float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, buried := s.graves[d]
	_, copied := s.copies[d]
	if h < wantedHeat || buried || copied || len(s.wanted) >= maxWanted {
		return
	}
	s.wanted[d] = h
	s.wake()
}

// candidate is an encoding that is wanted in the hot tier.
type candidate struct {
	digest format.Digest
	heat   float64
}

// takeWanted returns what is to be copied to hot, the hottest first, and forgets it.
func (s *Store) takeWanted() []candidate {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]candidate, 0, len(s.wanted))
	for d, h := range s.wanted {
		all = append(all, candidate{d, h})
	}
	clear(s.wanted)
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Compare(b.heat, a.heat) })
	return all
}

// promoteSome copies to hot what is wanted there: into a full tier only what is hotter than what was moved out of it last.
// The caller has the turn.
func (s *Store) promoteSome(ctx context.Context) (more bool, err error) {
	candidates := s.takeWanted()
	if len(candidates) == 0 {
		return false, nil
	}
	stats, err := s.hot.Stats(ctx)
	if err != nil {
		return false, err
	}
	used, floor := stats.EnvelopeBytes, s.floor.now(s.opts)
	var some []store.Checked
	length := 0
	promote := func() error {
		err := s.promote(ctx, some)
		some, length = nil, 0
		return err
	}
	for _, c := range candidates {
		data, err := s.cold.Encoding(ctx, c.digest)
		if err != nil && isAbsent(err) {
			continue
		}
		if err != nil {
			return false, err
		}
		if used+uint64(len(data)) > s.opts.lowMark() && c.heat <= floor {
			continue
		}
		checked, err := store.Check(data)
		if err != nil {
			return false, err
		}
		some, length, used = append(some, checked), length+len(data), used+uint64(len(data))
		if length >= moveBytes/4 {
			if err := promote(); err != nil {
				return false, err
			}
		}
	}
	return false, promote()
}

// floor is the heat of the hottest encoding that was moved out of the hot tier last.
type floor struct {
	heat float64
	at   time.Time
}

// now is what is left of it by now.
func (f floor) now(o Options) float64 {
	return f.heat * math.Exp2(-float64(o.Now().Sub(f.at))/float64(o.HalfLife))
}

// promote copies encodings of cold to hot.
func (s *Store) promote(ctx context.Context, some []store.Checked) error {
	ctx = context.WithoutCancel(ctx)
	s.moves.Lock()
	defer s.moves.Unlock()
	var b store.Batch
	sizes := map[format.Digest]size{}
	for _, enc := range some {
		d := enc.Digest()
		if !s.promotable(d) {
			continue
		}
		b.PutEncoding(enc)
		if err := b.SetMeta(copyKey(d), nil); err != nil {
			return err
		}
		h := enc.Header()
		sizes[d] = size{1, uint64(len(h.Entries)), uint64(len(enc.Bytes())), uint64(h.PlainSize)}
	}
	if b.Empty() {
		return nil
	}
	if err := s.hot.Apply(ctx, &b, store.Lazy); err != nil {
		return fmt.Errorf("failed to copy encodings to the hot tier: %w", err)
	}
	s.mu.Lock()
	for d, n := range sizes {
		s.copies[d] = n
		s.hidden = s.hidden.plus(n)
		s.tell(d, true)
		s.moved.promoted.Add(1)
		s.moved.promotedBytes.Add(n.envelope)
	}
	s.mu.Unlock()
	return s.recount(ctx)
}

// promotable tells whether an encoding of cold is neither deleted nor in hot already.
func (s *Store) promotable(d format.Digest) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, buried := s.graves[d]
	_, copied := s.copies[d]
	return !buried && !copied
}
