package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/x/beacon/keeper"
	"github.com/ipdm-network/ipdm/x/beacon/types"
	"github.com/ipdm-network/ipdm/x/beacon/vrf"
)

func TestGenesisRoundTrip(t *testing.T) {
	one := newValidator(t, 1)
	for _, blocks := range []int64{0, 1, 15, 150} {
		f := newChain(t, one.genesisKey())
		two := f.validator(2)
		f.validator(1)
		for f.height < blocks {
			require.NoError(t, f.advance(one.address, f.prove(one.key)))
		}
		if blocks > 0 {
			_, err := f.setKey(two, two.key, two.key)
			require.NoError(t, err)
			_, err = f.setKey(one, vrfKey(t, 7), vrfKey(t, 7))
			require.NoError(t, err)
		}
		exported, err := f.ExportGenesis(f.ctx)
		require.NoError(t, err)
		require.NoError(t, exported.Validate())
		require.Len(t, exported.History, 32*int(min(blocks+1, 100)))

		other := newFixture(t, exported, blocks+1)
		back, err := other.ExportGenesis(other.ctx)
		require.NoError(t, err)
		require.Equal(t, exported, back)
		for height := range blocks + 2 {
			want, wantErr := f.At(f.ctx, height)
			got, gotErr := other.At(other.ctx, height)
			require.Equal(t, want, got, "height %d", height)
			require.Equal(t, wantErr == nil, gotErr == nil, "height %d", height)
		}
		// Both go on alike.
		for range 25 {
			key := one.key
			if blocks > 0 && f.height+1 >= (blocks/10+2)*10 {
				key = vrfKey(t, 7)
			}
			proof := f.prove(key)
			require.NoError(t, f.advance(one.address, proof))
			require.NoError(t, other.advance(one.address, proof))
		}
		want, err := f.Latest(f.ctx)
		require.NoError(t, err)
		got, err := other.Latest(other.ctx)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

// A state that is the genesis of a chain with heights of its own gives that chain its randomness and its keys.
func TestGenesisAtAnotherHeight(t *testing.T) {
	one := newValidator(t, 1)
	f := newChain(t, one.genesisKey())
	for f.height < 30 {
		require.NoError(t, f.advance(one.address, f.prove(one.key)))
	}
	exported, err := f.ExportGenesis(f.ctx)
	require.NoError(t, err)
	last, err := f.Latest(f.ctx)
	require.NoError(t, err)

	for _, initialHeight := range []int64{1, 10, 500} {
		other := newFixture(t, exported, initialHeight)
		got, err := other.Latest(other.ctx)
		require.NoError(t, err)
		require.Equal(t, last, got)
		if initialHeight > 1 {
			_, err = other.At(other.ctx, initialHeight-2)
			require.ErrorIs(t, err, types.ErrPruned)
		}
		require.NoError(t, other.advance(one.address, other.prove(one.key)))
	}
}

func TestANewChainDerivesItsFirstValue(t *testing.T) {
	f := newFixture(t, types.DefaultGenesis(), 1)
	value, err := f.At(f.ctx, 0)
	require.NoError(t, err)
	require.Equal(t, vrf.Genesis(sampleChain), value)
}

func TestGenesisRefuses(t *testing.T) {
	one := newValidator(t, 1)
	good := func(change func(gs *types.GenesisState)) types.GenesisState {
		gs := types.GenesisState{Params: types.DefaultParams(), Height: 3, History: make([]byte, 64), Keys: []types.Key{one.genesisKey()}}
		change(&gs)
		return gs
	}
	f := newChain(t)
	require.NoError(t, good(func(*types.GenesisState) {}).Validate())
	for name, gs := range map[string]types.GenesisState{
		"no parameters":      good(func(gs *types.GenesisState) { gs.Params = types.Params{} }),
		"half a value":       good(func(gs *types.GenesisState) { gs.History = make([]byte, 63) }),
		"negative height":    good(func(gs *types.GenesisState) { gs.Height = -1 }),
		"height without one": good(func(gs *types.GenesisState) { gs.History = nil }),
		"values before 0":    good(func(gs *types.GenesisState) { gs.History = make([]byte, 32*5) }),
		"more than are kept": good(func(gs *types.GenesisState) {
			gs.Height, gs.History, gs.Params.HistoryBlocks = 200, make([]byte, 32*101), 100
		}),
		"key without address": good(func(gs *types.GenesisState) { gs.Keys[0].ConsensusAddress = "" }),
		"two keys of one":     good(func(gs *types.GenesisState) { gs.Keys = append(gs.Keys, gs.Keys[0]) }),
		"short key":           good(func(gs *types.GenesisState) { gs.Keys[0].PublicKey = make([]byte, 31) }),
		"small order":         good(func(gs *types.GenesisState) { gs.Keys[0].PublicKey = make([]byte, 32); gs.Keys[0].PublicKey[0] = 1 }),
		"no key":              good(func(gs *types.GenesisState) { gs.Keys[0].PublicKey = nil }),
		"pending without key": good(func(gs *types.GenesisState) { gs.Keys[0].PendingHeight = 9 }),
		"pending at no height": good(func(gs *types.GenesisState) {
			gs.Keys[0].PendingPublicKey = one.key.Public()
		}),
	} {
		require.Error(t, gs.Validate(), name)
		require.Error(t, f.InitGenesis(f.ctx, gs), name)
	}
	foreign := good(func(gs *types.GenesisState) { gs.Keys[0].ConsensusAddress = one.operator })
	require.ErrorIs(t, f.InitGenesis(f.ctx, foreign), types.ErrInvalidGenesis)
	require.NoError(t, types.DefaultGenesis().Validate())
}

func TestQueries(t *testing.T) {
	one, two := newValidator(t, 1), newValidator(t, 2)
	f := newChain(t, one.genesisKey())
	f.validator(2)
	require.NoError(t, f.advance(one.address, f.prove(one.key)))
	_, err := f.setKey(two, two.key, two.key)
	require.NoError(t, err)
	q := keeper.NewQueryServer(f.Keeper)

	latest, err := q.Latest(f.ctx, &types.QueryLatestRequest{})
	require.NoError(t, err)
	at, err := q.Value(f.ctx, &types.QueryValueRequest{Height: 1})
	require.NoError(t, err)
	require.Equal(t, latest.Value, at.Value)
	params, err := q.Params(f.ctx, &types.QueryParamsRequest{})
	require.NoError(t, err)
	require.Equal(t, uint64(10), params.Params.KeyEpochBlocks)

	key, err := q.Key(f.ctx, &types.QueryKeyRequest{ConsensusAddress: one.text})
	require.NoError(t, err)
	require.Equal(t, one.key.Public(), key.EffectivePublicKey)
	key, err = q.Key(f.ctx, &types.QueryKeyRequest{ConsensusAddress: two.text})
	require.NoError(t, err)
	require.Empty(t, key.EffectivePublicKey)
	require.Equal(t, types.Key{ConsensusAddress: two.text, PendingPublicKey: two.key.Public(), PendingHeight: 20}, key.Key)

	for _, height := range []int64{-1, 2} {
		_, err = q.Value(f.ctx, &types.QueryValueRequest{Height: height})
		require.Equal(t, codes.NotFound, status.Code(err))
	}
	_, err = q.Key(f.ctx, &types.QueryKeyRequest{ConsensusAddress: newValidator(t, 3).text})
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = q.Key(f.ctx, &types.QueryKeyRequest{ConsensusAddress: one.operator})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}
