package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/x/incentive/types"
)

func TestParametersChangeByGovernanceOnly(t *testing.T) {
	f := lived(t)
	params := testParams()
	params.VestingTime = 10 * time.Minute
	update := func(authority string) error {
		_, err := f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority, Params: params})
		return err
	}
	require.ErrorIs(t, update(provider(0)), types.ErrAuthority)
	require.NoError(t, update(authority.String()))
	res, err := f.query.Params(f.ctx, &types.QueryParamsRequest{})
	require.NoError(t, err)
	require.Equal(t, params, res.Params)
	params.Denom = "other"
	require.ErrorIs(t, update(authority.String()), types.ErrInvalidParams)
	params.Denom, params.StorageBps = denom, 1
	require.ErrorIs(t, update(authority.String()), types.ErrInvalidParams)

	// What vests keeps its time, and no change of it makes an account grow.
	for _, minutes := range []int{59, 31, 47, 60, 30} {
		params = testParams()
		params.VestingTime = time.Duration(minutes) * time.Minute
		require.NoError(t, update(authority.String()))
		for range 20 {
			f.pass(t, time.Minute)
			f.close(t, provider(0), true)
		}
	}
}

func TestAccountQuery(t *testing.T) {
	f := lived(t)
	f.pass(t, 10*time.Second)
	res, err := f.query.Account(f.ctx, &types.QueryAccountRequest{Provider: provider(2)})
	require.NoError(t, err)
	require.InDelta(t, 260*6_000/2, res.Pending.Int64(), 5, "half of the sealed bytes, no window closed yet")
	require.True(t, res.Claimable.IsZero())
	require.True(t, res.Vesting.IsZero())

	emission, err := f.query.Emission(f.ctx, &types.QueryEmissionRequest{})
	require.NoError(t, err)
	require.Equal(t, 6*gib, emission.Emission.SealedBytes)
	require.Equal(t, f.bank.GetSupply(f.ctx, denom).Amount, emission.Supply)
	require.Equal(t, f.totals(t), emission.Totals)

	for code, req := range map[codes.Code]*types.QueryAccountRequest{
		codes.NotFound: {Provider: provider(9)}, codes.InvalidArgument: {Provider: "x"},
	} {
		_, err := f.query.Account(f.ctx, req)
		require.Equal(t, code, status.Code(err))
	}
	_, err = f.query.Account(f.ctx, nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}
