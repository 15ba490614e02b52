package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/x/anchor/types"
	"github.com/ipdm-network/ipdm/x/internal/page"
)

type queryServer struct{ k *Keeper }

var _ types.QueryServer = queryServer{}

// NewQueryServer returns the handler of the module's queries.
func NewQueryServer(k *Keeper) types.QueryServer { return queryServer{k} }

// Params returns the parameters.
func (s queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := s.k.params.Get(ctx)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &types.QueryParamsResponse{Params: params}, nil
}

// Manifest returns one record, or code NotFound.
func (s queryServer) Manifest(ctx context.Context, req *types.QueryManifestRequest) (*types.QueryManifestResponse, error) {
	if err := types.ValidateManifest(req.GetManifest()); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	record, err := s.k.Record(ctx, req.Manifest)
	if errors.Is(err, types.ErrNotFound) {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &types.QueryManifestResponse{Record: record}, nil
}

// ByRoot lists the records of a root.
func (s queryServer) ByRoot(ctx context.Context, req *types.QueryByRootRequest) (*types.QueryByRootResponse, error) {
	if err := types.ValidateRoot(req.GetRoot()); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	records, next, err := list(ctx, s.k, s.k.byRoot, req.Root, req.Pagination)
	if err != nil {
		return nil, err
	}
	return &types.QueryByRootResponse{Records: records, Pagination: next}, nil
}

// ByOwner lists the records of an account.
func (s queryServer) ByOwner(ctx context.Context, req *types.QueryByOwnerRequest) (*types.QueryByOwnerResponse, error) {
	owner, err := s.k.addresses.StringToBytes(req.GetOwner())
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	records, next, err := list(ctx, s.k, s.k.byOwner, sdk.AccAddress(owner), req.Pagination)
	if err != nil {
		return nil, err
	}
	return &types.QueryByOwnerResponse{Records: records, Pagination: next}, nil
}

// ByTag lists the records that carry a tag.
func (s queryServer) ByTag(ctx context.Context, req *types.QueryByTagRequest) (*types.QueryByTagResponse, error) {
	if err := types.ValidateTag(req.GetTag(), types.MaxTagBytes); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	records, next, err := list(ctx, s.k, s.k.byTag, req.Tag, req.Pagination)
	if err != nil {
		return nil, err
	}
	return &types.QueryByTagResponse{Records: records, Pagination: next}, nil
}

// Proof returns the proof of one record, or code NotFound.
func (s queryServer) Proof(goCtx context.Context, req *types.QueryProofRequest) (*types.QueryProofResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	if err := types.ValidateManifest(req.GetManifest()); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	proof, err := s.k.Prove(ctx, req.Manifest)
	switch {
	case errors.Is(err, types.ErrNotFound):
		return nil, status.Error(codes.NotFound, err.Error())
	case err != nil:
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &types.QueryProofResponse{
		Height: ctx.BlockHeight(), Root: proof.Root[:], Key: proof.Key[:], Value: proof.Value.Encode(), Nodes: proof.Nodes,
	}, nil
}

// list reads a page of the records that index holds under key.
func list[K any](
	ctx context.Context, k *Keeper, index collections.KeySet[collections.Pair[K, string]], key K, request *query.PageRequest,
) ([]types.Record, *query.PageResponse, error) {
	records, next, err := query.CollectionPaginate(
		ctx, index, page.Bound(request),
		func(pair collections.Pair[K, string], _ collections.NoValue) (types.Record, error) {
			return k.Record(ctx, pair.K2())
		},
		query.WithCollectionPaginationPairPrefix[K, string](key),
	)
	if err != nil {
		return nil, nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return records, next, nil
}
