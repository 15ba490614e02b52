package blockindex

import (
	"bytes"
	"encoding/hex"
	"io"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
)

// TestGoldenFiles pins the files down: an index with the blocks "a" and "b" in encoding 7.
func TestGoldenFiles(t *testing.T) {
	fs := vfs.NewMem()
	x, err := Open("index", Options{FS: fs, Keep: func(uint64) bool { return true }, Settle: func() error { return nil }})
	require.NoError(t, err)
	x.Add(7, []envelope.Entry{
		{Codec: format.Raw, Digest: format.Sum([]byte("a")), Size: 1},
		{Codec: format.DagPB, Digest: format.Sum([]byte("b")), Size: 1},
	})
	require.NoError(t, x.Close())
	read := func(name string) []byte {
		f, err := fs.Open(fs.PathJoin("index", name))
		require.NoError(t, err)
		b, err := io.ReadAll(f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		return b
	}
	require.Equal(t, goldenManifest, hex.EncodeToString(read(manifestName)))
	run := read(runName(0))
	require.Equal(t, goldenEntries, hex.EncodeToString(run[:2*entrySize]))
	require.Equal(t, bytes.Repeat([]byte{0}, offPageCount-2*entrySize), run[2*entrySize:offPageCount])
	require.Equal(t, goldenTail, hex.EncodeToString(run[offPageCount:]))
}

const (
	goldenManifest = "4950444901000000000000000000000800000001000000000000000000000000000000025c33ae5b"
	goldenEntries  = "10e5cf3d3c8a4f9f3468c8cc58eea84892a22fdadbc1acb22410190044c1d5530000000000000007000170000000000117762fddd969a453925d65717ac3eea21320b66b54342fde15128d6caf21215f00000000000000070000550000000001"
	goldenTail     = "00020000000000000000000024a504250800800000000000000000000080010000010004000010000000080000000000000000000000000000000000001000400000000000000800008000000000000010e5cf3d3c8a4f9f495044580100000000000000000000020000000000000001a91558f7c926eb4a"
)

func FuzzDecodeManifest(f *testing.F) {
	f.Add(manifest{covered: 9, runs: []manifestRun{{1, 2}, {3, 4}}}.append(nil))
	f.Add(manifest{}.append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decodeManifest(b)
		if err != nil {
			require.ErrorIs(t, err, ErrCorrupt)
			return
		}
		require.Equal(t, b, m.append(nil))
	})
}

func FuzzDecodeFooter(f *testing.F) {
	f.Add(footer{entries: 1, filterBlocks: 1, sum: 5}.append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := decodeFooter(b)
		if err != nil {
			require.ErrorIs(t, err, ErrCorrupt)
			return
		}
		require.Equal(t, b, got.append(nil))
	})
}

// FuzzOpenRun opens arbitrary bytes as a run and looks something up in it.
func FuzzOpenRun(f *testing.F) {
	fs := vfs.NewMem()
	w, err := newRunWriter(fs, "", 0, 2)
	require.NoError(f, err)
	e := Entry{Block: format.Sum(nil), Encoding: 1, Codec: format.Raw}
	row := make([]byte, entrySize)
	e.put(row)
	require.NoError(f, w.add(row))
	require.NoError(f, w.finish())
	file, err := fs.Open(runName(0))
	require.NoError(f, err)
	seed, err := io.ReadAll(file)
	require.NoError(f, err)
	f.Add(seed)
	f.Add(seed[pageSize:])
	f.Fuzz(func(t *testing.T, b []byte) {
		fs := vfs.NewMem()
		file, err := fs.Create(runName(0), category)
		require.NoError(t, err)
		_, err = file.Write(bytes.Clone(b))
		require.NoError(t, err)
		r, err := openRun(fs, "", 0, 1)
		if err != nil {
			require.ErrorIs(t, err, ErrCorrupt)
			return
		}
		if _, err = r.find(&e.Block, func(Entry) bool { return true }); err != nil {
			require.ErrorIs(t, err, ErrCorrupt)
		}
		require.NoError(t, r.file.Close())
	})
}
