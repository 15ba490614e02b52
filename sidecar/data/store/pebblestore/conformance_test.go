package pebblestore

import (
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/testutil/storetest"
)

// disk is a store's disk in memory.
type disk struct {
	mem     *vfs.MemFS
	full    atomic.Bool
	segment int64

	steps atomic.Int64 // left until space runs out; far from 0 when it does not
	stay  atomic.Bool  // without space from then on
}

// noStep is farther than any test goes.
const noStep = 1 << 40

// takesSpace are the operations for which there may be no space.
var takesSpace = []errorfs.OpKind{
	errorfs.OpCreate, errorfs.OpLink, errorfs.OpRename, errorfs.OpReuseForWrite, errorfs.OpMkdirAll, errorfs.OpFilePreallocate,
	errorfs.OpFileWrite, errorfs.OpFileWriteAt, errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo,
}

func (d *disk) Open() (store.Store, error) {
	fs := errorfs.Wrap(d.mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		isWrite := op.Kind == errorfs.OpFileWrite || op.Kind == errorfs.OpCreate
		if d.full.Load() && isWrite && strings.HasSuffix(op.Path, segmentSuffix) {
			return syscall.ENOSPC
		}
		if slices.Contains(takesSpace, op.Kind) {
			if left := d.steps.Add(-1); left == -1 || left < -1 && d.stay.Load() {
				return syscall.ENOSPC
			}
		}
		return nil
	}))
	s, err := Open("home", Options{FS: fs, SegmentBytes: d.segment})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (d *disk) Crash(seed uint64) storetest.Disk {
	rng := rand.New(rand.NewPCG(seed, 1))
	after := &disk{mem: d.mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: int(seed * 30 % 101), RNG: rng}), segment: d.segment}
	after.SetFull(false)
	return after
}

func (d *disk) SetFull(full bool) {
	d.full.Store(full)
	d.steps.Store(noStep)
}

func (d *disk) FailFrom(n int, stay bool) (reached func() bool) {
	d.stay.Store(stay)
	d.steps.Store(int64(n))
	return func() bool { return d.steps.Load() < 0 }
}

func newDisk(segmentBytes int64) *disk {
	d := &disk{mem: vfs.NewCrashableMem(), segment: segmentBytes}
	d.SetFull(false)
	return d
}

func (d *disk) Damage(tb testing.TB, data []byte) {
	names, err := d.mem.List("home/segments")
	require.NoError(tb, err)
	for _, name := range names {
		path := d.mem.PathJoin("home/segments", name)
		f, err := d.mem.OpenReadWrite(path, vfs.WriteCategoryUnspecified)
		require.NoError(tb, err)
		all, err := io.ReadAll(f)
		require.NoError(tb, err)
		if at := bytes.Index(all, data); at >= 0 {
			_, err := f.WriteAt([]byte{all[at] ^ 1}, int64(at))
			require.NoError(tb, err)
			require.NoError(tb, f.Close())
			return
		}
		require.NoError(tb, f.Close())
	}
	require.Fail(tb, "the data is in no segment")
}

func TestConformance(t *testing.T) {
	t.Run("LargeSegments", func(t *testing.T) {
		storetest.Run(t, func(*testing.T) storetest.Disk { return newDisk(0) })
	})
	t.Run("SmallSegments", func(t *testing.T) {
		storetest.Run(t, func(*testing.T) storetest.Disk { return newDisk(100_000) })
	})
}
