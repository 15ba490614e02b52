package tierstore_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	"github.com/ipdm-network/ipdm/sidecar/data/store/tierstore"
	"github.com/ipdm-network/ipdm/testutil/memdisk"
	"github.com/ipdm-network/ipdm/testutil/raced"
	"github.com/ipdm-network/ipdm/testutil/storetest"
)

const (
	hotDir  = "home"
	coldDir = "cold"
)

// openPair opens the tiers on a file system that has both: a power failure takes them at the same moment.
func openPair(fs vfs.FS, o tierstore.Options) (*tierstore.Store, error) {
	hot, err := pebblestore.Open(hotDir, pebblestore.Options{FS: fs})
	if err != nil {
		return nil, err
	}
	cold, err := pebblestore.Open(coldDir, pebblestore.Options{FS: fs})
	if err != nil {
		return nil, errors.Join(err, hot.Close())
	}
	return tierstore.Open(context.Background(), hot, cold, o)
}

// disk is one with two tiers on it.
type disk struct {
	*memdisk.Disk
	last *atomic.Pointer[tierstore.Store]
}

func newDisk(o tierstore.Options) disk {
	last := &atomic.Pointer[tierstore.Store]{}
	return disk{memdisk.NewWith(func(fs vfs.FS) (store.Store, error) {
		s, err := openPair(fs, o)
		if err != nil {
			return nil, err
		}
		last.Store(s)
		return s, nil
	}, hotDir, coldDir), last}
}

func (d disk) Crash(seed uint64) storetest.Disk { return disk{d.Crashed(seed), d.last} }

// Damage damages what is stored wherever it is, when no move is under way that has read it already.
func (d disk) Damage(tb testing.TB, data []byte) {
	tb.Helper()
	require.NoError(tb, d.last.Load().Settle(tb.Context()))
	require.NotZero(tb, d.DamageEverywhere(tb, data))
}

func TestConformance(t *testing.T) {
	for name, opts := range map[string]tierstore.Options{
		"EverythingMoves": {HotMaxBytes: 1},
		"SomeMoves":       {HotMaxBytes: 400_000},
	} {
		if raced.On && name != "EverythingMoves" {
			continue // the suite is the same, and so is what runs beside it
		}
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(*testing.T) storetest.Disk { return newDisk(opts) })
		})
	}
}
