package memdisk

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
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	"github.com/ipdm-network/ipdm/testutil/storetest"
)

// Opener opens a store on a file system, and creates it if there is none.
type Opener func(fs vfs.FS) (store.Store, error)

// Disk is a storetest.Disk in memory.
type Disk struct {
	mem  *vfs.MemFS
	full atomic.Bool
	open Opener
	dirs []string // of the stores on it

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

var _ storetest.Exhaustible = (*Disk)(nil)

// New returns an empty disk. Its store is opened with o, whose FS is set by the disk.
func New(o pebblestore.Options) *Disk {
	const dir = "home"
	return NewWith(func(fs vfs.FS) (store.Store, error) {
		o := o
		o.FS = fs
		s, err := pebblestore.Open(dir, o)
		if err != nil {
			return nil, err
		}
		return s, nil
	}, dir)
}

// NewWith returns an empty disk with a store that open opens, made of stores of package pebblestore in the given folders.
func NewWith(open Opener, dirs ...string) *Disk { return newDisk(vfs.NewCrashableMem(), open, dirs) }

func newDisk(mem *vfs.MemFS, open Opener, dirs []string) *Disk {
	d := &Disk{mem: mem, open: open, dirs: dirs}
	d.steps.Store(noStep)
	return d
}

// Open implements storetest.Disk.
func (d *Disk) Open() (store.Store, error) {
	return d.open(errorfs.Wrap(d.mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		isWrite := op.Kind == errorfs.OpFileWrite || op.Kind == errorfs.OpCreate
		if d.full.Load() && isWrite && slices.ContainsFunc(d.dirs, func(dir string) bool { return strings.HasPrefix(op.Path, segments(dir)) }) {
			return syscall.ENOSPC
		}
		if slices.Contains(takesSpace, op.Kind) {
			if left := d.steps.Add(-1); left == -1 || left < -1 && d.stay.Load() {
				return syscall.ENOSPC
			}
		}
		return nil
	})))
}

func segments(dir string) string { return dir + "/segments" }

// Crash implements storetest.Disk.
func (d *Disk) Crash(seed uint64) storetest.Disk { return d.Crashed(seed) }

// Crashed is Crash with the type of the disk.
func (d *Disk) Crashed(seed uint64) *Disk {
	rng := rand.New(rand.NewPCG(seed, 1))
	mem := d.mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: int(seed * 30 % 101), RNG: rng})
	return newDisk(mem, d.open, d.dirs)
}

// SetFull implements storetest.Disk.
func (d *Disk) SetFull(full bool) {
	d.full.Store(full)
	d.steps.Store(noStep)
}

// FailFrom implements storetest.Exhaustible.
func (d *Disk) FailFrom(n int, stay bool) (reached func() bool) {
	d.stay.Store(stay)
	d.steps.Store(int64(n))
	return func() bool { return d.steps.Load() < 0 }
}

// Damage implements storetest.Disk.
func (d *Disk) Damage(tb testing.TB, data []byte) {
	tb.Helper()
	require.True(tb, d.TryDamage(tb, data), "the data is in no segment")
}

// TryDamage is Damage, but tells whether data is stored.
func (d *Disk) TryDamage(tb testing.TB, data []byte) bool {
	tb.Helper()
	for _, dir := range d.dirs {
		if d.DamageIn(tb, dir, data) {
			return true
		}
	}
	return false
}

// DamageEverywhere flips a bit in one place of every store that has data, and returns in how many that is.
func (d *Disk) DamageEverywhere(tb testing.TB, data []byte) (places int) {
	tb.Helper()
	for _, dir := range d.dirs {
		if d.DamageIn(tb, dir, data) {
			places++
		}
	}
	return places
}

// DamageIn is Damage of the store in one folder; it tells whether data is stored there.
func (d *Disk) DamageIn(tb testing.TB, dir string, data []byte) bool {
	tb.Helper()
	names, err := d.mem.List(segments(dir))
	require.NoError(tb, err)
	for _, name := range names {
		f, err := d.mem.OpenReadWrite(d.mem.PathJoin(segments(dir), name), vfs.WriteCategoryUnspecified)
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
