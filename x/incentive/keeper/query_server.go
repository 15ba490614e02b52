package keeper

import (
	"context"
	"errors"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/x/incentive/types"
)

type queryServer struct{ k *Keeper }

// NewQueryServer returns the query service over a keeper.
func NewQueryServer(k *Keeper) types.QueryServer { return queryServer{k} }

// pledgeUnit is what pledges are quoted for, in bytes.
const pledgeUnit = 1 << 30

// Params returns the parameters.
func (q queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := q.k.Params(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryParamsResponse{Params: params}, nil
}

// Emission returns the index, the totals, the present emission and the supply.
func (q queryServer) Emission(ctx context.Context, _ *types.QueryEmissionRequest) (*types.QueryEmissionResponse, error) {
	params, emission, err := q.k.present(ctx)
	if err != nil {
		return nil, err
	}
	totals, err := q.k.Totals(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryEmissionResponse{
		Emission: emission, Totals: totals, PerSecond: q.k.perSecond(ctx, params, emission), Supply: q.k.bank.GetSupply(ctx, params.Denom).Amount,
	}, nil
}

// Account returns a provider's account as of the present block; NotFound for one that has gathered nothing.
func (q queryServer) Account(ctx context.Context, req *types.QueryAccountRequest) (*types.QueryAccountResponse, error) {
	if req == nil {
		return nil, status.Error(codes.InvalidArgument, "no request")
	}
	if _, err := q.k.address(req.Provider); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	account, err := q.k.Account(ctx, req.Provider)
	if errors.Is(err, types.ErrNoAccount) {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	if err != nil {
		return nil, err
	}
	emission, err := q.k.Emission(ctx)
	if err != nil {
		return nil, err
	}
	account.Accrue(emission.Index)
	account.Release(sdk.UnwrapSDKContext(ctx).BlockTime())
	pending, _ := types.Whole(account.Pending)
	return &types.QueryAccountResponse{Account: account, Claimable: account.Payable, Vesting: account.Unvested(), Pending: pending}, nil
}

// Pledge returns what a sealed GiB takes in pledge and gathers in a day.
func (q queryServer) Pledge(ctx context.Context, _ *types.QueryPledgeRequest) (*types.QueryPledgeResponse, error) {
	pledge, err := q.k.SealedPledge(ctx, pledgeUnit)
	if err != nil {
		return nil, err
	}
	reward, err := q.k.RewardEstimate(ctx, pledgeUnit, 24*time.Hour)
	if err != nil {
		return nil, err
	}
	return &types.QueryPledgeResponse{PerGib: pledge, RewardPerGibDay: reward}, nil
}
