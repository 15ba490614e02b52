package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/x/internal/page"
	"github.com/ipdm-network/ipdm/x/market/types"
)

type queryServer struct{ k *Keeper }

var _ types.QueryServer = queryServer{}

// NewQueryServer returns the handler of the module's queries.
func NewQueryServer(k *Keeper) types.QueryServer { return queryServer{k} }

// Params returns the parameters.
func (s queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := s.k.Params(ctx)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &types.QueryParamsResponse{Params: params}, nil
}

// Provider returns one provider, or code NotFound.
func (s queryServer) Provider(ctx context.Context, req *types.QueryProviderRequest) (*types.QueryProviderResponse, error) {
	if _, err := s.k.address(req.GetAddress()); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	provider, err := s.k.Provider(ctx, req.Address)
	if err != nil {
		return nil, queryError(err)
	}
	params, err := s.k.Params(ctx)
	if err != nil {
		return nil, queryError(err)
	}
	return &types.QueryProviderResponse{Provider: provider, FreeBytes: provider.FreeBytes(params)}, nil
}

// Providers lists providers in the order of their addresses.
func (s queryServer) Providers(ctx context.Context, req *types.QueryProvidersRequest) (*types.QueryProvidersResponse, error) {
	providers, next, err := query.CollectionPaginate(ctx, s.k.providers, page.Bound(req.GetPagination()),
		func(_ sdk.AccAddress, provider types.Provider) (types.Provider, error) { return provider, nil })
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return &types.QueryProvidersResponse{Providers: providers, Pagination: next}, nil
}

// Deal returns one deal with its replicas, or code NotFound.
func (s queryServer) Deal(ctx context.Context, req *types.QueryDealRequest) (*types.QueryDealResponse, error) {
	deal, err := s.k.Deal(ctx, req.GetId())
	if err != nil {
		return nil, queryError(err)
	}
	replicas, err := s.k.Replicas(ctx, deal)
	if err != nil {
		return nil, queryError(err)
	}
	return &types.QueryDealResponse{Deal: deal, Replicas: replicas}, nil
}

// Deals lists all deals, those of a client or those of a root, in the order of their ids.
func (s queryServer) Deals(ctx context.Context, req *types.QueryDealsRequest) (*types.QueryDealsResponse, error) {
	var (
		deals []types.Deal
		next  *query.PageResponse
		err   error
	)
	request := page.Bound(req.GetPagination())
	switch {
	case req.GetClient() != "" && req.GetRoot() != "":
		return nil, status.Error(codes.InvalidArgument, "at most one of client and root may be given")
	case req.GetClient() != "":
		client, addressErr := s.k.address(req.Client)
		if addressErr != nil {
			return nil, status.Error(codes.InvalidArgument, addressErr.Error())
		}
		deals, next, err = listDeals(ctx, s.k, s.k.byClient, client, request)
	case req.GetRoot() != "":
		deals, next, err = listDeals(ctx, s.k, s.k.byRoot, req.Root, request)
	default:
		deals, next, err = query.CollectionPaginate(ctx, s.k.deals, request,
			func(_ uint64, deal types.Deal) (types.Deal, error) { return deal, nil })
	}
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return &types.QueryDealsResponse{Deals: deals, Pagination: next}, nil
}

// Assignments lists the replicas that a provider holds or is to activate.
func (s queryServer) Assignments(
	ctx context.Context, req *types.QueryAssignmentsRequest,
) (*types.QueryAssignmentsResponse, error) {
	provider, err := s.k.address(req.GetProvider())
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	assignments, next, err := query.CollectionPaginate(ctx, s.k.assignments, page.Bound(req.Pagination),
		func(key collections.Pair[sdk.AccAddress, replicaKey], _ collections.NoValue) (types.Assignment, error) {
			deal, replica, err := s.k.dealAndReplica(ctx, key.K2().K1(), key.K2().K2())
			return types.Assignment{Deal: deal, Replica: replica}, err
		},
		query.WithCollectionPaginationPairPrefix[sdk.AccAddress, replicaKey](provider),
	)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return &types.QueryAssignmentsResponse{Assignments: assignments, Pagination: next}, nil
}

func listDeals[K any](
	ctx context.Context, k *Keeper, index collections.KeySet[collections.Pair[K, uint64]], key K, request *query.PageRequest,
) ([]types.Deal, *query.PageResponse, error) {
	return query.CollectionPaginate(ctx, index, request,
		func(pair collections.Pair[K, uint64], _ collections.NoValue) (types.Deal, error) {
			return k.Deal(ctx, pair.K2())
		},
		query.WithCollectionPaginationPairPrefix[K, uint64](key),
	)
}

func queryError(err error) error {
	for _, absent := range []error{types.ErrProviderNotFound, types.ErrDealNotFound, types.ErrReplicaNotFound} {
		if errors.Is(err, absent) {
			return status.Error(codes.NotFound, err.Error())
		}
	}
	return status.Error(codes.Internal, err.Error())
}
