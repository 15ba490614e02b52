package memdisk

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	"github.com/ipdm-network/ipdm/testutil/storetest"
)

const segments = "home/segments"

// Disk is a storetest.Disk in memory.
type Disk struct {
	mem  *vfs.MemFS
	full atomic.Bool
	opts pebblestore.Options
}

var _ storetest.Disk = (*Disk)(nil)

// New returns an empty disk. Its store is opened with o, whose FS is set by the disk.
func New(o pebblestore.Options) *Disk { return &Disk{mem: vfs.NewCrashableMem(), opts: o} }

// Open implements storetest.Disk.
func (d *Disk) Open() (store.Store, error) {
	opts := d.opts
	opts.FS = errorfs.Wrap(d.mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		isWrite := op.Kind == errorfs.OpFileWrite || op.Kind == errorfs.OpCreate
		if d.full.Load() && isWrite && strings.HasPrefix(op.Path, segments) {
			return syscall.ENOSPC
		}
		return nil
	}))
	s, err := pebblestore.Open("home", opts)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Crash implements storetest.Disk.
func (d *Disk) Crash(seed uint64) storetest.Disk { return d.Crashed(seed) }

// Crashed is Crash with the type of the disk.
func (d *Disk) Crashed(seed uint64) *Disk {
	rng := rand.New(rand.NewPCG(seed, 1))
	mem := d.mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: int(seed * 30 % 101), RNG: rng})
	return &Disk{mem: mem, opts: d.opts}
}

// SetFull implements storetest.Disk.
func (d *Disk) SetFull(full bool) { d.full.Store(full) }

// Damage implements storetest.Disk.
func (d *Disk) Damage(tb testing.TB, data []byte) {
	tb.Helper()
	require.True(tb, d.TryDamage(tb, data), "the data is in no segment")
}

// TryDamage is Damage, but tells whether data is stored.
func (d *Disk) TryDamage(tb testing.TB, data []byte) bool {
	tb.Helper()
	names, err := d.mem.List(segments)
	require.NoError(tb, err)
	for _, name := range names {
		f, err := d.mem.OpenReadWrite(d.mem.PathJoin(segments, name), vfs.WriteCategoryUnspecified)
		require.NoError(tb, err)
		all, err := io.ReadAll(f)
		require.NoError(tb, err)
		at := bytes.Index(all, data)
		if at >= 0 {
			_, err := f.WriteAt([]byte{all[at] ^ 1}, int64(at))
			require.NoError(tb, err)
		}
		require.NoError(tb, f.Close())
		if at >= 0 {
			return true
		}
	}
	return false
}
