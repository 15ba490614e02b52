package proof

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
)

func TestHonestActivation(t *testing.T) {
	_, tree, offsets, ap := sampleActivation(t)
	require.Len(t, offsets, ActivationOpenings)
	b, err := ap.MarshalBinary()
	require.NoError(t, err)
	back, err := DecodeActivationProof(b)
	require.NoError(t, err)
	require.Equal(t, ap, back)
	require.NoError(t, VerifyActivation(back, tree.CommD(), tree.TotalLength(), offsets))
}

func TestVerifyActivationRefuses(t *testing.T) {
	source, tree, offsets, honest := sampleActivation(t)
	other := source.addUnit(t, 5, 3000, 5000, 70_000, 2)
	first, err := tree.Prove(0)
	require.NoError(t, err)
	otherLast, err := other.Prove(3)
	require.NoError(t, err)
	replayed, err := ProveActivation(context.Background(), ClassOpen, tree.CommD(), tree.TotalLength(),
		Offsets(ActivationSeed([32]byte{4, 5, 6}, sampleChain, 42, 1, []byte("another-provider-20b")), ActivationOpenings, tree.TotalLength()), source)
	require.NoError(t, err)
	var oe *OpeningError

	tests := []struct {
		name string
		ap   *ActivationProof
		want error
	}{
		{"nil", nil, ErrMalformed},
		{"sealed", &ActivationProof{ClassSealed, honest.Last, honest.Openings}, ErrClassUnsupported},
		{"class", &ActivationProof{0, honest.Last, honest.Openings}, ErrClassUnknown},
		{"no last leaf", &ActivationProof{ClassOpen, nil, honest.Openings}, ErrLastLeaf},
		{"first leaf", &ActivationProof{ClassOpen, first, honest.Openings}, ErrLastLeaf},
		{"another unit's last leaf", &ActivationProof{ClassOpen, otherLast, honest.Openings}, ErrLastLeaf},
		{"no openings", &ActivationProof{ClassOpen, honest.Last, nil}, ErrMalformed},
		{"one short", &ActivationProof{ClassOpen, honest.Last, honest.Openings[1:]}, ErrCount},
		{"too many", &ActivationProof{ClassOpen, honest.Last, make([]*commitment.Opening, MaxOpenings+1)}, ErrTooLarge},
		{"missing", &ActivationProof{ClassOpen, honest.Last, make([]*commitment.Opening, ActivationOpenings)}, commitment.ErrMalformed},
		{"another provider's", replayed, commitment.ErrOffset},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.ErrorIs(t, VerifyActivation(tt.ap, tree.CommD(), tree.TotalLength(), offsets), tt.want)
		})
	}
	require.ErrorIs(t, VerifyActivation(honest, other.CommD(), other.TotalLength(), offsets), ErrLastLeaf)
	require.ErrorIs(t, VerifyActivation(honest, tree.CommD(), tree.TotalLength()+1, offsets), ErrLastLeaf)

	broken := slices.Clone(honest.Openings)
	o := *broken[9]
	o.Slice = slices.Clone(o.Slice)
	o.Slice[20] ^= 1
	broken[9] = &o
	err = VerifyActivation(&ActivationProof{ClassOpen, honest.Last, broken}, tree.CommD(), tree.TotalLength(), offsets)
	require.ErrorAs(t, err, &oe)
	require.Equal(t, 9, oe.Index)
}

func TestProveActivationRefuses(t *testing.T) {
	source, tree, offsets, _ := sampleActivation(t)
	ctx := context.Background()
	_, err := ProveActivation(ctx, ClassSealed, tree.CommD(), tree.TotalLength(), offsets, source)
	require.ErrorIs(t, err, ErrClassUnsupported)
	_, err = ProveActivation(ctx, ClassOpen, format.Digest{}, tree.TotalLength(), offsets, source)
	require.ErrorIs(t, err, errNotFound)
	_, err = ProveActivation(ctx, ClassOpen, tree.CommD(), tree.TotalLength()+1, offsets, source)
	require.ErrorIs(t, err, ErrSource)
	_, err = ProveActivation(ctx, ClassOpen, tree.CommD(), tree.TotalLength(), nil, source)
	require.ErrorIs(t, err, ErrMalformed)
	_, err = ProveActivation(ctx, ClassOpen, tree.CommD(), tree.TotalLength(), []uint64{0, tree.TotalLength()}, source)
	requireOpeningError(t, err, 1, ErrChallenge)

	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err = ProveActivation(cancelled, ClassOpen, tree.CommD(), tree.TotalLength(), offsets, source)
	require.ErrorIs(t, err, context.Canceled)

	leaf, err := tree.Leaf(0)
	require.NoError(t, err)
	delete(source.encodings, leaf.Digest)
	_, err = ProveActivation(ctx, ClassOpen, tree.CommD(), tree.TotalLength(), []uint64{5000, 10}, source)
	requireOpeningError(t, err, 1, errNotFound)
}

func TestEveryBitOfAnActivationProofCounts(t *testing.T) {
	source := newSource()
	tree := source.addUnit(t, 1, 2000, 3000, 900)
	offsets := []uint64{2100, 5}
	ap, err := ProveActivation(context.Background(), ClassOpen, tree.CommD(), tree.TotalLength(), offsets, source)
	require.NoError(t, err)
	b, err := ap.MarshalBinary()
	require.NoError(t, err)
	check := func(b []byte) error {
		ap, err := DecodeActivationProof(b)
		if err != nil {
			return err
		}
		return VerifyActivation(ap, tree.CommD(), tree.TotalLength(), offsets)
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
	_, err = DecodeActivationProof(make([]byte, MaxProofSize+1))
	require.ErrorIs(t, err, ErrTooLarge)
}

func TestEncodeActivationProofRefuses(t *testing.T) {
	_, tree, _, honest := sampleActivation(t)
	first, err := tree.Prove(0)
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		ap   *ActivationProof
		want error
	}{
		"sealed":       {&ActivationProof{ClassSealed, honest.Last, honest.Openings}, ErrClassUnsupported},
		"no openings":  {&ActivationProof{ClassOpen, honest.Last, nil}, ErrMalformed},
		"no last leaf": {&ActivationProof{ClassOpen, nil, honest.Openings}, ErrMalformed},
		"first leaf":   {&ActivationProof{ClassOpen, first, honest.Openings}, ErrMalformed},
		"missing":      {&ActivationProof{ClassOpen, honest.Last, []*commitment.Opening{nil}}, ErrMalformed},
	} {
		_, err := tt.ap.MarshalBinary()
		require.ErrorIs(t, err, tt.want, name)
	}
}
