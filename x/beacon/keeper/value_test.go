package keeper_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/beacon/types"
	"github.com/ipdm-network/ipdm/x/beacon/vrf"
)

func TestValuesFollowFromProofs(t *testing.T) {
	one, two := newValidator(t, 1), newValidator(t, 2)
	f := newChain(t, one.genesisKey(), two.genesisKey())
	want := vrf.Genesis(sampleChain)

	for height, proposer := range []*validator{1: &one, 2: &two, 3: nil, 4: &one} {
		if height == 0 {
			continue
		}
		address, proof := []byte("without a key"), []byte(nil)
		if proposer == nil {
			want = vrf.Fallback(want, int64(height))
		} else {
			address, proof = proposer.address, f.prove(proposer.key)
			output, err := vrf.Verify(proposer.key.Public(), proof, vrf.Alpha(sampleChain, want, int64(height)))
			require.NoError(t, err)
			want = vrf.Proven(want, output)
		}
		require.NoError(t, f.advance(address, proof))
		got, err := f.Latest(f.ctx)
		require.NoError(t, err)
		require.Equal(t, want, got, "height %d: a block sees its own value", height)
		got, err = f.At(f.ctx, int64(height))
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestMaliciousProposers(t *testing.T) {
	one, two, keyless := newValidator(t, 1), newValidator(t, 2), newValidator(t, 3)
	f := newChain(t, one.genesisKey(), two.genesisKey())
	require.NoError(t, f.advance(two.address, f.prove(two.key)))
	stale := f.prove(one.key)
	require.NoError(t, f.advance(two.address, f.prove(two.key)))

	good := f.prove(one.key)
	changed := bytes.Clone(good)
	changed[79] |= 0x80 // the response is no longer below the group order
	previous, err := f.At(f.ctx, 2)
	require.NoError(t, err)
	past, err := f.At(f.ctx, 1)
	require.NoError(t, err)
	proofOf := func(chainID string, previous [32]byte, height int64) []byte {
		proof, err := one.key.Prove(vrf.Alpha(chainID, previous, height))
		require.NoError(t, err)
		return proof
	}
	for name, test := range map[string]struct {
		proposer, proof []byte
		want            error
	}{
		"omits the proof":                    {one.address, nil, types.ErrProofMissing},
		"proves with a key of its own":       {one.address, f.prove(vrfKey(t, 9)), types.ErrInvalidProof},
		"has another's proof":                {one.address, f.prove(two.key), types.ErrInvalidProof},
		"names another as proposer":          {two.address, good, types.ErrInvalidProof},
		"has the proof of the height before": {one.address, stale, types.ErrInvalidProof},
		"proves another height":              {one.address, proofOf(sampleChain, previous, 4), types.ErrInvalidProof},
		"proves after another value":         {one.address, proofOf(sampleChain, past, 3), types.ErrInvalidProof},
		"proves for another chain":           {one.address, proofOf("other", previous, 3), types.ErrInvalidProof},
		"changes the form of its proof":      {one.address, changed, types.ErrInvalidProof},
		"cuts its proof":                     {one.address, good[:79], types.ErrInvalidProof},
		"has no key, but a proof":            {keyless.address, f.prove(keyless.key), types.ErrProofUnexpected},
		"has no key, and another's proof":    {keyless.address, good, types.ErrProofUnexpected},
	} {
		require.ErrorIs(t, f.advance(test.proposer, test.proof), test.want, name)
	}
	require.NoError(t, f.advance(one.address, good))
}

func TestAdvanceTakesOneHeightAfterTheOther(t *testing.T) {
	f := newChain(t)
	f.skipTo(3)
	for _, height := range []int64{-1, 0, 3, 5} {
		require.ErrorIs(t, f.Advance(f.ctx, height, nil, nil), types.ErrHeight, "%d", height)
		require.ErrorIs(t, f.CheckProof(f.ctx, height, nil, nil), types.ErrHeight, "%d", height)
		_, err := f.Alpha(f.ctx, height)
		require.ErrorIs(t, err, types.ErrHeight, "%d", height)
	}
}

func TestHistory(t *testing.T) {
	f := newChain(t)
	f.skipTo(250)
	first, err := f.At(f.ctx, 151)
	require.NoError(t, err)
	for height, want := range map[int64]error{
		-1: types.ErrNoValue, 0: types.ErrPruned, 1: types.ErrPruned, 150: types.ErrPruned, 151: nil, 250: nil, 251: types.ErrFuture,
	} {
		_, err := f.At(f.ctx, height)
		require.ErrorIs(t, err, want, "%d", height)
	}

	// A longer history keeps what is there and does not bring back what is gone.
	require.NoError(t, f.SetParams(f.ctx, types.Params{KeyEpochBlocks: 10, HistoryBlocks: 120}))
	f.skipTo(260)
	_, err = f.At(f.ctx, 150)
	require.ErrorIs(t, err, types.ErrPruned)
	again, err := f.At(f.ctx, 151)
	require.NoError(t, err)
	require.Equal(t, first, again)

	// A shorter one counts at once; the store follows with one more value a block.
	f.skipTo(300)
	require.NoError(t, f.SetParams(f.ctx, types.Params{KeyEpochBlocks: 10, HistoryBlocks: 100}))
	_, err = f.At(f.ctx, 200)
	require.ErrorIs(t, err, types.ErrPruned)
	_, err = f.At(f.ctx, 201)
	require.NoError(t, err)
	require.Equal(t, 120, f.stored())
	f.skipTo(310)
	require.Equal(t, 110, f.stored())
	f.skipTo(330)
	require.Equal(t, 100, f.stored())
}

// stored counts the values in the store.
func (f *fixture) stored() int {
	f.Helper()
	n := 0
	params, err := f.Params(f.ctx)
	require.NoError(f, err)
	wide := params
	wide.HistoryBlocks = 1_000
	require.NoError(f, f.SetParams(f.ctx, wide))
	for height := range f.height + 1 {
		if _, err := f.At(f.ctx, height); err == nil {
			n++
		}
	}
	require.NoError(f, f.SetParams(f.ctx, params))
	return n
}
