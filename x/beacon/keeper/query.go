package keeper

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/beacon/types"
)

type queryServer struct{ keeper *Keeper }

// NewQueryServer returns the query service over a keeper.
func NewQueryServer(k *Keeper) types.QueryServer { return queryServer{k} }

// Params returns the parameters.
func (q queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := q.keeper.Params(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryParamsResponse{Params: params}, nil
}

// Latest returns the newest value; NotFound when there is none yet.
func (q queryServer) Latest(ctx context.Context, _ *types.QueryLatestRequest) (*types.QueryLatestResponse, error) {
	height, err := q.keeper.newest(ctx)
	if err != nil {
		return nil, statusOf(err)
	}
	value, err := q.keeper.value(ctx, height)
	if err != nil {
		return nil, err
	}
	return &types.QueryLatestResponse{Value: types.Value{Height: height, Value: value[:]}}, nil
}

// Value returns the value of a block; NotFound when it is not known yet or no longer.
func (q queryServer) Value(ctx context.Context, req *types.QueryValueRequest) (*types.QueryValueResponse, error) {
	value, err := q.keeper.At(ctx, req.Height)
	if err != nil {
		return nil, statusOf(err)
	}
	return &types.QueryValueResponse{Value: types.Value{Height: req.Height, Value: value[:]}}, nil
}

// Key returns the key of a validator; NotFound when it has never registered one.
func (q queryServer) Key(ctx context.Context, req *types.QueryKeyRequest) (*types.QueryKeyResponse, error) {
	address, err := q.keeper.consensus.StringToBytes(req.ConsensusAddress)
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "consensus address %q: %s", req.ConsensusAddress, err)
	}
	key, err := q.keeper.key(ctx, address)
	if err != nil {
		return nil, statusOf(err)
	}
	next := sdk.UnwrapSDKContext(ctx).BlockHeight() + 1
	return &types.QueryKeyResponse{Key: key, EffectivePublicKey: key.Effective(next)}, nil
}

// statusOf gives the errors about what does not exist the code NotFound.
func statusOf(err error) error {
	for _, absent := range []error{types.ErrNoValue, types.ErrFuture, types.ErrPruned, types.ErrUnknownKey} {
		if errors.Is(err, absent) {
			return status.Error(codes.NotFound, err.Error())
		}
	}
	return err
}
