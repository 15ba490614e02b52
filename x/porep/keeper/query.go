package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"github.com/cosmos/cosmos-sdk/types/query"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/x/internal/page"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

type queryServer struct{ *Keeper }

// NewQueryServer returns the query service over a keeper.
func NewQueryServer(k *Keeper) types.QueryServer { return queryServer{k} }

var errNoRequest = status.Error(codes.InvalidArgument, "no request")

// Params returns the parameters.
func (q queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := q.Keeper.Params(ctx)
	if err != nil {
		return nil, err
	}
	return &types.QueryParamsResponse{Params: params}, nil
}

// Provider returns a provider's proving state; NotFound for an account that proves nothing.
func (q queryServer) Provider(ctx context.Context, req *types.QueryProviderRequest) (*types.QueryProviderResponse, error) {
	if req == nil {
		return nil, errNoRequest
	}
	state, err := q.foundProvider(ctx, req.Provider, req.Class)
	if err != nil {
		return nil, err
	}
	return &types.QueryProviderResponse{State: state}, nil
}

// Challenges returns the open window's challenges, resolved to units.
func (q queryServer) Challenges(ctx context.Context, req *types.QueryChallengesRequest) (*types.QueryChallengesResponse, error) {
	if req == nil {
		return nil, errNoRequest
	}
	state, err := q.foundProvider(ctx, req.Provider, req.Class)
	if err != nil {
		return nil, err
	}
	response := &types.QueryChallengesResponse{Window: state.Window}
	if !state.Window.Open || state.Window.Openings == 0 {
		return response, nil
	}
	challenges, err := q.windowChallenges(ctx, state)
	if err != nil {
		return nil, err
	}
	response.Challenges = published(challenges)
	return response, nil
}

// Units lists a provider's units by id.
func (q queryServer) Units(ctx context.Context, req *types.QueryUnitsRequest) (*types.QueryUnitsResponse, error) {
	if req == nil {
		return nil, errNoRequest
	}
	units, next, err := q.list(ctx, q.unitsByProvider, req.Provider, req.Class, req.Pagination)
	if err != nil {
		return nil, err
	}
	return &types.QueryUnitsResponse{Units: units, Pagination: next}, nil
}

// Faults lists a provider's faulty units by id.
func (q queryServer) Faults(ctx context.Context, req *types.QueryFaultsRequest) (*types.QueryFaultsResponse, error) {
	if req == nil {
		return nil, errNoRequest
	}
	units, next, err := q.list(ctx, q.faulty, req.Provider, req.Class, req.Pagination)
	if err != nil {
		return nil, err
	}
	return &types.QueryFaultsResponse{Units: units, Pagination: next}, nil
}

// Unit returns one unit; NotFound when it does not exist.
func (q queryServer) Unit(ctx context.Context, req *types.QueryUnitRequest) (*types.QueryUnitResponse, error) {
	if req == nil {
		return nil, errNoRequest
	}
	unit, found, err := q.findUnit(ctx, req.Id)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, status.Error(codes.NotFound, types.ErrUnknownUnit.Wrapf("%d", req.Id).Error())
	}
	return &types.QueryUnitResponse{Unit: unit}, nil
}

func (q queryServer) checkAddress(provider string) error {
	if _, err := q.addresses.StringToBytes(provider); err != nil {
		return status.Errorf(codes.InvalidArgument, "provider %q: %s", provider, err)
	}
	return nil
}

// checkMap refuses a map that cannot be.
func (q queryServer) checkMap(provider string, class types.Class) error {
	if err := q.checkAddress(provider); err != nil {
		return err
	}
	if err := class.OrOpen().Check(); err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	return nil
}

func (q queryServer) foundProvider(ctx context.Context, provider string, class types.Class) (types.ProviderState, error) {
	if err := q.checkMap(provider, class); err != nil {
		return types.ProviderState{}, err
	}
	state, found, err := q.findProvider(ctx, types.MapKey(provider, class.OrOpen()))
	if err == nil && !found {
		err = status.Error(codes.NotFound, types.ErrUnknownProvider.Wrap(provider).Error())
	}
	return state, err
}

// published is what a client needs to know of challenges.
func published(challenges []challenge) []types.Challenge {
	list := make([]types.Challenge, 0, len(challenges))
	for i, c := range challenges {
		entry := types.Challenge{
			Index: uint32(i), UnitId: c.unit.Id, DealId: c.unit.DealId, CommD: c.unit.CommD,
			SizeBytes: c.unit.SizeBytes, Offset: c.offset,
		}
		if c.unit.Class == types.CLASS_SEALED {
			entry.SectorId, entry.Node = c.unit.SectorId, c.node()
			entry.Nodes, entry.CommRLast = c.sectorNodes, c.commRLast
		}
		list = append(list, entry)
	}
	return list
}

// list reads a page of the units that a set names for a provider's map.
func (q queryServer) list(
	ctx context.Context, set collections.KeySet[collections.Pair[string, uint64]],
	provider string, class types.Class, request *query.PageRequest,
) ([]types.Unit, *query.PageResponse, error) {
	if err := q.checkMap(provider, class); err != nil {
		return nil, nil, err
	}
	return query.CollectionPaginate(ctx, set, page.Bound(request),
		func(key collections.Pair[string, uint64], _ collections.NoValue) (types.Unit, error) {
			return q.Keeper.Unit(ctx, key.K2())
		}, query.WithCollectionPaginationPairPrefix[string, uint64](types.MapKey(provider, class.OrOpen())))
}
