package tierstore

import (
	"context"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const (
	tierHot = iota
	tierCold
)

// Figures are the counts of a Store since it was opened, and what its tiers hold now.
type Figures struct {
	Hot, Cold                    Tier
	Promoted, PromotedBytes      uint64 // encodings copied to the hot tier, and their length
	Demoted, DemotedBytes        uint64 // encodings moved to the cold tier, and their length
	CopiedEncodings, CopiedBytes uint64 // in both tiers now
}

// Tier are the figures of one tier.
type Tier struct {
	Bytes        uint64 // length of the envelopes in it
	DiskBytes    uint64 // what it occupies
	LimitBytes   uint64 // what Bytes may be before something is moved out; 0 is no limit
	Hits, Misses uint64 // calls of Open that it answered, and that it did not
}

// count counts a call of Open that a tier was asked for.
func (s *Store) count(tier int, err error) {
	switch {
	case err == nil:
		s.figures[tier].hits.Add(1)
	case isAbsent(err):
		s.figures[tier].misses.Add(1)
	}
}

// Figures returns the store's counts.
func (s *Store) Figures(ctx context.Context) (Figures, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return Figures{}, err
	}
	defer leave()
	hot, cold, err := s.tierStats(ctx)
	if err != nil {
		return Figures{}, err
	}
	f := Figures{
		Hot: s.tier(tierHot, hot), Cold: s.tier(tierCold, cold),
		Promoted: s.moved.promoted.Load(), PromotedBytes: s.moved.promotedBytes.Load(),
		Demoted: s.moved.demoted.Load(), DemotedBytes: s.moved.demotedBytes.Load(),
	}
	f.Hot.LimitBytes = s.opts.HotMaxBytes
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.copies {
		f.CopiedEncodings++
		f.CopiedBytes += n.envelope
	}
	return f, nil
}

func (s *Store) tier(which int, stats store.Stats) Tier {
	return Tier{
		Bytes: stats.EnvelopeBytes, DiskBytes: stats.DiskBytes,
		Hits: s.figures[which].hits.Load(), Misses: s.figures[which].misses.Load(),
	}
}
