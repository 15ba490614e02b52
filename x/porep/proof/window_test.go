package proof

import (
	"context"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
)

func TestHonestWindowProof(t *testing.T) {
	_, _, challenges, wp := sampleProof(t)
	require.Len(t, challenges, MinOpenings)
	b, err := wp.MarshalBinary()
	require.NoError(t, err)
	back, err := DecodeWindowProof(b)
	require.NoError(t, err)
	require.Equal(t, wp, back)
	missing, err := Verify(back, sampleWindow, challenges)
	require.NoError(t, err)
	require.Empty(t, missing)
}

// requireOpeningError asserts that err names the opening at index and wraps target.
func requireOpeningError(t *testing.T, err error, index int, target error) {
	t.Helper()
	var oe *OpeningError
	require.ErrorAs(t, err, &oe)
	require.Equal(t, index, oe.Index)
	require.ErrorIs(t, err, target)
}

func TestVerifyRefusesAnswersToOtherChallenges(t *testing.T) {
	source, units, challenges, honest := sampleProof(t)
	prove := func(seed [32]byte, window uint64) *WindowProof {
		wp, missing, err := Prove(context.Background(), ClassOpen, window, challengesOver(units, seed, MinOpenings), source)
		require.NoError(t, err)
		require.Empty(t, missing)
		return wp
	}
	beacon := [32]byte{1, 2, 3}
	var oe *OpeningError

	t.Run("replayed", func(t *testing.T) {
		replayed := prove(Seed(beacon, sampleChain, sampleProvider, sampleWindow-1), sampleWindow-1)
		_, err := Verify(replayed, sampleWindow, challenges)
		require.ErrorIs(t, err, ErrWindow)
		replayed.Window = sampleWindow
		_, err = Verify(replayed, sampleWindow, challenges)
		require.ErrorAs(t, err, &oe)
	})
	t.Run("stale beacon", func(t *testing.T) {
		_, err := Verify(prove(Seed([32]byte{1, 2}, sampleChain, sampleProvider, sampleWindow), sampleWindow), sampleWindow, challenges)
		require.ErrorAs(t, err, &oe)
	})
	t.Run("another provider's", func(t *testing.T) {
		_, err := Verify(prove(Seed(beacon, sampleChain, []byte("another-provider-20b"), sampleWindow), sampleWindow), sampleWindow, challenges)
		require.ErrorAs(t, err, &oe)
	})
	t.Run("another chain's", func(t *testing.T) {
		_, err := Verify(prove(Seed(beacon, "ipdm-test-2", sampleProvider, sampleWindow), sampleWindow), sampleWindow, challenges)
		require.ErrorAs(t, err, &oe)
	})
	t.Run("recovery answers", func(t *testing.T) {
		seed := RecoverySeed(Seed(beacon, sampleChain, sampleProvider, sampleWindow), 1)
		_, err := Verify(prove(seed, sampleWindow), sampleWindow, challenges)
		require.ErrorAs(t, err, &oe)
	})
	t.Run("wrong order", func(t *testing.T) {
		swapped := &WindowProof{Class: ClassOpen, Window: sampleWindow, Openings: slices.Clone(honest.Openings)}
		slices.Reverse(swapped.Openings)
		_, err := Verify(swapped, sampleWindow, challenges)
		require.ErrorAs(t, err, &oe)
	})
	t.Run("one opening for all", func(t *testing.T) {
		same := &WindowProof{Class: ClassOpen, Window: sampleWindow}
		for range challenges {
			same.Openings = append(same.Openings, honest.Openings[0])
		}
		_, err := Verify(same, sampleWindow, challenges)
		require.ErrorAs(t, err, &oe)
		require.Positive(t, oe.Index)
	})
}

