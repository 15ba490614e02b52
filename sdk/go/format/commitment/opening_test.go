package commitment

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

func TestOpenEveryByte(t *testing.T) {
	tree, encodings := sampleTree(t, 1, 1024, 1, 1025, 2048, 700)
	var all []byte
	for _, e := range encodings {
		all = append(all, e...)
	}
	for offset := range all {
		o := openAt(t, tree, encodings, uint64(offset))
		require.NoError(t, Verify(tree.CommD(), tree.TotalLength(), uint64(offset), o))
		data, start := o.Data()
		require.LessOrEqual(t, start, uint64(offset))
		require.Greater(t, start+uint64(len(data)), uint64(offset))
		require.Equal(t, all[start:start+uint64(len(data))], data)
	}
}

func TestOpenRandom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(1, 40_000), 1, 20).Draw(t, "sizes")
		var leaves []Leaf
		var encodings [][]byte
		var total uint64
		for i, size := range sizes {
			encodings = append(encodings, sampleBytes(i, size))
			leaves = append(leaves, Leaf{format.Sum(encodings[i]), total, uint32(size)})
			total += uint64(size)
		}
		tree, err := NewTree(leaves)
		require.NoError(t, err)
		offset := rapid.Uint64Range(0, total-1).Draw(t, "offset")
		leaf, chunk, err := tree.Find(offset)
		require.NoError(t, err)
		o, err := Open(tree, leaf, chunk, encodings[leaf])
		require.NoError(t, err)
		require.NoError(t, Verify(tree.CommD(), total, offset, o))
		b, err := o.MarshalBinary()
		require.NoError(t, err)
		back, err := DecodeOpening(b)
		require.NoError(t, err)
		require.Equal(t, o, back)
	})
}

func TestOpenRefuses(t *testing.T) {
	tree, encodings := sampleTree(t, 3000, 500)
	_, err := Open(tree, 2, 0, encodings[0])
	require.ErrorIs(t, err, ErrIndex)
	_, err = Open(tree, 0, 3, encodings[0])
	require.ErrorIs(t, err, ErrIndex)
	_, err = Open(tree, 1, 0, encodings[0])
	require.ErrorIs(t, err, ErrEncoding)
	_, err = Open(tree, 0, 0, encodings[0][:2999])
	require.ErrorIs(t, err, ErrEncoding)
	_, err = Open(tree, 0, 0, nil)
	require.ErrorIs(t, err, ErrEncoding)
	rotten := append([]byte(nil), encodings[0]...)
	rotten[2999] ^= 1
	_, err = Open(tree, 0, 0, rotten)
	require.ErrorIs(t, err, ErrEncoding)
}

