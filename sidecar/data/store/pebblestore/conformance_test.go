package pebblestore

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

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/testutil/storetest"
)

// disk is a store's disk in memory.
type disk struct {
	mem     *vfs.MemFS
	full    atomic.Bool
	segment int64
}

func (d *disk) Open() (store.Store, error) {
	fs := errorfs.Wrap(d.mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		isWrite := op.Kind == errorfs.OpFileWrite || op.Kind == errorfs.OpCreate
		if d.full.Load() && isWrite && strings.HasSuffix(op.Path, segmentSuffix) {
			return syscall.ENOSPC
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
	return &disk{mem: d.mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: int(seed * 30 % 101), RNG: rng}), segment: d.segment}
}

func (d *disk) SetFull(full bool) { d.full.Store(full) }

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
		storetest.Run(t, func(*testing.T) storetest.Disk { return &disk{mem: vfs.NewCrashableMem()} })
	})
	t.Run("SmallSegments", func(t *testing.T) {
		storetest.Run(t, func(*testing.T) storetest.Disk { return &disk{mem: vfs.NewCrashableMem(), segment: 100_000} })
	})
}

// TestLostSegment: encodings whose segment is gone, or cut short, count as absent, while the store is open and after
// reopening it, and can be stored again.
func TestLostSegment(t *testing.T) {
	for name, lose := range map[string]func(tb testing.TB, path string){
		"removed": func(tb testing.TB, path string) { require.NoError(tb, vfs.Default.Remove(path)) },
		"cut short": func(tb testing.TB, path string) {
			f, err := vfs.Default.Create(path, vfs.WriteCategoryUnspecified)
			require.NoError(tb, err)
			require.NoError(tb, f.Close())
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, err := Open(dir, Options{SegmentBytes: 50_000})
			require.NoError(t, err)
			enc, blocks := storetest.Pack(t, 1, 5, 20_000)
			other, otherBlocks := storetest.Pack(t, 2, 5, 20_000)
			for _, e := range []store.Checked{enc, other} {
				_, err := store.PutEncoding(t.Context(), s, e.Bytes())
				require.NoError(t, err)
			}
			lose(t, s.files.path(0))
			_, err = s.Open(t.Context(), blocks[0].Digest)
			require.ErrorIs(t, err, store.ErrCorrupt)
			_, err = s.Open(t.Context(), otherBlocks[0].Digest)
			require.NoError(t, err)
			require.NoError(t, s.Close())

			s, err = Open(dir, Options{})
			require.NoError(t, err)
			defer func() { require.NoError(t, s.Close()) }()
			has, err := s.Has(t.Context(), blocks[0].Digest)
			require.NoError(t, err)
			require.False(t, has)
			_, err = store.PutEncoding(t.Context(), s, enc.Bytes())
			require.NoError(t, err)
			got, err := s.Open(t.Context(), blocks[0].Digest)
			require.NoError(t, err)
			require.Equal(t, blocks[0].Data, got.Data)
		})
	}
}

// TestIndexFailure: an index that cannot be written stops changes with a clear error and leaves reading possible.
func TestIndexFailure(t *testing.T) {
	var full atomic.Bool
	fs := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if full.Load() && op.Kind == errorfs.OpFileWrite && strings.HasSuffix(op.Path, ".log") {
			return syscall.ENOSPC
		}
		return nil
	}))
	s, err := Open("home", Options{FS: fs})
	require.NoError(t, err)
	enc, blocks := storetest.Pack(t, 1, 5, 2000)
	_, err = store.PutEncoding(t.Context(), s, enc.Bytes())
	require.NoError(t, err)
	full.Store(true)
	other, _ := storetest.Pack(t, 2, 5, 2000)
	_, err = store.PutEncoding(t.Context(), s, other.Bytes())
	require.ErrorIs(t, err, store.ErrFailed)
	require.ErrorIs(t, err, store.ErrFull)
	got, err := s.Open(t.Context(), blocks[0].Digest)
	require.NoError(t, err)
	require.Equal(t, blocks[0].Data, got.Data)
	require.ErrorIs(t, s.Sync(t.Context()), store.ErrFailed)
}

// TestComparerKeepsPebblesRules: keys sort by prefix first, and all keys of one block share theirs.
func TestComparerKeepsPebblesRules(t *testing.T) {
	a, b := format.Sum([]byte("a")), format.Sum([]byte("b"))
	require.Equal(t, blockPrefix(a), comparer.Split.Prefix(blockKey(a, 7)))
	require.Equal(t, encodingKey(b), comparer.Split.Prefix(encodingKey(b)))
	keys := [][]byte{
		blockKey(a, 0), blockKey(a, 1<<63), blockKey(b, 1), blockPrefix(a), encodingKey(a), recordKey(1), recordKey(1 << 40),
		metaKey([]byte("x")), metaKey([]byte("xy")), {'b'}, {},
	}
	for _, x := range keys {
		for _, y := range keys {
			px, py := comparer.Split.Prefix(x), comparer.Split.Prefix(y)
			if c := comparer.Compare(px, py); c != 0 {
				require.Equal(t, c, comparer.Compare(x, y))
			}
			if comparer.Compare(x, y) <= 0 {
				require.LessOrEqual(t, comparer.Compare(px, py), 0)
			}
		}
	}
	require.Equal(t, []byte{'c'}, keyAfter([]byte{'b'}))
	require.Equal(t, []byte{'c'}, keyAfter([]byte{'b', 0xff}))
	require.Nil(t, keyAfter([]byte{0xff}))
}

func FuzzDecodeRecord(f *testing.F) {
	enc, _ := storetest.Pack(f, 1, 3, 10)
	f.Add(newRecord(enc, 3, 77).append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRecord(b)
		if err != nil {
			return
		}
		require.Equal(t, b, r.append(nil))
	})
}

// BenchmarkPutSmallBlocks stores packs of 256-byte blocks, hashed and indexed, with one sync for each 4 MiB.
func BenchmarkPutSmallBlocks(b *testing.B) {
	s, err := Open(b.TempDir(), Options{})
	require.NoError(b, err)
	defer func() { require.NoError(b, s.Close()) }()
	const perPack, packs = 2000, 8
	data := make([]byte, perPack*packs*256)
	rng := rand.NewChaCha8([32]byte{})
	b.ReportAllocs()
	b.SetBytes(256)
	for n := 0; n < b.N; {
		b.StopTimer()
		_, _ = rng.Read(data)
		b.StartTimer()
		var batch store.Batch
		for rest := data; len(rest) > 0; {
			blocks := make([]format.Block, perPack)
			for i := range blocks {
				blocks[i] = format.NewBlock(format.Raw, rest[:256:256])
				rest = rest[256:]
			}
			enc, err := store.Encode(envelope.None, 0, blocks)
			require.NoError(b, err)
			batch.PutEncoding(enc)
			n += perPack
		}
		require.NoError(b, s.Apply(b.Context(), &batch, store.Durable))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "blocks/s")
}

// BenchmarkOpenSmallBlocks reads 256-byte blocks that are in the cache of decoded packs.
func BenchmarkOpenSmallBlocks(b *testing.B) {
	s, err := Open(b.TempDir(), Options{})
	require.NoError(b, err)
	defer func() { require.NoError(b, s.Close()) }()
	enc, blocks := storetest.Pack(b, 1, 2000, 256)
	_, err = store.PutEncoding(b.Context(), s, enc.Bytes())
	require.NoError(b, err)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := s.Open(b.Context(), blocks[i%len(blocks)].Digest); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "blocks/s")
}
