package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"

	"github.com/ipdm-network/ipdm/x/beacon/keeper"
	"github.com/ipdm-network/ipdm/x/beacon/types"
	"github.com/ipdm-network/ipdm/x/beacon/vrf"
)

func TestANewKeyWaitsForTwoEpochs(t *testing.T) {
	for registered, want := range map[int64]int64{1: 20, 9: 20, 10: 30, 19: 30, 20: 40} {
		f := newChain(t)
		v := f.validator(1)
		f.skipTo(registered)
		effective, err := f.setKey(v, v.key, v.key)
		require.NoError(t, err)
		require.Equal(t, want, effective, "registered at %d", registered)

		// Until then its blocks fall back, and must not have a proof.
		for f.height < want-1 {
			require.ErrorIs(t, f.advance(v.address, f.prove(v.key)), types.ErrProofUnexpected, "height %d", f.height+1)
			require.NoError(t, f.advance(v.address, nil))
		}
		require.ErrorIs(t, f.advance(v.address, nil), types.ErrProofMissing)
		require.NoError(t, f.advance(v.address, f.prove(v.key)))
		require.Equal(t, want, f.height)
	}
}

func TestAChangeOfKeyWaitsForTwoEpochs(t *testing.T) {
	v := newValidator(t, 1)
	f := newChain(t, v.genesisKey())
	f.validator(1)
	f.skipTo(5)
	next := vrfKey(t, 8)
	effective, err := f.setKey(v, next, next)
	require.NoError(t, err)
	require.Equal(t, int64(20), effective)

	_, err = f.setKey(v, vrfKey(t, 9), vrfKey(t, 9))
	require.ErrorIs(t, err, types.ErrKeyPending)
	for f.height < 19 {
		require.ErrorIs(t, f.advance(v.address, f.prove(next)), types.ErrInvalidProof)
		require.ErrorIs(t, f.advance(v.address, nil), types.ErrProofMissing, "a change gives no block without a proof")
		require.NoError(t, f.advance(v.address, f.prove(v.key)))
	}
	_, err = f.setKey(v, vrfKey(t, 9), vrfKey(t, 9))
	require.ErrorIs(t, err, types.ErrKeyPending, "until the block before")
	require.ErrorIs(t, f.advance(v.address, f.prove(v.key)), types.ErrInvalidProof)
	require.NoError(t, f.advance(v.address, f.prove(next)))

	_, err = f.setKey(v, next, next)
	require.ErrorIs(t, err, types.ErrSameKey)
	effective, err = f.setKey(v, v.key, v.key)
	require.NoError(t, err, "back to the first one, with the same delay")
	require.Equal(t, int64(40), effective)
}

func TestSetBeaconKeyRefuses(t *testing.T) {
	f := newChain(t)
	v, other := f.validator(1), f.validator(2)
	f.skipTo(1)
	good, err := v.key.Prove(vrf.PossessionAlpha(sampleChain, v.address))
	require.NoError(t, err)
	elsewhere, err := v.key.Prove(vrf.PossessionAlpha("other", v.address))
	require.NoError(t, err)
	others, err := v.key.Prove(vrf.PossessionAlpha(sampleChain, other.address))
	require.NoError(t, err)
	neutral := append([]byte{1}, make([]byte, 31)...)
	stranger := newValidator(t, 3)

	server := keeper.NewMsgServer(f.Keeper)
	for name, test := range map[string]struct {
		msg  types.MsgSetBeaconKey
		want error
	}{
		"no operator":              {types.MsgSetBeaconKey{PublicKey: v.key.Public(), Possession: good}, types.ErrUnknownValidator},
		"consensus address":        {types.MsgSetBeaconKey{Validator: v.text, PublicKey: v.key.Public(), Possession: good}, types.ErrUnknownValidator},
		"no validator":             {types.MsgSetBeaconKey{Validator: stranger.operator, PublicKey: v.key.Public(), Possession: good}, types.ErrUnknownValidator},
		"no key":                   {types.MsgSetBeaconKey{Validator: v.operator, Possession: good}, types.ErrInvalidKey},
		"key of small order":       {types.MsgSetBeaconKey{Validator: v.operator, PublicKey: neutral, Possession: good}, types.ErrInvalidKey},
		"no possession":            {types.MsgSetBeaconKey{Validator: v.operator, PublicKey: v.key.Public()}, types.ErrInvalidPossession},
		"possession of another":    {types.MsgSetBeaconKey{Validator: v.operator, PublicKey: other.key.Public(), Possession: good}, types.ErrInvalidPossession},
		"possession on a chain":    {types.MsgSetBeaconKey{Validator: v.operator, PublicKey: v.key.Public(), Possession: elsewhere}, types.ErrInvalidPossession},
		"possession by another":    {types.MsgSetBeaconKey{Validator: v.operator, PublicKey: v.key.Public(), Possession: others}, types.ErrInvalidPossession},
		"another validator's copy": {types.MsgSetBeaconKey{Validator: other.operator, PublicKey: v.key.Public(), Possession: good}, types.ErrInvalidPossession},
	} {
		_, err := server.SetBeaconKey(f.ctx, &test.msg)
		require.ErrorIs(t, err, test.want, name)
	}
	_, err = server.SetBeaconKey(f.ctx, &types.MsgSetBeaconKey{Validator: v.operator, PublicKey: v.key.Public(), Possession: good})
	require.NoError(t, err)
}

func TestSetBeaconKeyChargesBeforeTheWork(t *testing.T) {
	f := newChain(t)
	v := f.validator(1)
	f.ctx = f.ctx.WithGasMeter(storetypes.NewGasMeter(30_000))
	require.Panics(t, func() { _, _ = f.setKey(v, v.key, v.key) })
}

func TestARemovedValidatorLosesItsKey(t *testing.T) {
	one, two := newValidator(t, 1), newValidator(t, 2)
	f := newChain(t, one.genesisKey(), two.genesisKey())
	require.NoError(t, f.Hooks().AfterValidatorRemoved(f.ctx, one.address, nil))
	require.NoError(t, f.advance(one.address, nil))
	require.ErrorIs(t, f.advance(two.address, nil), types.ErrProofMissing)
	require.NoError(t, f.Hooks().AfterValidatorRemoved(f.ctx, one.address, nil), "one that has none")
}

func TestUpdateParams(t *testing.T) {
	f := newChain(t)
	server := keeper.NewMsgServer(f.Keeper)
	good := types.Params{KeyEpochBlocks: 7, HistoryBlocks: 1_000}
	_, err := server.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: "somebody", Params: good})
	require.ErrorIs(t, err, types.ErrUnauthorized)
	for _, bad := range []types.Params{
		{},
		{KeyEpochBlocks: 1, HistoryBlocks: 1_000},
		{KeyEpochBlocks: 1_000_001, HistoryBlocks: 1_000},
		{KeyEpochBlocks: 7, HistoryBlocks: 99},
		{KeyEpochBlocks: 7, HistoryBlocks: 1_000_001},
	} {
		_, err := server.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority, Params: bad})
		require.ErrorIs(t, err, types.ErrInvalidParams)
	}
	_, err = server.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority, Params: good})
	require.NoError(t, err)
	params, err := f.Params(f.ctx)
	require.NoError(t, err)
	require.Equal(t, good, params)
	require.NoError(t, types.DefaultParams().Validate())
	require.NoError(t, types.LocalnetParams().Validate())
}
