package commitment

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
	"lukechampine.com/blake3/bao"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

func TestSliceIsTheBaoSlice(t *testing.T) {
	sizes := []int{
		1, 63, 64, 65, 1023, 1024, 1025, 2047, 2048, 2049, 3072, 3073, 15 << 10, 16 << 10, 16<<10 + 1, 17 << 10, 31<<10 + 5,
		32 << 10, 33 << 10, 100_000, 1 << 20, 1<<20 + 1, 3 << 19, MaxLeafLength - 1, MaxLeafLength,
	}
	for _, size := range sizes {
		data := sampleBytes(size, size)
		encoded, root := bao.EncodeBuf(data, 0, false)
		n := chunkCount(uint32(size))
		step := max(1, n/7)
		for c := uint32(0); c < n; c += step {
			compareSlice(t, data, encoded, root, uint16(c))
		}
		compareSlice(t, data, encoded, root, uint16(n-1))
	}
}

func compareSlice(t *testing.T, data, encoded []byte, root [32]byte, chunk uint16) {
	t.Helper()
	offset, size := chunkRange(uint32(len(data)), chunk)
	var want bytes.Buffer
	require.NoError(t, bao.ExtractSlice(&want, bytes.NewReader(encoded), nil, 0, uint64(offset), uint64(size)))
	got, digest := makeSlice(data, chunk)
	require.Equal(t, format.Digest(root), digest, "%d bytes", len(data))
	require.Equal(t, format.Sum(data), digest)
	require.True(t, bytes.Equal(want.Bytes(), got), "chunk %d of %d bytes", chunk, len(data))
	require.LessOrEqual(t, len(got), maxSliceSize)

	leaf := Leaf{Digest: digest, Length: uint32(len(data))}
	require.NoError(t, checkSlice(leaf, chunk, got))
	require.NoError(t, verifySlice(leaf, chunk, got))
}

// The length in a Bao slice is not authenticated: one of a chunk in the left part of the tree verifies under every length
// that leaves the shape above it as it is. Bao itself accepts such a slice; an opening must not.
func TestForgedSliceLengthIsRefused(t *testing.T) {
	const size = 3 << 19 // 1.5 MiB: 1 MiB on the left, the rest on the right
	tree, encodings := sampleTree(t, size)
	honest := openAt(t, tree, encodings, 5000)
	require.NoError(t, Verify(tree.CommD(), size, 5000, honest))

	for _, claimed := range []uint64{1<<20 + 1, 1<<20 + 1024, size - 1, size + 1, 2 << 20} {
		forged := clone(honest)
		binary.LittleEndian.PutUint64(forged.Slice, claimed)
		_, accepted := bao.VerifySlice(forged.Slice, 0, 4096, 1024, honest.Leaf.Digest)
		require.True(t, accepted, "the attack of this test works on Bao alone, length %d", claimed)
		require.ErrorIs(t, Verify(tree.CommD(), size, 5000, forged), ErrSlice)

		// Claiming the length in the leaf as well takes the leaf out of the commitment.
		forged.Leaf.Length = uint32(claimed)
		err := Verify(tree.CommD(), size, 5000, forged)
		require.ErrorIs(t, err, ErrLength)
		require.Error(t, Verify(tree.CommD(), claimed, 5000, forged))
	}
}

// A client can commit to a wrong length, under which some chunks open and others never will. The one who
// fetched the bytes finds out, since no opening can be made for such a leaf.
func TestLyingLeafLengthCannotBeOpened(t *testing.T) {
	data := sampleBytes(1, 3<<19)
	tree, err := NewTree([]Leaf{{Digest: format.Sum(data), Length: MaxLeafLength}})
	require.NoError(t, err)
	_, err = Open(tree, 0, 0, data)
	require.ErrorIs(t, err, ErrEncoding)
	_, err = Open(tree, 0, 0, append(data, make([]byte, MaxLeafLength-len(data))...))
	require.ErrorIs(t, err, ErrEncoding)
}
