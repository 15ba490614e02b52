package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// demandsOn returns the open demands for records of a sector: at most max_demands.
func (k *Keeper) demandsOn(ctx context.Context, sectorID uint64) ([]types.RecordDemand, error) {
	var demands []types.RecordDemand
	err := k.demands.Walk(ctx, collections.NewPrefixedPairRange[uint64, uint32](sectorID),
		func(_ collections.Pair[uint64, uint32], demand types.RecordDemand) (bool, error) {
			demands = append(demands, demand)
			return false, nil
		})
	if err != nil && !errors.Is(err, collections.ErrInvalidIterator) {
		return nil, fmt.Errorf("failed to walk the demands on sector %d: %w", sectorID, err)
	}
	return demands, nil
}

// removeDemand takes a demand from the sector, which the caller writes. Others that must be answered by the same time keep their
// place in the queue.
func (k *Keeper) removeDemand(ctx context.Context, sector *types.Sector, demand types.RecordDemand) error {
	if err := k.demands.Remove(ctx, collections.Join(demand.SectorId, demand.Index)); err != nil {
		return fmt.Errorf("failed to remove the demand for record %d of sector %d: %w", demand.Index, demand.SectorId, err)
	}
	sector.OpenDemands--
	rest, err := k.demandsOn(ctx, sector.Id)
	if err != nil {
		return err
	}
	for _, other := range rest {
		if other.AnswerBy.Equal(demand.AnswerBy) {
			return nil
		}
	}
	return k.removeDue(ctx, dueAt(demand.AnswerBy, types.DUE_KIND_DEMAND_TIMEOUT, sector.Provider, sector.Id))
}

// voidDemands gives all bonds of demands on a sector back, which the caller writes.
func (k *Keeper) voidDemands(ctx context.Context, sector *types.Sector) error {
	if sector.OpenDemands == 0 {
		return nil
	}
	demands, err := k.demandsOn(ctx, sector.Id)
	if err != nil {
		return err
	}
	for _, demand := range demands {
		if err := k.removeDemand(ctx, sector, demand); err != nil {
			return err
		}
		if err := k.unlock(ctx, demand.Sender, demand.Bond); err != nil {
			return err
		}
	}
	return nil
}

// endDemands convicts a provider that did not show a demanded record in time. That the record is false is not shown by that, so
// that those who voted yes are not punished.
func (k *Keeper) endDemands(ctx context.Context, sectorID uint64, left *budget) error {
	sector, found, err := k.findSector(ctx, sectorID)
	if err != nil || !found || sector.OpenDemands == 0 {
		return err
	}
	demands, err := k.demandsOn(ctx, sectorID)
	if err != nil {
		return err
	}
	for _, demand := range demands {
		if now(ctx).Before(demand.AnswerBy) {
			continue
		}
		left.spendMany(uint64(len(sector.Pieces)))
		return k.convict(ctx, sector, demand.Sender, false)
	}
	return nil
}
