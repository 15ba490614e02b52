package chain

import (
	"context"
	"fmt"

	"github.com/cosmos/cosmos-sdk/types/query"

	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

const (
	// maxSectors bounds the sectors that one call collects.
	maxSectors = 1 << 20
	// maxDemands and maxUnitChallenges bound what is open of one sector and of one provider.
	maxDemands        = 1 << 16
	maxUnitChallenges = 1 << 16
)

// Sectors lists every sealed sector of a provider.
func (c *Client) Sectors(ctx context.Context, provider string) ([]poreptypes.Sector, error) {
	porep := poreptypes.NewQueryClient(c)
	return allPages(maxSectors, func(page *query.PageRequest) ([]poreptypes.Sector, *query.PageResponse, error) {
		answer, err := porep.Sectors(ctx, &poreptypes.QuerySectorsRequest{Provider: provider, Pagination: page})
		if err != nil {
			return nil, nil, queryError("the sectors of "+provider, err)
		}
		return answer.Sectors, answer.Pagination, nil
	})
}

// Sector returns one sealed sector. It fails with ErrNotFound.
func (c *Client) Sector(ctx context.Context, id uint64) (poreptypes.Sector, error) {
	answer, err := poreptypes.NewQueryClient(c).Sector(ctx, &poreptypes.QuerySectorRequest{Id: id})
	if err != nil {
		return poreptypes.Sector{}, queryError(fmt.Sprintf("sector %d", id), err)
	}
	return answer.Sector, nil
}

// SealChallenges returns the nodes of which the seal proof of a sector has records, in their order. It fails with ErrNotFound
// before they are drawn.
func (c *Client) SealChallenges(ctx context.Context, sectorID uint64) (seed []byte, nodes []uint64, err error) {
	answer, err := poreptypes.NewQueryClient(c).SealChallenges(ctx, &poreptypes.QuerySealChallengesRequest{Id: sectorID})
	if err != nil {
		return nil, nil, queryError(fmt.Sprintf("the seal challenges of sector %d", sectorID), err)
	}
	return answer.Seed, answer.Nodes, nil
}

// Demands lists the open demands for records of a sector.
func (c *Client) Demands(ctx context.Context, sectorID uint64) ([]poreptypes.RecordDemand, error) {
	porep := poreptypes.NewQueryClient(c)
	return allPages(maxDemands, func(page *query.PageRequest) ([]poreptypes.RecordDemand, *query.PageResponse, error) {
		answer, err := porep.Demands(ctx, &poreptypes.QueryDemandsRequest{SectorId: sectorID, Pagination: page})
		if err != nil {
			return nil, nil, queryError(fmt.Sprintf("the demands for records of sector %d", sectorID), err)
		}
		return answer.Demands, answer.Pagination, nil
	})
}

// UnitChallenges lists the open challenges of single units of a provider, of both classes, with what they ask for.
func (c *Client) UnitChallenges(ctx context.Context, provider string) ([]poreptypes.OpenUnitChallenge, error) {
	porep := poreptypes.NewQueryClient(c)
	return allPages(maxUnitChallenges, func(page *query.PageRequest) ([]poreptypes.OpenUnitChallenge, *query.PageResponse, error) {
		answer, err := porep.UnitChallenges(ctx, &poreptypes.QueryUnitChallengesRequest{Provider: provider, Pagination: page})
		if err != nil {
			return nil, nil, queryError("the unit challenges of "+provider, err)
		}
		return answer.Challenges, answer.Pagination, nil
	})
}
