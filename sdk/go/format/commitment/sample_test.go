package commitment

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// sampleBytes returns size bytes that depend on seed: byte j is the low byte of seed*31 + j*7 + j/256.
func sampleBytes(seed, size int) []byte {
	b := make([]byte, size)
	for j := range b {
		b[j] = byte(seed*31 + j*7 + j>>8)
	}
	return b
}

// sampleTree builds a tree over encodings of the given sizes, the i-th being sampleBytes(i, size).
func sampleTree(tb testing.TB, sizes ...int) (*Tree, [][]byte) {
	tb.Helper()
	encodings := make([][]byte, len(sizes))
	leaves := make([]Leaf, len(sizes))
	var offset uint64
	for i, size := range sizes {
		encodings[i] = sampleBytes(i, size)
		leaves[i] = Leaf{Digest: format.Sum(encodings[i]), Offset: offset, Length: uint32(size)}
		offset += uint64(size)
	}
	tree, err := NewTree(leaves)
	require.NoError(tb, err)
	return tree, encodings
}

// openAt opens the byte at offset.
func openAt(tb testing.TB, tree *Tree, encodings [][]byte, offset uint64) *Opening {
	tb.Helper()
	leaf, chunk, err := tree.Find(offset)
	require.NoError(tb, err)
	o, err := Open(tree, leaf, chunk, encodings[leaf])
	require.NoError(tb, err)
	return o
}

// wideTree returns a tree of count leaves that all have the bytes of one encoding.
func wideTree(tb testing.TB, count, size int) (*Tree, []byte) {
	tb.Helper()
	encoding := sampleBytes(1, size)
	digest := format.Sum(encoding)
	leaves := make([]Leaf, count)
	for i := range leaves {
		leaves[i] = Leaf{Digest: digest, Offset: uint64(i) * uint64(size), Length: uint32(size)}
	}
	tree, err := NewTree(leaves)
	require.NoError(tb, err)
	return tree, encoding
}

func clone(o *Opening) *Opening {
	c := *o
	c.Path = append([]format.Digest(nil), o.Path...)
	c.Slice = append([]byte(nil), o.Slice...)
	return &c
}
