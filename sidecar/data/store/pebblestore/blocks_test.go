package pebblestore

import (
	"context"
	"encoding/binary"
	"path/filepath"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/testutil/storetest"
)

// withFormerLayout turns the store in dir into one of the layout before blocks had an index of their own.
func withFormerLayout(t *testing.T, dir string) {
	t.Helper()
	s, err := Open(dir, Options{})
	require.NoError(t, err)
	b := s.db.NewBatch()
	require.NoError(t, b.Delete([]byte{spaceVersion}, nil))
	require.NoError(t, s.IterateEncodings(t.Context(), func(e store.Encoding) error {
		number, r, err := s.find(e.Digest)
		require.NoError(t, err)
		r.entries = nil
		r.count = len(e.Entries)
		value := r.append(nil)[:recordHeaderSize]
		value[0] = recordVersionRows
		for i, entry := range e.Entries {
			value = append(append(value, byte(entry.Codec)), entry.Digest[:]...)
			value = binary.BigEndian.AppendUint32(value, entry.Size)
			key := binary.BigEndian.AppendUint64(append([]byte{spaceBlock}, entry.Digest[:]...), number)
			at := binary.BigEndian.AppendUint16([]byte{byte(entry.Codec)}, uint16(i))
			require.NoError(t, b.Set(key, binary.BigEndian.AppendUint32(at, entry.Size), nil))
		}
		return b.Set(recordKey(number), value, nil)
	}))
	require.NoError(t, b.Commit(pebble.Sync))
	require.NoError(t, b.Close())
	require.NoError(t, s.Close())
	require.NoError(t, vfs.Default.RemoveAll(filepath.Join(dir, "blocks")))
}

func requireOpens(t *testing.T, s *Store, blocks []format.Block) {
	t.Helper()
	for _, want := range blocks {
		got, err := s.Open(t.Context(), want.Digest)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

// TestFormerLayoutIsConverted: a store whose blocks are in pebble's index is converted by opening it.
func TestFormerLayoutIsConverted(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, Options{})
	require.NoError(t, err)
	small, smallBlocks := storetest.Pack(t, 1, 3, 2000)
	large, largeBlocks := storetest.Pack(t, 2, inlineRows+1, 50)
	gone, goneBlocks := storetest.Pack(t, 3, 3, 100)
	var b store.Batch
	b.PutEncoding(small)
	b.PutEncoding(large)
	b.PutEncoding(gone)
	require.NoError(t, s.Apply(t.Context(), &b, store.Durable))
	b.Reset()
	b.DeleteEncoding(gone.Digest())
	require.NoError(t, s.Apply(t.Context(), &b, store.Durable))
	require.NoError(t, s.Close())
	withFormerLayout(t, dir)

	for range 2 {
		s, err = Open(dir, Options{})
		require.NoError(t, err)
		requireOpens(t, s, append(smallBlocks, largeBlocks...))
		_, err = s.Open(t.Context(), goneBlocks[0].Digest)
		require.ErrorIs(t, err, store.ErrNotFound)
		info, err := s.StatEncoding(t.Context(), large.Digest())
		require.NoError(t, err)
		require.Equal(t, large.Header().Entries, info.Entries)
		require.NoError(t, s.each(t.Context(), []byte{spaceBlock}, func(key, _ []byte) error {
			require.Fail(t, "a block is left in pebble's index")
			return nil
		}))
		require.NoError(t, s.Close())
	}
}

// TestLaterLayoutIsRefused: a store that a later version has written is left alone.
func TestLaterLayoutIsRefused(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, Options{})
	require.NoError(t, err)
	require.NoError(t, s.db.Set([]byte{spaceVersion}, []byte{layoutVersion + 1}, pebble.Sync))
	require.NoError(t, s.Close())
	_, err = Open(dir, Options{})
	require.ErrorContains(t, err, "use the version of ipdm that wrote it")
	require.NotErrorIs(t, err, store.ErrCorrupt)
}

