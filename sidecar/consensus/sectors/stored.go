package sectors

import (
	"context"
	"fmt"
	"slices"
	"sync"

	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// stored remembers whose records are known to be in the data plane, and when they were last compared with what is needed.
type stored struct {
	mu   sync.Mutex
	have map[uint64]bool // guarded by mu: by number
	more bool            // guarded by mu: some were stored since the last comparison

	needed []uint64 // at the last comparison; of the goroutine that calls Round
	swept  bool     // there was one
}

func newStored() *stored { return &stored{have: map[uint64]bool{}} }

func (s *stored) add(number uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.have[number], s.more = true, true
}

// takeMore tells whether records were stored since it was last asked.
func (s *stored) takeMore() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	more := s.more
	s.more = false
	return more
}

func (s *stored) has(number uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.have[number]
}

func (s *stored) forget(number uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.have, number)
}

// releaseRecords unpins the records of seals that nobody can dispute any more. It looks when the seals that need theirs have changed, and
// when records were stored: what was under way when its seal became final may come after the look that should have found it.
func (k *Keeper) releaseRecords(ctx context.Context, r *round) error {
	var needed []uint64
	for _, s := range r.sectors {
		if s.live() && s.onChain.Status != poreptypes.SECTOR_STATUS_FINAL {
			needed = append(needed, s.number)
		}
	}
	slices.Sort(needed)
	if more := k.stored.takeMore(); !more && k.stored.swept && slices.Equal(needed, k.stored.needed) {
		return nil
	}
	k.stored.swept = false // until all of it went well
	pinned, err := k.records.List(ctx)
	if err != nil {
		return fmt.Errorf("failed to list the seal records: %w", err)
	}
	for number, all := range pinned {
		if slices.Contains(needed, number) {
			continue
		}
		for _, records := range all {
			if err := k.records.Release(ctx, records); err != nil {
				return fmt.Errorf("failed to let go of the seal records of sector %d: %w", number, err)
			}
		}
		k.stored.forget(number)
		k.log.Info("seal records let go of", "number", number)
	}
	k.stored.needed, k.stored.swept = needed, true
	return nil
}
