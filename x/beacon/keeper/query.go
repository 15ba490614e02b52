package keeper

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/x/beacon/types"
)

type queryServer struct{ keeper *Keeper }

// NewQueryServer returns the query service over a keeper.
func NewQueryServer(k *Keeper) types.QueryServer { return queryServer{k} }

// Latest returns the newest usable value; NotFound when there is none yet.
func (q queryServer) Latest(ctx context.Context, _ *types.QueryLatestRequest) (*types.QueryLatestResponse, error) {
	value, err := q.keeper.latest(ctx)
	if errors.Is(err, types.ErrNoValue) {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	if err != nil {
		return nil, err
	}
	return &types.QueryLatestResponse{Value: value}, nil
}
