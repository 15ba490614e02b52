package commitment

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

func TestOpeningRoundTrip(t *testing.T) {
	tree, encodings := sampleTree(t, 1, 5000, 1024, MaxLeafLength)
	for _, offset := range []uint64{0, 1, 4000, 5001, 7000, tree.TotalLength() - 1} {
		o := openAt(t, tree, encodings, offset)
		b, err := o.MarshalBinary()
		require.NoError(t, err)
		require.LessOrEqual(t, len(b), MaxOpeningSize)
		back, err := DecodeOpening(b)
		require.NoError(t, err)
		require.NoError(t, Verify(tree.CommD(), tree.TotalLength(), offset, back))

		again, rest, err := ConsumeOpening(append(b, "tail"...))
		require.NoError(t, err)
		require.Equal(t, o, again)
		require.Equal(t, "tail", string(rest))
		_, err = DecodeOpening(append(b, 0))
		require.ErrorIs(t, err, ErrMalformed)
	}
}

// Whatever bit is flipped and wherever it is cut, an opening is refused by the decoder or by Verify.
func TestEveryBitOfAnOpeningCounts(t *testing.T) {
	const offset = 2100
	tree, encodings := sampleTree(t, 2000, 3000, 900)
	b, err := openAt(t, tree, encodings, offset).MarshalBinary()
	require.NoError(t, err)
	check := func(b []byte) error {
		o, err := DecodeOpening(b)
		if err != nil {
			require.ErrorIs(t, err, ErrMalformed)
			return err
		}
		return Verify(tree.CommD(), tree.TotalLength(), offset, o)
	}
	require.NoError(t, check(b))
	for bit := range 8 * len(b) {
		b[bit/8] ^= 1 << (bit % 8)
		require.Error(t, check(b), "bit %d", bit)
		b[bit/8] ^= 1 << (bit % 8)
	}
	for n := range b {
		require.Error(t, check(b[:n]), "cut to %d bytes", n)
	}
}

func TestDecodeOpeningRefuses(t *testing.T) {
	tree, encodings := sampleTree(t, 2000, 3000, 900)
	honest, err := openAt(t, tree, encodings, 2100).MarshalBinary()
	require.NoError(t, err)
	lengthAt := 1 + 8 + format.DigestSize + 8
	chunkAt := 1 + leafProofHeaderSize + 2*format.DigestSize
	tests := []struct {
		name   string
		mutate func(b []byte)
	}{
		{"version zero", func(b []byte) { b[0] = 0 }},
		{"later version", func(b []byte) { b[0] = 2 }},
		{"no leaves", func(b []byte) { binary.LittleEndian.PutUint32(b[5:], 0) }},
		{"index out of range", func(b []byte) { binary.LittleEndian.PutUint32(b[1:], 3) }},
		{"path of 32 digests", func(b []byte) { binary.LittleEndian.PutUint32(b[5:], MaxLeaves) }},
		{"no length", func(b []byte) { binary.LittleEndian.PutUint32(b[lengthAt:], 0) }},
		{"overlong", func(b []byte) { binary.LittleEndian.PutUint32(b[lengthAt:], MaxLeafLength+1) }},
		{"length of another slice", func(b []byte) { binary.LittleEndian.PutUint32(b[lengthAt:], 2999) }},
		{"chunk out of range", func(b []byte) { binary.LittleEndian.PutUint16(b[chunkAt:], 3) }},
		{"slice header", func(b []byte) { b[chunkAt+2]++ }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := append([]byte(nil), honest...)
			tt.mutate(b)
			_, err := DecodeOpening(b)
			require.ErrorIs(t, err, ErrMalformed)
		})
	}
	_, err = DecodeOpening(make([]byte, MaxOpeningSize+1))
	require.ErrorIs(t, err, ErrMalformed)
}

func TestEncodeRefusesWhatHasNoForm(t *testing.T) {
	tree, encodings := sampleTree(t, 2000, 3000, 900)
	honest := openAt(t, tree, encodings, 2100)
	for name, mutate := range map[string]func(o *Opening){
		"path":   func(o *Opening) { o.Path = o.Path[1:] },
		"index":  func(o *Opening) { o.Index = o.Count },
		"length": func(o *Opening) { o.Leaf.Length = MaxLeafLength + 1 },
		"empty":  func(o *Opening) { o.Leaf.Length = 0 },
		"chunk":  func(o *Opening) { o.Chunk = 3 },
		"slice":  func(o *Opening) { o.Slice = o.Slice[1:] },
	} {
		o := clone(honest)
		mutate(o)
		_, err := o.MarshalBinary()
		require.ErrorIs(t, err, ErrMalformed, name)
	}
}
