package blockindex

import (
	"encoding/binary"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
)

// owner is what keeps the encodings of an index in a test.
type owner struct {
	encodings [][]envelope.Entry // by number

	mu   sync.Mutex
	gone map[uint64]bool // guarded by mu
}

func (o *owner) keep(encoding uint64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.gone[encoding]
}

func (o *owner) delete(encoding uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.gone == nil {
		o.gone = map[uint64]bool{}
	}
	o.gone[encoding] = true
}

// blocks returns n blocks out of a small number of different ones, so that there are several copies of each.
func (o *owner) blocks(rng *rand.Rand, n int) []envelope.Entry {
	entries := make([]envelope.Entry, n)
	for i := range entries {
		which := rng.IntN(400)
		entries[i] = envelope.Entry{Codec: format.Raw, Digest: format.Sum(binary.BigEndian.AppendUint64(nil, uint64(which))), Size: uint32(which)}
	}
	return entries
}

// copies returns the encodings that hold each block.
func (o *owner) copies() map[format.Digest][]uint64 {
	all := map[format.Digest][]uint64{}
	for number, entries := range o.encodings {
		for _, e := range entries {
			at := all[e.Digest]
			if o.keep(uint64(number)) && (len(at) == 0 || at[len(at)-1] != uint64(number)) {
				all[e.Digest] = append(at, uint64(number))
			}
		}
	}
	return all
}

func (o *owner) open(tb testing.TB, fs vfs.FS, tableEntries int) *Index {
	tb.Helper()
	x, err := Open("index", Options{FS: fs, Keep: o.keep, Settle: func() error { return nil }, TableEntries: tableEntries})
	require.NoError(tb, err)
	for number := x.Covered(); number < uint64(len(o.encodings)); number++ {
		x.Add(number, o.encodings[number])
	}
	return x
}

func find(tb testing.TB, x *Index, d format.Digest) []Entry {
	tb.Helper()
	var found []Entry
	require.NoError(tb, x.Find(d, func(e Entry) bool {
		found = append(found, e)
		return true
	}))
	return found
}

// TestFindsWhatItsOwnerHas: through any number of tables, runs, merges, deletions, openings and crashes the index finds
// exactly the copies that its owner has, oldest first.
func TestFindsWhatItsOwnerHas(t *testing.T) {
	for _, tableEntries := range []int{1, 40, 3000} {
		rng := rand.New(rand.NewPCG(uint64(tableEntries), 1))
		fs := vfs.NewCrashableMem()
		o := &owner{}
		x := o.open(t, fs, tableEntries)
		for round := range 6 {
			for range 60 {
				number := uint64(len(o.encodings))
				o.encodings = append(o.encodings, o.blocks(rng, 1+rng.IntN(50)))
				require.NoError(t, x.Room())
				x.Add(number, o.encodings[number])
			}
			require.NoError(t, x.Flush())
			switch round % 3 {
			case 1:
				require.NoError(t, x.Close())
				x = o.open(t, fs, tableEntries)
			case 2:
				crashed := fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: rng})
				require.NoError(t, x.Close())
				fs = crashed
				x = o.open(t, fs, tableEntries)
			}
			copies := o.copies()
			for which := range 401 {
				d := format.Sum(binary.BigEndian.AppendUint64(nil, uint64(which)))
				var at []uint64
				for _, e := range find(t, x, d) {
					want := o.encodings[e.Encoding][e.Position]
					require.Equal(t, Entry{Block: want.Digest, Encoding: e.Encoding, Position: e.Position, Codec: want.Codec, Size: want.Size}, e)
					require.Equal(t, d, want.Digest)
					if o.keep(e.Encoding) {
						at = append(at, e.Encoding)
					}
				}
				require.Equal(t, copies[d], at)
			}
			requireMayHave(t, x, copies)
			for range 20 {
				o.delete(rng.Uint64N(uint64(len(o.encodings))))
			}
		}
		require.NoError(t, x.Close())
		names, err := fs.List("index")
		require.NoError(t, err)
		require.Less(t, len(names), 60, "runs are merged")
	}
}

// requireMayHave fails if the index rules out a block that it has copies of, or rules out few of those that it never had.
func requireMayHave(t *testing.T, x *Index, copies map[format.Digest][]uint64) {
	t.Helper()
	const others = 1000
	var blocks []format.Digest
	for d := range copies {
		blocks = append(blocks, d)
	}
	for i := range others {
		blocks = append(blocks, format.Sum(binary.BigEndian.AppendUint64([]byte("other"), uint64(i))))
	}
	may := make([]bool, len(blocks))
	x.MayHave(blocks, may)
	wrong := 0
	for i, d := range blocks {
		if _, ok := copies[d]; ok {
			require.True(t, may[i], d)
		} else if may[i] {
			wrong++
		}
	}
	require.Less(t, wrong, others/2)
}

