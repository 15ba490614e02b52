package tierstore

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// usageAge is how old the figure of what both tiers occupy may be that the quota is compared with.
const usageAge = time.Second

// room remembers what both tiers occupy.
type room struct {
	mu   sync.Mutex
	used uint64    // bytes, with what was asked for since; guarded by mu
	at   time.Time // when they were counted; guarded by mu
}

// withinQuota fails with store.ErrQuota unless needBytes more may be stored. Moves are not asked.
func (s *Store) withinQuota(ctx context.Context, needBytes int) error {
	quota := s.opts.QuotaBytes
	if quota == 0 {
		return nil
	}
	s.room.mu.Lock()
	defer s.room.mu.Unlock()
	need := uint64(needBytes)
	if now := time.Now(); now.Sub(s.room.at) > usageAge || s.room.used+need > quota {
		hot, cold, err := s.tierStats(ctx)
		if err != nil {
			return err
		}
		s.room.used, s.room.at = hot.DiskBytes+cold.DiskBytes, now
	}
	if s.room.used+need > quota {
		return fmt.Errorf("%w: %d of %d bytes used, %d needed", store.ErrQuota, s.room.used, quota, needBytes)
	}
	s.room.used += need
	return nil
}