func TestVerifyRefusesShape(t *testing.T) {
	_, _, challenges, honest := sampleProof(t)
	openings := honest.Openings
	tests := []struct {
		name string
		wp   *WindowProof
		want error
	}{
		{"nil", nil, ErrMalformed},
		{"class zero", &WindowProof{0, sampleWindow, openings}, ErrClassUnknown},
		{"sealed", &WindowProof{ClassSealed, sampleWindow, openings}, ErrClassUnsupported},
		{"window", &WindowProof{ClassOpen, sampleWindow + 1, openings}, ErrWindow},
		{"none", &WindowProof{ClassOpen, sampleWindow, nil}, ErrMalformed},
		{"one short", &WindowProof{ClassOpen, sampleWindow, openings[1:]}, ErrCount},
		{"one more", &WindowProof{ClassOpen, sampleWindow, append(slices.Clone(openings), openings[0])}, ErrCount},
		{"too many", &WindowProof{ClassOpen, sampleWindow, make([]*commitment.Opening, MaxOpenings+1)}, ErrTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Verify(tt.wp, sampleWindow, challenges)
			require.ErrorIs(t, err, tt.want)
		})
	}
	bad := slices.Clone(challenges)
	bad[3].Offset = bad[3].TotalBytes
	_, err := Verify(honest, sampleWindow, bad)
	requireOpeningError(t, err, 3, ErrChallenge)
}

func TestVerifyNamesTheInvalidOpening(t *testing.T) {
	_, _, challenges, honest := sampleProof(t)
	tests := []struct {
		name   string
		mutate func(o *commitment.Opening)
		want   error
	}{
		{"digest", func(o *commitment.Opening) { o.Leaf.Digest[5] ^= 1 }, commitment.ErrPath},
		{"slice", func(o *commitment.Opening) { o.Slice[len(o.Slice)-1] ^= 1 }, commitment.ErrSlice},
		{"chunk", func(o *commitment.Opening) { o.Chunk ^= 1 }, commitment.ErrOffset},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for i := range challenges {
				wp := &WindowProof{Class: ClassOpen, Window: sampleWindow, Openings: slices.Clone(honest.Openings)}
				o := *honest.Openings[i]
				o.Path, o.Slice = slices.Clone(o.Path), slices.Clone(o.Slice)
				tt.mutate(&o)
				wp.Openings[i] = &o
				_, err := Verify(wp, sampleWindow, challenges)
				requireOpeningError(t, err, i, tt.want)
			}
		})
	}
}

func TestMissingOpenings(t *testing.T) {
	_, _, challenges, wp := sampleProof(t)
	wp.Openings[0], wp.Openings[4], wp.Openings[15] = nil, nil, nil
	b, err := wp.MarshalBinary()
	require.NoError(t, err)
	back, err := DecodeWindowProof(b)
	require.NoError(t, err)
	missing, err := Verify(back, sampleWindow, challenges)
	require.NoError(t, err)
	require.Equal(t, []int{0, 4, 15}, missing)

	// A provider that lost everything can still say so.
	none := &WindowProof{Class: ClassOpen, Window: sampleWindow, Openings: make([]*commitment.Opening, len(challenges))}
	b, err = none.MarshalBinary()
	require.NoError(t, err)
	require.Len(t, b, windowHeaderSize+len(challenges))
	back, err = DecodeWindowProof(b)
	require.NoError(t, err)
	missing, err = Verify(back, sampleWindow, challenges)
	require.NoError(t, err)
	require.Len(t, missing, len(challenges))
}

// A provider cannot open a byte of one unit with another that holds the same encoding.
func TestOpeningOfAnotherUnitIsRefused(t *testing.T) {
	source := newSource()
	a := source.addUnit(t, 1, 3000, 100)
	b := source.addUnit(t, 1, 3000, 101)
	wp, _, err := Prove(context.Background(), ClassOpen, 1, []Challenge{{a.CommD(), a.TotalLength(), 7}}, source)
	require.NoError(t, err)
	_, err = Verify(wp, 1, []Challenge{{b.CommD(), b.TotalLength(), 7}})
	requireOpeningError(t, err, 0, commitment.ErrPath)
}