// TestMergingForgetsTheDeleted: entries of encodings that are gone do not stay for ever.
func TestMergingForgetsTheDeleted(t *testing.T) {
	o := &owner{}
	rng := rand.New(rand.NewPCG(1, 1))
	fs := vfs.NewMem()
	for number := range 3 * mergeRuns {
		o.encodings = append(o.encodings, o.blocks(rng, 20))
		if number > 0 {
			o.delete(uint64(number))
		}
	}
	x := o.open(t, fs, 20)
	require.NoError(t, x.Flush())
	x.mu.Lock()
	for x.mergeable() != nil {
		x.changed.Wait()
	}
	x.mu.Unlock()
	require.Len(t, find(t, x, o.encodings[0][0].Digest), 1)
	entries := uint64(0)
	for _, r := range x.runs {
		entries += r.footer.entries
	}
	require.Less(t, entries, uint64(20*mergeRuns+20))
	require.NoError(t, x.Close())
}

// TestDamage: whatever byte of the files is changed, the index says so, at once or when it comes across it, and never
// answers wrongly; opened again, it is empty and can be filled.
func TestDamage(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	o := &owner{}
	o.encodings = append(o.encodings, o.blocks(rng, 300))
	made := vfs.NewCrashableMem()
	require.NoError(t, o.open(t, made, 1000).Close())
	for _, name := range []string{manifestName, runName(0)} {
		for range 40 {
			fs := made.CrashClone(vfs.CrashCloneCfg{})
			flip(t, fs, fs.PathJoin("index", name), rng)
			x, err := Open("index", Options{FS: fs, Keep: o.keep, Settle: func() error { return nil }, TableEntries: 1000})
			if err != nil {
				require.ErrorIs(t, err, ErrCorrupt)
				require.NoError(t, Remove(fs, "index"))
			} else {
				damaged := false
				for _, e := range o.encodings[0] {
					found := 0
					if err = x.Find(e.Digest, func(Entry) bool { found++; return true }); err != nil {
						require.ErrorIs(t, err, ErrCorrupt)
						damaged = true
						continue
					}
					require.Equal(t, 1, found)
				}
				require.True(t, damaged, "the checksums cover every byte")
				require.NoError(t, x.Close())
			}
			x = o.open(t, fs, 1000)
			require.Len(t, find(t, x, o.encodings[0][0].Digest), 1)
			require.NoError(t, x.Close())
		}
	}
}

// flip changes one bit of a file.
func flip(t *testing.T, fs vfs.FS, path string, rng *rand.Rand) {
	t.Helper()
	f, err := fs.OpenReadWrite(path, vfs.WriteCategoryUnspecified)
	require.NoError(t, err)
	all, err := io.ReadAll(f)
	require.NoError(t, err)
	at := rng.IntN(len(all))
	_, err = f.WriteAt([]byte{all[at] ^ 1<<rng.IntN(8)}, int64(at))
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

// TestDiskFull: when tables cannot be written the index says so once no more can wait, answers as before, and goes on
// when there is room again.
func TestDiskFull(t *testing.T) {
	var full atomic.Bool
	fs := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if full.Load() && (op.Kind == errorfs.OpFileWrite || op.Kind == errorfs.OpCreate) {
			return syscall.ENOSPC
		}
		return nil
	}))
	o := &owner{}
	rng := rand.New(rand.NewPCG(1, 1))
	x := o.open(t, fs, 10)
	full.Store(true)
	add := func() error {
		if err := x.Room(); err != nil {
			return err
		}
		o.encodings = append(o.encodings, o.blocks(rng, 10))
		x.Add(uint64(len(o.encodings)-1), o.encodings[len(o.encodings)-1])
		return nil
	}
	var err error
	for range 2 * frozenTables {
		if err = add(); err != nil {
			break
		}
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.ErrorIs(t, x.Flush(), syscall.ENOSPC)
	full.Store(false)
	for range 20 {
		require.NoError(t, add())
	}
	require.NoError(t, x.Close())
	x = o.open(t, fs, 10)
	require.EqualValues(t, len(o.encodings), x.Covered())
	for d, at := range o.copies() {
		require.Len(t, find(t, x, d), len(at))
	}
	require.NoError(t, x.Close())
}
