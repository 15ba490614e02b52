package unixfs_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/ipfs/boxo/ipld/merkledag"
	boxofs "github.com/ipfs/boxo/ipld/unixfs"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
)

// FuzzDecodeNode looks for panics, and for blocks that this package reads and boxo does not, or differently.
func FuzzDecodeNode(f *testing.F) {
	m := newMemory()
	tree(f, m)
	seeds := 0
	for c, block := range m.blocks {
		if c.Prefix().Codec != 0x55 && seeds < 30 && len(block) < 2000 {
			f.Add(block)
			seeds++
		}
	}
	stamped := buildFile(f, m, leaves(1, 2, 4), unixfs.Attributes{Mode: 0o755, ModTime: time.Unix(-9, 5)})
	f.Add(m.blocks[stamped.Cid])
	f.Add([]byte{0x0a, 9, 8, 2, 0x18, 5, 0x22, 1, 5, 0x78, 1})
	f.Fuzz(func(t *testing.T, block []byte) {
		n, err := unixfs.DecodeNode(block)
		if err != nil {
			return
		}
		require.LessOrEqual(t, len(n.Links), len(block)/4)
		theirs, err := merkledag.DecodeProtobuf(block)
		require.NoError(t, err)
		require.Len(t, theirs.Links(), len(n.Links))
		for i, l := range theirs.Links() {
			require.Equal(t, unixfs.Link{Name: l.Name, Cid: l.Cid, TotalSizeBytes: l.Size}, n.Links[i])
		}
		fsn, err := boxofs.FSNodeFromBytes(theirs.Data())
		require.NoError(t, err)
		require.True(t, bytes.Equal(fsn.Data(), n.Data))
		if n.IsFile() && fsn.FileSize() != 0 {
			require.Equal(t, fsn.FileSize(), n.FileSizeBytes)
		}
		require.Equal(t, len(fsn.BlockSizes()), len(n.BlockSizesBytes))
	})
}

// FuzzRoundTrip builds a directory and a file from the input and reads them back.
func FuzzRoundTrip(f *testing.F) {
	f.Add("name", []byte("content"), uint8(3), uint16(0o755), int64(5))
	f.Add("\xff", []byte{}, uint8(0), uint16(0), int64(0))
	f.Fuzz(func(t *testing.T, name string, content []byte, leafBytes uint8, mode uint16, seconds int64) {
		m := newMemory()
		attrs := unixfs.Attributes{Mode: uint32(mode) & 0o7777}
		if stamp := time.Unix(seconds, 0); seconds != 0 && !stamp.IsZero() {
			attrs.ModTime = stamp
		}
		var chunks [][]byte
		for rest := content; len(rest) > 0; {
			k := min(len(rest), int(leafBytes)+1)
			chunks, rest = append(chunks, rest[:k]), rest[k:]
		}
		file := buildFile(t, m, chunks, attrs)
		var b unixfs.DirBuilder
		if err := b.Add(name, file); err != nil {
			require.ErrorIs(t, err, unixfs.ErrInvalidName)
			return
		}
		root, err := b.Finish(unixfs.Attributes{}, m.emit)
		require.NoError(t, err)
		l, err := unixfs.ResolvePath(t.Context(), m.get, root.Cid, name)
		require.NoError(t, err)
		require.Equal(t, file.Cid, l.Cid)
		r, err := unixfs.OpenFile(t.Context(), m.get, l.Cid)
		require.NoError(t, err)
		if !attrs.IsZero() {
			require.Equal(t, attrs.Mode, r.Root().Mode)
			require.True(t, attrs.ModTime.Equal(r.Root().ModTime))
		}
		var out bytes.Buffer
		require.NoError(t, r.CopyRange(t.Context(), &out, 0, r.SizeBytes()))
		require.True(t, bytes.Equal(content, out.Bytes()))
	})
}
