package s3store

import (
	"testing"

	"github.com/ipdm-network/ipdm/testutil/storetest"
)

func TestConformance(t *testing.T) {
	for name, opts := range map[string]Options{
		"Defaults":        {},
		"SmallSegments":   {SegmentBytes: 100_000},
		"ManyCheckpoints": {SegmentBytes: 300_000, CheckpointEntries: 2},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) storetest.Disk { return newDisk(t, opts) })
		})
	}
}
