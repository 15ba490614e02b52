package pebblestore

import (
	"fmt"
	"math"
	"time"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// indexUsageAge is how old the figure of the index's size may be that the quota is compared with.
const indexUsageAge = time.Second

// room fails with store.ErrQuota or store.ErrFull unless needBytes of new envelopes can be written within the quota and
// with the reserve left over. What Reclaim writes, and metadata, it is not asked for.
func (c *committer) room(needBytes int) error {
	s := c.store
	if quota := s.opts.QuotaBytes; quota > 0 {
		if now := time.Now(); now.Sub(c.indexUsageAt) > indexUsageAge {
			c.indexUsage, c.indexUsageAt = s.db.Metrics().DiskSpaceUsage(), now
		}
		if used := c.indexUsage + s.segmentBytes(); used+uint64(needBytes) > quota {
			return fmt.Errorf("%w: %d of %d bytes used, %d needed", store.ErrQuota, used, quota, needBytes)
		}
	}
	return c.append.room(needBytes)
}

// segmentBytes returns the length of all segments.
func (s *Store) segmentBytes() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var total uint64
	for _, use := range s.segments {
		total += use.length
	}
	return total
}

// roomLeft returns how many bytes can be stored besides usedBytes until the quota or the reserve is reached.
func (s *Store) roomLeft(usedBytes uint64) uint64 {
	left := uint64(math.MaxUint64)
	if usage, err := s.opts.FS.GetDiskUsage(s.files.dir); err == nil {
		left = usage.AvailBytes - min(usage.AvailBytes, s.opts.ReserveBytes)
	}
	if quota := s.opts.QuotaBytes; quota > 0 {
		left = min(left, quota-min(quota, usedBytes))
	}
	return left
}
