package proof

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
)

func TestProverMarksWhatItLacks(t *testing.T) {
	source, units, _, _ := sampleProof(t)
	deleted, rotten, cut := units[0], units[1], units[2]
	challenges := []Challenge{
		{deleted.CommD(), deleted.TotalLength(), 10},   // encoding 0, deleted below
		{deleted.CommD(), deleted.TotalLength(), 3500}, // encoding 1, there
		{rotten.CommD(), rotten.TotalLength(), 69_999}, // one bit flipped far from the chunk asked for
		{cut.CommD(), cut.TotalLength(), 200},          // encoding 1, cut short
		{cut.CommD(), cut.TotalLength(), 50},           // encoding 0, there
		{format.Sum([]byte("unknown deal")), 100, 5},   // no tree
		{cut.CommD(), cut.TotalLength() + 1, 50},       // the tree is of another length
	}
	leaf := func(tree *commitment.Tree, i uint32) format.Digest {
		l, err := tree.Leaf(i)
		require.NoError(t, err)
		return l.Digest
	}
	delete(source.encodings, leaf(deleted, 0))
	flipped := slices.Clone(source.encodings[leaf(rotten, 0)])
	flipped[3] ^= 0x10
	source.encodings[leaf(rotten, 0)] = flipped
	source.encodings[leaf(cut, 1)] = source.encodings[leaf(cut, 1)][:1999]

	wp, missing, err := Prove(context.Background(), ClassOpen, 3, challenges, source)
	require.NoError(t, err)
	wantErrs := map[int]error{0: errNotFound, 2: commitment.ErrEncoding, 3: commitment.ErrEncoding, 5: errNotFound, 6: ErrSource}
	require.Len(t, missing, len(wantErrs))
	var positions []int
	for _, m := range missing {
		require.ErrorIs(t, m, wantErrs[m.Index])
		positions = append(positions, m.Index)
	}
	require.True(t, slices.IsSorted(positions))

	// The chain reads the same positions out of the proof, and accepts the rest.
	declared, err := Verify(wp, 3, challenges)
	require.NoError(t, err)
	require.Equal(t, positions, declared)
}

func TestProverRefusesSourceOfAnotherTree(t *testing.T) {
	source := newSource()
	a, b := source.addUnit(t, 1, 3000), source.addUnit(t, 2, 3000)
	source.trees[a.CommD()] = b
	wp, missing, err := Prove(context.Background(), ClassOpen, 1, []Challenge{{a.CommD(), 3000, 1}}, source)
	require.NoError(t, err)
	require.Nil(t, wp.Openings[0])
	require.ErrorIs(t, missing[0], ErrSource)

	source.trees[a.CommD()] = nil
	_, missing, err = Prove(context.Background(), ClassOpen, 1, []Challenge{{a.CommD(), 3000, 1}}, source)
	require.NoError(t, err)
	require.ErrorIs(t, missing[0], ErrSource)
}

// cancelling is a source whose reader goes away during a read.
type cancelling struct {
	*mapSource
	cancel context.CancelFunc
}

func (s *cancelling) Encoding(ctx context.Context, _ format.Digest) ([]byte, error) {
	s.cancel()
	return nil, ctx.Err()
}

// A prover that is stopped must not submit a proof that declares missing what it had no time to read.
func TestInterruptedProverDeclaresNothing(t *testing.T) {
	source, _, challenges, _ := sampleProof(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	wp, _, err := Prove(ctx, ClassOpen, 1, challenges, &cancelling{source, cancel})
	require.ErrorIs(t, err, context.Canceled)
	require.Nil(t, wp)
}

func TestProveRefuses(t *testing.T) {
	source, _, challenges, _ := sampleProof(t)
	ctx := context.Background()
	_, _, err := Prove(ctx, ClassSealed, 1, challenges, source)
	require.ErrorIs(t, err, ErrClassUnsupported)
	_, _, err = Prove(ctx, ClassOpen, 1, nil, source)
	require.ErrorIs(t, err, ErrMalformed)
	_, _, err = Prove(ctx, ClassOpen, 1, make([]Challenge, MaxOpenings+1), source)
	require.ErrorIs(t, err, ErrTooLarge)
	_, _, err = Prove(ctx, ClassOpen, 1, []Challenge{challenges[0], {challenges[0].CommD, 10, 10}}, source)
	requireOpeningError(t, err, 1, ErrChallenge)
}