// TestBlockIndexIsRebuilt: the index of blocks is made again from the segments when it is lost or damaged.
func TestBlockIndexIsRebuilt(t *testing.T) {
	for name, lose := range map[string]func(t *testing.T, dir string){
		"lost": func(t *testing.T, dir string) {
			require.NoError(t, vfs.Default.RemoveAll(dir))
		},
		"run lost": func(t *testing.T, dir string) {
			names, err := filepath.Glob(filepath.Join(dir, "*.run"))
			require.NoError(t, err)
			require.NotEmpty(t, names)
			require.NoError(t, vfs.Default.Remove(names[0]))
		},
		"run cut short": func(t *testing.T, dir string) {
			names, err := filepath.Glob(filepath.Join(dir, "*.run"))
			require.NoError(t, err)
			f, err := vfs.Default.Create(names[0], vfs.WriteCategoryUnspecified)
			require.NoError(t, err)
			require.NoError(t, f.Close())
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, err := Open(dir, Options{})
			require.NoError(t, err)
			var all []format.Block
			for seed := range uint64(3) {
				enc, blocks := storetest.Pack(t, seed, 80, 50)
				_, err := store.PutEncoding(t.Context(), s, enc.Bytes())
				require.NoError(t, err)
				all = append(all, blocks...)
			}
			require.NoError(t, s.Close())
			lose(t, filepath.Join(dir, "blocks"))
			s, err = Open(dir, Options{})
			require.NoError(t, err)
			requireOpens(t, s, all)
			require.NoError(t, s.Close())
		})
	}
}

// TestNumbersOfUndoneEncodingsAreNotGivenAgain: when a power failure undoes a lazy put that the block index has on disk
// already, the next encoding must not be taken for the one that is gone.
func TestNumbersOfUndoneEncodingsAreNotGivenAgain(t *testing.T) {
	fs := vfs.NewCrashableMem()
	s, err := Open("home", Options{FS: fs})
	require.NoError(t, err)
	undone, undoneBlocks := storetest.Pack(t, 1, 3, 100)
	var b store.Batch
	b.PutEncoding(undone)
	require.NoError(t, s.Apply(t.Context(), &b, store.Lazy))
	before := fs.CrashClone(vfs.CrashCloneCfg{})
	require.NoError(t, s.blocks.Flush())
	after := fs.CrashClone(vfs.CrashCloneCfg{})
	require.NoError(t, s.Close())

	// The block index of the later moment beside everything else of the earlier one: Settle is what rules it out when
	// writes are not reordered.
	require.NoError(t, before.RemoveAll("home/blocks"))
	_, err = vfs.Clone(after, before, "home/blocks", "home/blocks")
	require.NoError(t, err)
	s, err = Open("home", Options{FS: before})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	_, err = s.Open(t.Context(), undoneBlocks[0].Digest)
	require.ErrorIs(t, err, store.ErrNotFound)
	other, otherBlocks := storetest.Pack(t, 2, 3, 100)
	_, err = store.PutEncoding(t.Context(), s, other.Bytes())
	require.NoError(t, err)
	_, err = s.Open(t.Context(), undoneBlocks[0].Digest)
	require.ErrorIs(t, err, store.ErrNotFound)
	requireOpens(t, s, otherBlocks)
}

// TestOpenOfCachedBlocksAllocatesNothing: neither does it find blocks of encodings that are deleted.
func TestOpenOfCachedBlocksAllocatesNothing(t *testing.T) {
	s, err := Open(t.TempDir(), Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	enc, blocks := storetest.Pack(t, 1, 3000, 256)
	_, err = store.PutEncoding(t.Context(), s, enc.Bytes())
	require.NoError(t, err)
	requireOpens(t, s, blocks)
	ctx, i := context.Background(), 0
	require.Zero(t, testing.AllocsPerRun(3000, func() {
		_, err = s.Open(ctx, blocks[i%len(blocks)].Digest)
		i++
	}))
	require.NoError(t, err)

	var b store.Batch
	b.DeleteEncoding(enc.Digest())
	require.NoError(t, s.Apply(t.Context(), &b, store.Lazy))
	for _, block := range blocks {
		_, err := s.Open(t.Context(), block.Digest)
		require.ErrorIs(t, err, store.ErrNotFound)
	}
}
