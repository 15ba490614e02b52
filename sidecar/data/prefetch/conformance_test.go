package prefetch_test

import (
	"testing"

	"github.com/ipdm-network/ipdm/sidecar/data/cache"
	"github.com/ipdm-network/ipdm/sidecar/data/prefetch"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	"github.com/ipdm-network/ipdm/testutil/memdisk"
	"github.com/ipdm-network/ipdm/testutil/raced"
	"github.com/ipdm-network/ipdm/testutil/storetest"
)

// disk is one whose store is read through a Source.
type disk struct{ *memdisk.Disk }

func (d disk) Open() (store.Store, error) {
	s, err := d.Disk.Open()
	if err != nil {
		return nil, err
	}
	staged := prefetch.NewStore(s, stageBytes)
	top, err := cache.New(staged, 16<<20)
	if err != nil {
		return nil, err
	}
	return staged.Source(top), nil
}

func (d disk) Crash(seed uint64) storetest.Disk { return disk{d.Crashed(seed)} }

// TestConformance: with nothing loaded it is the store below, which the suite watches with the race detector elsewhere.
func TestConformance(t *testing.T) {
	if raced.On {
		t.Skip("takes minutes")
	}
	storetest.Run(t, func(*testing.T) storetest.Disk { return disk{memdisk.New(pebblestore.Options{})} })
}
