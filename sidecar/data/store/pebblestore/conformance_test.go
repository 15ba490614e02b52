package pebblestore_test

import (
	"testing"

	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	"github.com/ipdm-network/ipdm/testutil/memdisk"
	"github.com/ipdm-network/ipdm/testutil/storetest"
)

func TestConformance(t *testing.T) {
	for name, opts := range map[string]pebblestore.Options{
		"LargeSegments": {},
		"SmallTables":   {BlockTableEntries: 3},
		"SmallSegments": {SegmentBytes: 100_000},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(*testing.T) storetest.Disk { return memdisk.New(opts) })
		})
	}
}