func TestVerifyRefuses(t *testing.T) {
	const offset = 6000 + 2500
	tree, encodings := sampleTree(t, 6000, 5000, 7000, 800, 900)
	other, otherEncodings := sampleTree(t, 6000, 5000, 7000, 800, 901)
	honest := openAt(t, tree, encodings, offset)
	commD, total := tree.CommD(), tree.TotalLength()
	require.NoError(t, Verify(commD, total, offset, honest))

	tests := []struct {
		name   string
		mutate func(o *Opening) *Opening
		want   error
	}{
		{"nil", func(*Opening) *Opening { return nil }, ErrMalformed},
		{"zero value", func(*Opening) *Opening { return &Opening{} }, ErrPath},
		{"another leaf", func(*Opening) *Opening { return openAt(t, tree, encodings, 0) }, ErrOffset},
		{"another chunk", func(*Opening) *Opening { return openAt(t, tree, encodings, 6000) }, ErrOffset},
		{"another commitment", func(*Opening) *Opening { return openAt(t, other, otherEncodings, offset) }, ErrPath},
		{"index", func(o *Opening) *Opening { o.Index = 3; return o }, ErrPath},
		{"index out of range", func(o *Opening) *Opening { o.Index = 5; return o }, ErrPath},
		{"count lower", func(o *Opening) *Opening { o.Count = 4; return o }, ErrPath},
		{"count with equal path", func(o *Opening) *Opening { o.Count = 6; return o }, ErrPath},
		{"count huge", func(o *Opening) *Opening { o.Count = MaxLeaves; return o }, ErrPath},
		{"count zero", func(o *Opening) *Opening { o.Count = 0; return o }, ErrPath},
		{"digest", func(o *Opening) *Opening { o.Leaf.Digest[0] ^= 1; return o }, ErrPath},
		{"leaf offset", func(o *Opening) *Opening { o.Leaf.Offset++; return o }, ErrPath},
		{"leaf offset wraps", func(o *Opening) *Opening { o.Leaf.Offset = ^uint64(0) - 100; return o }, ErrLength},
		{"leaf length lower", func(o *Opening) *Opening { o.Leaf.Length--; return o }, ErrSlice},
		{"leaf length zero", func(o *Opening) *Opening { o.Leaf.Length = 0; return o }, ErrLength},
		{"leaf length beyond total", func(o *Opening) *Opening { o.Leaf.Length = 20000; return o }, ErrLength},
		{"leaf overlong", func(o *Opening) *Opening { o.Leaf.Length = MaxLeafLength + 1; return o }, ErrLength},
		{"path digest", func(o *Opening) *Opening { o.Path[1][31] ^= 0x80; return o }, ErrPath},
		{"path reversed", func(o *Opening) *Opening { o.Path[0], o.Path[1] = o.Path[1], o.Path[0]; return o }, ErrPath},
		{"path short", func(o *Opening) *Opening { o.Path = o.Path[:2]; return o }, ErrPath},
		{"path long", func(o *Opening) *Opening { o.Path = append(o.Path, format.Digest{}); return o }, ErrPath},
		{"path nil", func(o *Opening) *Opening { o.Path = nil; return o }, ErrPath},
		{"chunk", func(o *Opening) *Opening { o.Chunk++; return o }, ErrOffset},
		{"slice header", func(o *Opening) *Opening { o.Slice[0] ^= 1; return o }, ErrSlice},
		{"slice node", func(o *Opening) *Opening { o.Slice[8] ^= 1; return o }, ErrSlice},
		{"slice data", func(o *Opening) *Opening { o.Slice[len(o.Slice)-1] ^= 1; return o }, ErrSlice},
		{"slice short", func(o *Opening) *Opening { o.Slice = o.Slice[:len(o.Slice)-1]; return o }, ErrSlice},
		{"slice long", func(o *Opening) *Opening { o.Slice = append(o.Slice, 0); return o }, ErrSlice},
		{"slice nil", func(o *Opening) *Opening { o.Slice = nil; return o }, ErrSlice},
		{"slice of another chunk", func(o *Opening) *Opening {
			o.Slice = openAt(t, tree, encodings, 6000).Slice
			return o
		}, ErrSlice},
		{"slice of another encoding", func(o *Opening) *Opening {
			o.Slice, _ = makeSlice(sampleBytes(9, 5000), 2)
			return o
		}, ErrSlice},
		{"inner node as leaf", func(o *Opening) *Opening {
			o.Path = o.Path[1:]
			o.Index, o.Count = 0, 3
			return o
		}, ErrLength},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.ErrorIs(t, Verify(commD, total, offset, tt.mutate(clone(honest))), tt.want)
		})
	}

	require.ErrorIs(t, Verify(other.CommD(), total, offset, honest), ErrPath)
	require.ErrorIs(t, Verify(format.Digest{}, total, offset, honest), ErrPath)
	require.ErrorIs(t, Verify(commD, total+1, offset, honest), ErrPath)
	require.ErrorIs(t, Verify(commD, 0, 0, honest), ErrOffset)
	require.ErrorIs(t, Verify(commD, total, total, honest), ErrOffset)
	require.ErrorIs(t, Verify(commD, total, ^uint64(0), honest), ErrOffset)
}

// The last leaf is what shows that a commitment's total is the sum of its leaves.
func TestLastLeafAuthenticatesTotal(t *testing.T) {
	d := format.Sum([]byte("x"))
	leaves := []Leaf{{d, 0, 1000}, {d, 1000, 1000}, {d, 2000, 500}}
	tree, err := NewTree(leaves)
	require.NoError(t, err)
	last, err := tree.Prove(2)
	require.NoError(t, err)
	require.NoError(t, VerifyLast(tree.CommD(), 2500, last))

	// A client that commits to the same leaves with a greater total finds no last leaf for it.
	const lie = 1 << 20
	commD := hashRoot(3, lie, naiveRoot(leaves))
	first, err := tree.Prove(0)
	require.NoError(t, err)
	require.NoError(t, VerifyLeaf(commD, lie, first), "any other leaf passes")
	require.ErrorIs(t, VerifyLast(commD, lie, last), ErrLength)
	require.ErrorIs(t, VerifyLast(commD, 2500, last), ErrPath)
	require.ErrorIs(t, VerifyLast(commD, lie, nil), ErrMalformed)
}