// Whatever bit is flipped and wherever it is cut, a proof is refused: by the decoder, by Verify, or because what
// it now declares is not what was declared.
func TestEveryBitOfAWindowProofCounts(t *testing.T) {
	source := newSource()
	unit := source.addUnit(t, 1, 2000, 3000, 900)
	challenges := []Challenge{{unit.CommD(), unit.TotalLength(), 2100}, {unit.CommD(), unit.TotalLength(), 5}}
	wp, _, err := Prove(context.Background(), ClassOpen, sampleWindow, challenges, source)
	require.NoError(t, err)
	b, err := wp.MarshalBinary()
	require.NoError(t, err)
	check := func(b []byte) error {
		wp, err := DecodeWindowProof(b)
		if err != nil {
			return err
		}
		_, err = Verify(wp, sampleWindow, challenges)
		return err
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
	require.ErrorIs(t, check(append(slices.Clone(b), 0)), ErrMalformed)
}

func TestDecodeWindowProofRefuses(t *testing.T) {
	_, _, _, wp := sampleProof(t)
	honest, err := wp.MarshalBinary()
	require.NoError(t, err)
	tests := []struct {
		name   string
		mutate func(b []byte) []byte
		want   error
	}{
		{"empty", func([]byte) []byte { return nil }, ErrMalformed},
		{"header cut", func(b []byte) []byte { return b[:windowHeaderSize-1] }, ErrMalformed},
		{"version", func(b []byte) []byte { b[0] = 2; return b }, ErrVersion},
		{"sealed", func(b []byte) []byte { b[1] = 2; return b }, ErrClassUnsupported},
		{"class", func(b []byte) []byte { b[1] = 77; return b }, ErrClassUnknown},
		{"no openings", func(b []byte) []byte { return append(b[:10], 0, 0) }, ErrMalformed},
		{"too many", func(b []byte) []byte { binary.LittleEndian.PutUint16(b[10:], MaxOpenings+1); return b }, ErrTooLarge},
		{"more than there are", func(b []byte) []byte { b[10]++; return b }, ErrMalformed},
		{"fewer than there are", func(b []byte) []byte { b[10]--; return b }, ErrMalformed},
		{"count without bytes", func(b []byte) []byte { return b[:windowHeaderSize+3] }, ErrMalformed},
		{"mark", func(b []byte) []byte { b[windowHeaderSize] = 2; return b }, ErrMalformed},
		{"trailing byte", func(b []byte) []byte { return append(b, 0) }, ErrMalformed},
		{"overlong", func([]byte) []byte { return make([]byte, MaxProofSize+1) }, ErrTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := DecodeWindowProof(tt.mutate(slices.Clone(honest)))
			require.ErrorIs(t, err, tt.want)
		})
	}
	at := windowHeaderSize + 1
	honest[at] = 9
	_, err = DecodeWindowProof(honest)
	require.ErrorIs(t, err, ErrMalformed)
	requireOpeningError(t, err, 0, commitment.ErrMalformed)
}

func TestEncodeWindowProofRefuses(t *testing.T) {
	_, _, _, honest := sampleProof(t)
	_, err := (&WindowProof{Class: ClassSealed, Openings: honest.Openings}).MarshalBinary()
	require.ErrorIs(t, err, ErrClassUnsupported)
	_, err = (&WindowProof{Class: ClassOpen}).MarshalBinary()
	require.ErrorIs(t, err, ErrMalformed)
	_, err = (&WindowProof{Class: ClassOpen, Openings: make([]*commitment.Opening, MaxOpenings+1)}).MarshalBinary()
	require.ErrorIs(t, err, ErrTooLarge)
	_, err = (&WindowProof{Class: ClassOpen, Openings: []*commitment.Opening{nil, {}}}).MarshalBinary()
	require.ErrorIs(t, err, ErrMalformed)
	requireOpeningError(t, err, 1, commitment.ErrMalformed)
}

// The largest proof there can be fits the limit.
func TestLargestProofFits(t *testing.T) {
	require.LessOrEqual(t, windowHeaderSize+MaxOpenings*(1+commitment.MaxOpeningSize), MaxProofSize)
	require.LessOrEqual(t, activationHeaderSize+commitment.MaxLeafProofSize+MaxOpenings*commitment.MaxOpeningSize, MaxProofSize)
	require.EqualValues(t, format.MaxEncodingSize, commitment.MaxLeafLength)
}
