package keeper_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/beacon/keeper"
	"github.com/ipdm-network/ipdm/x/beacon/types"
)

func newKeeper(t *testing.T) (*keeper.Keeper, sdk.Context) {
	t.Helper()
	key := storetypes.NewKVStoreKey(types.StoreKey)
	tc := testutil.DefaultContextWithDB(t, key, storetypes.NewTransientStoreKey("transient"))
	k, err := keeper.New(codec.NewProtoCodec(codectypes.NewInterfaceRegistry()), runtime.NewKVStoreService(key))
	require.NoError(t, err)
	return k, tc.Ctx.WithBlockHeight(1)
}

func hash(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

func TestABlockUsesTheHashOfTheOneBefore(t *testing.T) {
	k, ctx := newKeeper(t)
	_, err := k.Latest(ctx)
	require.ErrorIs(t, err, types.ErrNoValue)

	require.NoError(t, k.SaveBlockHash(ctx, 1, hash(1)))
	_, err = k.Latest(ctx)
	require.ErrorIs(t, err, types.ErrNoValue, "its own hash is not usable within a block")
	_, err = keeper.NewQueryServer(k).Latest(ctx, &types.QueryLatestRequest{})
	require.Equal(t, codes.NotFound, status.Code(err))

	// Before PreBlock of the next block, and after it, the value is the one of the block before.
	ctx = ctx.WithBlockHeight(2)
	one, err := k.Latest(ctx)
	require.NoError(t, err)
	require.NoError(t, k.SaveBlockHash(ctx, 2, hash(2)))
	again, err := k.Latest(ctx)
	require.NoError(t, err)
	require.Equal(t, one, again)
	require.Equal(t, "1701364e86d7b60748d0ca1438e0acaeeb98100e7f0bd88ecb1c5a3e7d5f2cea", hex.EncodeToString(one[:]), "golden")

	// Saving the same block once more changes nothing that the block can see.
	require.NoError(t, k.SaveBlockHash(ctx, 2, hash(3)))
	again, err = k.Latest(ctx)
	require.NoError(t, err)
	require.Equal(t, one, again)

	ctx = ctx.WithBlockHeight(3)
	require.NoError(t, k.SaveBlockHash(ctx, 3, hash(2)))
	three, err := keeper.NewQueryServer(k).Latest(ctx, &types.QueryLatestRequest{})
	require.NoError(t, err)
	require.Equal(t, int64(2), three.Value.Height)
	require.NotEqual(t, one[:], three.Value.Value)
}

func TestTheHeightSeparatesEqualHashes(t *testing.T) {
	k, ctx := newKeeper(t)
	values := map[[32]byte]bool{}
	for height := int64(1); height <= 4; height++ {
		ctx = ctx.WithBlockHeight(height)
		require.NoError(t, k.SaveBlockHash(ctx, height, hash(9)))
		if height > 1 {
			value, err := k.Latest(ctx)
			require.NoError(t, err)
			values[value] = true
		}
	}
	require.Len(t, values, 3)
}

func TestSaveBlockHashRefuses(t *testing.T) {
	k, ctx := newKeeper(t)
	for name, tt := range map[string]struct {
		height int64
		hash   []byte
	}{
		"no hash":       {1, nil},
		"overlong":      {1, make([]byte, 65)},
		"no height":     {0, hash(1)},
		"before height": {-1, hash(1)},
	} {
		require.ErrorIs(t, k.SaveBlockHash(ctx, tt.height, tt.hash), types.ErrBlockHash, name)
	}
}

func TestGenesisRoundTrip(t *testing.T) {
	for blocks := range int64(4) {
		k, ctx := newKeeper(t)
		for height := int64(1); height <= blocks; height++ {
			require.NoError(t, k.SaveBlockHash(ctx.WithBlockHeight(height), height, hash(byte(height))))
		}
		exported, err := k.ExportGenesis(ctx)
		require.NoError(t, err)
		require.NoError(t, exported.Validate())

		other, otherCtx := newKeeper(t)
		require.NoError(t, other.InitGenesis(otherCtx, *exported))
		back, err := other.ExportGenesis(otherCtx)
		require.NoError(t, err)
		require.Equal(t, exported, back)

		next := ctx.WithBlockHeight(blocks + 1)
		want, wantErr := k.Latest(next)
		got, gotErr := other.Latest(otherCtx.WithBlockHeight(blocks + 1))
		require.Equal(t, want, got)
		require.Equal(t, wantErr == nil, gotErr == nil)
		require.Equal(t, blocks > 0, wantErr == nil)
	}
}

func TestGenesisRefuses(t *testing.T) {
	k, ctx := newKeeper(t)
	for name, gs := range map[string]types.GenesisState{
		"short":            {Current: types.Value{Height: 1, Value: make([]byte, 31)}},
		"long":             {Current: types.Value{Height: 1, Value: make([]byte, 33)}},
		"height":           {Current: types.Value{Height: -1, Value: hash(1)}},
		"no height":        {Current: types.Value{Value: hash(1)}},
		"previous":         {Current: types.Value{Height: 2, Value: hash(1)}, Previous: types.Value{Height: 1}},
		"without current":  {Previous: types.Value{Height: 1, Value: hash(1)}},
		"no previous size": {Current: types.Value{Height: 2, Value: hash(1)}, Previous: types.Value{Value: hash(1)}},
	} {
		require.Error(t, gs.Validate(), name)
		require.Error(t, k.InitGenesis(ctx, gs), name)
	}
	require.NoError(t, types.DefaultGenesis().Validate())
}
