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
	"github.com/ipdm-network/ipdm/x/porep/types"
)

// Sector returns one sector; NotFound when it does not exist.
func (q queryServer) Sector(ctx context.Context, req *types.QuerySectorRequest) (*types.QuerySectorResponse, error) {
	if req == nil {
		return nil, errNoRequest
	}
	sector, err := q.foundSector(ctx, req.Id)
	if err != nil {
		return nil, err
	}
	return &types.QuerySectorResponse{Sector: sector}, nil
}

// Sectors lists a provider's sectors by id.
func (q queryServer) Sectors(ctx context.Context, req *types.QuerySectorsRequest) (*types.QuerySectorsResponse, error) {
	if req == nil {
		return nil, errNoRequest
	}
	if err := q.checkAddress(req.Provider); err != nil {
		return nil, err
	}
	sectors, next, err := query.CollectionPaginate(ctx, q.sectorsByProvider, page.Bound(req.Pagination),
		func(key collections.Pair[string, uint64], _ collections.NoValue) (types.Sector, error) {
			return q.Keeper.Sector(ctx, key.K2())
		}, query.WithCollectionPaginationPairPrefix[string, uint64](req.Provider))
	if err != nil {
		return nil, err
	}
	return &types.QuerySectorsResponse{Sectors: sectors, Pagination: next}, nil
}

// SealChallenges returns the nodes that a sector's seal proof is about; NotFound before they are drawn.
func (q queryServer) SealChallenges(
	ctx context.Context, req *types.QuerySealChallengesRequest,
) (*types.QuerySealChallengesResponse, error) {
	if req == nil {
		return nil, errNoRequest
	}
	sector, err := q.foundSector(ctx, req.Id)
	if err != nil {
		return nil, err
	}
	seed, err := q.sealSeed(ctx, sector)
	if errors.Is(err, types.ErrNotDrawn) {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	if err != nil {
		return nil, err
	}
	return &types.QuerySealChallengesResponse{Seed: seed[:], Nodes: sealChallenges(sector, seed)}, nil
}

// PendingSeals lists the seal proofs that wait for a verdict, by their ids, but for those that the given validator has judged.
func (q queryServer) PendingSeals(ctx context.Context, req *types.QueryPendingSealsRequest) (*types.QueryPendingSealsResponse, error) {
	if req == nil {
		return nil, errNoRequest
	}
	var validator sdk.ConsAddress
	if req.Validator != "" {
		var err error
		if validator, err = sdk.ConsAddressFromBech32(req.Validator); err != nil {
			return nil, status.Errorf(codes.InvalidArgument, "validator %q: %s", req.Validator, err)
		}
	}
	seals, next, err := query.CollectionFilteredPaginate(ctx, q.pending, page.Bound(req.Pagination),
		func(sealID, _ uint64) (bool, error) {
			if len(validator) == 0 {
				return true, nil
			}
			judged, err := q.votes.Has(ctx, collections.Join(sealID, []byte(validator)))
			return !judged, err
		},
		func(sealID, sectorID uint64) (types.PendingSeal, error) {
			sector, err := q.Keeper.Sector(ctx, sectorID)
			return types.PendingSeal{SealId: sealID, Sector: sector}, err
		})
	if err != nil {
		return nil, err
	}
	return &types.QueryPendingSealsResponse{Seals: seals, Pagination: next}, nil
}

// SealVotes lists the verdicts on a seal proof, until nobody can dispute it any more.
func (q queryServer) SealVotes(ctx context.Context, req *types.QuerySealVotesRequest) (*types.QuerySealVotesResponse, error) {
	if req == nil {
		return nil, errNoRequest
	}
	votes, next, err := query.CollectionPaginate(ctx, q.votes, page.Bound(req.Pagination),
		func(_ collections.Pair[uint64, []byte], vote types.SealVote) (types.SealVote, error) {
			return vote, nil
		},
		query.WithCollectionPaginationPairPrefix[uint64, []byte](req.SealId))
	if err != nil {
		return nil, err
	}
	return &types.QuerySealVotesResponse{Votes: votes, Pagination: next}, nil
}

// Demands lists the open demands for records of a sector.
func (q queryServer) Demands(ctx context.Context, req *types.QueryDemandsRequest) (*types.QueryDemandsResponse, error) {
	if req == nil {
		return nil, errNoRequest
	}
	demands, next, err := query.CollectionPaginate(ctx, q.demands, page.Bound(req.Pagination),
		func(_ collections.Pair[uint64, uint32], demand types.RecordDemand) (types.RecordDemand, error) {
			return demand, nil
		},
		query.WithCollectionPaginationPairPrefix[uint64, uint32](req.SectorId))
	if err != nil {
		return nil, err
	}
	return &types.QueryDemandsResponse{Demands: demands, Pagination: next}, nil
}

// UnitChallenges lists the open challenges of single units of a provider, with what they ask for once that is drawn.
func (q queryServer) UnitChallenges(
	ctx context.Context, req *types.QueryUnitChallengesRequest,
) (*types.QueryUnitChallengesResponse, error) {
	if req == nil {
		return nil, errNoRequest
	}
	if err := q.checkAddress(req.Provider); err != nil {
		return nil, err
	}
	params, err := q.Keeper.Params(ctx)
	if err != nil {
		return nil, err
	}
	open, next, err := query.CollectionPaginate(ctx, q.challengesByProvider, page.Bound(req.Pagination),
		func(key collections.Pair[string, uint64], _ collections.NoValue) (types.OpenUnitChallenge, error) {
			return q.openChallenge(ctx, key.K2(), params)
		}, query.WithCollectionPaginationPairPrefix[string, uint64](req.Provider))
	if err != nil {
		return nil, err
	}
	return &types.QueryUnitChallengesResponse{Challenges: open, Pagination: next}, nil
}

func (q queryServer) openChallenge(ctx context.Context, id uint64, params types.Params) (types.OpenUnitChallenge, error) {
	c, err := q.challenge(ctx, id)
	if err != nil {
		return types.OpenUnitChallenge{}, err
	}
	unit, err := q.Keeper.Unit(ctx, c.UnitId)
	if err != nil {
		return types.OpenUnitChallenge{}, err
	}
	open := types.OpenUnitChallenge{Challenge: c, Class: unit.Class}
	openings, err := q.unitChallenges(ctx, c, unit, params)
	if errors.Is(err, types.ErrNotDrawn) {
		return open, nil
	}
	open.Openings = published(openings)
	return open, err
}

func (q queryServer) foundSector(ctx context.Context, id uint64) (types.Sector, error) {
	sector, found, err := q.findSector(ctx, id)
	if err == nil && !found {
		err = status.Error(codes.NotFound, types.ErrUnknownSector.Wrapf("%d", id).Error())
	}
	return sector, err
}
