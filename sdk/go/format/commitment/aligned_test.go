package commitment

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// alignedSample commits to encodings of the given sizes and returns their aligned stream, laid out by its definition.
func alignedSample(t require.TestingT, sizes []int) (*Tree, func(format.Digest) ([]byte, error), []byte) {
	encodings := map[format.Digest][]byte{}
	var leaves []Leaf
	var offset uint64
	var stream []byte
	for i, size := range sizes {
		e := sampleBytes(i, size)
		digest := format.Sum(e)
		encodings[digest] = e
		// 32 k + 32 ceil(offset / 32)
		start := 32*i + (int(offset)+31)/32*32
		stream = append(stream, make([]byte, start-len(stream))...)
		stream = append(stream, e...)
		leaves = append(leaves, Leaf{digest, offset, uint32(size)})
		offset += uint64(size)
	}
	end := 32*len(sizes) + (int(offset)+31)/32*32
	stream = append(stream, make([]byte, end-len(stream))...)
	tree, err := NewTree(leaves)
	require.NoError(t, err)
	return tree, func(d format.Digest) ([]byte, error) { return encodings[d], nil }, stream
}

func TestEveryAlignedNodeOpens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(1, 70), rapid.IntRange(1000, 3000)), 1, 12).Draw(t, "sizes")
		tree, encoding, stream := alignedSample(t, sizes)
		require.EqualValues(t, len(stream), AlignedNodes(tree.LeafCount(), tree.TotalLength())*NodeSize)
		for node := range uint64(len(stream) / NodeSize) {
			o, err := OpenAligned(tree, node, encoding)
			require.NoError(t, err)
			b, err := o.AppendBinary(nil)
			require.NoError(t, err)
			require.LessOrEqual(t, len(b), MaxAlignedOpeningSize)
			back, err := DecodeAlignedOpening(b)
			require.NoError(t, err)
			require.Equal(t, o, back)
			data, err := VerifyAligned(tree.CommD(), tree.TotalLength(), tree.LeafCount(), node, back)
			require.NoError(t, err)
			require.Equal(t, stream[node*NodeSize:(node+1)*NodeSize], data[:], "node %d", node)
		}
		_, err := OpenAligned(tree, uint64(len(stream)/NodeSize), encoding)
		require.ErrorIs(t, err, ErrOffset)
	})
}

// An opening is good for the nodes that it shows and no others: nobody can pass data off as a gap or the reverse.
func TestAlignedOpeningsDoNotMove(t *testing.T) {
	tree, encoding, stream := alignedSample(t, []int{40, 1, 2100, 64, 33})
	nodes := uint64(len(stream) / NodeSize)
	for from := range nodes {
		o, err := OpenAligned(tree, from, encoding)
		require.NoError(t, err)
		for to := range nodes {
			data, err := VerifyAligned(tree.CommD(), tree.TotalLength(), tree.LeafCount(), to, o)
			if err == nil {
				require.Equal(t, stream[to*NodeSize:(to+1)*NodeSize], data[:], "from %d to %d", from, to)
			}
		}
	}
}

func TestVerifyAlignedRefuses(t *testing.T) {
	tree, encoding, _ := alignedSample(t, []int{40, 1, 2100})
	commD, total, count := tree.CommD(), tree.TotalLength(), tree.LeafCount()
	opening, err := OpenAligned(tree, 0, encoding)
	require.NoError(t, err)
	gap, err := OpenAligned(tree, 2, encoding)
	require.NoError(t, err)
	require.NotNil(t, gap.Gap)
	for _, tt := range []struct {
		name string
		run  func() error
		want error
	}{
		{"nil", func() error { _, err := VerifyAligned(commD, total, count, 0, nil); return err }, ErrMalformed},
		{"neither", func() error { _, err := VerifyAligned(commD, total, count, 0, &AlignedOpening{}); return err }, ErrMalformed},
		{"both", func() error {
			_, err := VerifyAligned(commD, total, count, 0, &AlignedOpening{opening.Opening, gap.Gap})
			return err
		}, ErrMalformed},
		{"beyond", func() error { _, err := VerifyAligned(commD, total, count, 1000, opening); return err }, ErrOffset},
		{"count", func() error { _, err := VerifyAligned(commD, total, count+1, 0, opening); return err }, ErrPath},
		{"total", func() error { _, err := VerifyAligned(commD, total+1, count, 2, gap); return err }, ErrPath},
		{"commitment", func() error { _, err := VerifyAligned(format.Sum(nil), total, count, 2, gap); return err }, ErrPath},
		{"data as gap", func() error {
			_, err := VerifyAligned(commD, total, count, 0, &AlignedOpening{Gap: &opening.Opening.LeafProof})
			return err
		}, ErrOffset},
	} {
		t.Run(tt.name, func(t *testing.T) { require.ErrorIs(t, tt.run(), tt.want) })
	}
}

func FuzzDecodeAlignedOpening(f *testing.F) {
	tree, encoding, stream := alignedSample(f, []int{40, 1, 2100})
	for _, node := range []uint64{0, 2, 40} {
		o, err := OpenAligned(tree, node, encoding)
		require.NoError(f, err)
		b, err := o.AppendBinary(nil)
		require.NoError(f, err)
		f.Add(b, node)
	}
	f.Fuzz(func(t *testing.T, b []byte, node uint64) {
		o, err := DecodeAlignedOpening(b)
		if err != nil {
			return
		}
		again, err := o.AppendBinary(nil)
		require.NoError(t, err)
		require.True(t, bytes.Equal(b, again), "two binary forms of one opening")
		data, err := VerifyAligned(tree.CommD(), tree.TotalLength(), tree.LeafCount(), node, o)
		if err == nil {
			require.Equal(t, stream[node*NodeSize:(node+1)*NodeSize], data[:])
		}
	})
}
