package keeper

import (
	"context"
	"fmt"
	"time"

	"cosmossdk.io/collections"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// InitGenesis writes the state into an empty store, rebuilds the sum trees and the lists, and checks that all of it
// agrees. Hooks are not called: whoever listens has its own genesis.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if err := gs.Validate(); err != nil {
		return err
	}
	if err := k.SetParams(ctx, gs.Params); err != nil {
		return err
	}
	for _, next := range []struct {
		sequence collections.Sequence
		value    uint64
	}{
		{k.nextID, gs.NextUnitId},
		{k.nextSectorID, gs.NextSectorId},
		{k.nextSealID, gs.NextSealId},
		{k.nextChallengeID, gs.NextChallengeId},
	} {
		if err := next.sequence.Set(ctx, next.value); err != nil {
			return fmt.Errorf("failed to write the next id: %w", err)
		}
	}
	if err := k.initSectors(ctx, gs); err != nil {
		return err
	}
	for _, state := range gs.Providers {
		if _, err := k.addresses.StringToBytes(state.Provider); err != nil {
			return types.ErrInvalidGenesis.Wrapf("provider %q: %s", state.Provider, err)
		}
		if err := k.setProvider(ctx, state); err != nil {
			return err
		}
	}
	for _, unit := range gs.Units {
		if err := k.initUnit(ctx, unit); err != nil {
			return err
		}
	}
	for _, change := range gs.Changes {
		if err := k.setChange(ctx, change); err != nil {
			return err
		}
	}
	for _, due := range gs.Due {
		if err := k.setDue(ctx, due.At, due.Kind, types.MapKey(due.Provider, due.Class), due.Id); err != nil {
			return err
		}
	}
	for _, c := range gs.Challenges {
		unit, err := k.Unit(ctx, c.UnitId)
		if err != nil {
			return err
		}
		if err := k.setChallenge(ctx, c, unit.Provider); err != nil {
			return err
		}
	}
	return k.Invariants(ctx)
}

// initSectors writes the sectors with the verdicts on them and the demands for their records.
func (k *Keeper) initSectors(ctx context.Context, gs types.GenesisState) error {
	for _, sector := range gs.Sectors {
		if _, err := k.addresses.StringToBytes(sector.Provider); err != nil {
			return types.ErrInvalidGenesis.Wrapf("provider %q: %s", sector.Provider, err)
		}
		if err := k.setSector(ctx, sector); err != nil {
			return err
		}
		if err := k.listSector(ctx, sector); err != nil {
			return err
		}
		if sector.Status == types.SECTOR_STATUS_VERIFYING {
			if err := k.setPending(ctx, sector); err != nil {
				return err
			}
		}
	}
	for _, vote := range gs.SealVotes {
		if err := k.votes.Set(ctx, collections.Join(vote.SealId, vote.Validator), vote); err != nil {
			return fmt.Errorf("failed to write a verdict on seal %d: %w", vote.SealId, err)
		}
	}
	for _, demand := range gs.Demands {
		if err := k.demands.Set(ctx, collections.Join(demand.SectorId, demand.Index), demand); err != nil {
			return fmt.Errorf("failed to write a demand on sector %d: %w", demand.SectorId, err)
		}
	}
	return nil
}

func (k *Keeper) initUnit(ctx context.Context, unit types.Unit) error {
	if err := k.setUnit(ctx, unit); err != nil {
		return err
	}
	if err := k.unitsByProvider.Set(ctx, collections.Join(unit.MapKey(), unit.Id)); err != nil {
		return fmt.Errorf("failed to list unit %d: %w", unit.Id, err)
	}
	if unit.Status == types.UNIT_STATUS_QUEUED {
		return nil
	}
	owner := []byte(unit.MapKey())
	if err := k.weights.Reserve(ctx, owner, unit.Slot); err != nil {
		return fmt.Errorf("failed to give unit %d its slot: %w", unit.Id, err)
	}
	if err := k.slots.Set(ctx, collections.Join(unit.MapKey(), unit.Slot), unit.Id); err != nil {
		return fmt.Errorf("failed to give unit %d its slot: %w", unit.Id, err)
	}
	if unit.Status == types.UNIT_STATUS_FAULTY {
		if err := k.faulty.Set(ctx, collections.Join(unit.MapKey(), unit.Id)); err != nil {
			return fmt.Errorf("failed to list the fault of unit %d: %w", unit.Id, err)
		}
		return nil
	}
	if err := k.weights.Set(ctx, owner, unit.Slot, unit.SizeBytes); err != nil {
		return fmt.Errorf("failed to sample unit %d: %w", unit.Id, err)
	}
	return nil
}

// ExportGenesis returns the whole state, open windows included.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	gs := &types.GenesisState{}
	var err error
	if gs.Params, err = k.Params(ctx); err != nil {
		return nil, err
	}
	for _, next := range []struct {
		sequence collections.Sequence
		value    *uint64
	}{
		{k.nextID, &gs.NextUnitId},
		{k.nextSectorID, &gs.NextSectorId},
		{k.nextSealID, &gs.NextSealId},
		{k.nextChallengeID, &gs.NextChallengeId},
	} {
		if *next.value, err = next.sequence.Peek(ctx); err != nil {
			return nil, fmt.Errorf("failed to read the next id: %w", err)
		}
	}
	if gs.Units, err = values(ctx, k.units); err != nil {
		return nil, fmt.Errorf("failed to export units: %w", err)
	}
	if gs.Providers, err = values(ctx, k.providers); err != nil {
		return nil, fmt.Errorf("failed to export providers: %w", err)
	}
	if gs.Changes, err = values(ctx, k.changes); err != nil {
		return nil, fmt.Errorf("failed to export changes: %w", err)
	}
	if gs.SealVotes, err = values(ctx, k.votes); err != nil {
		return nil, fmt.Errorf("failed to export verdicts: %w", err)
	}
	if gs.Demands, err = values(ctx, k.demands); err != nil {
		return nil, fmt.Errorf("failed to export demands: %w", err)
	}
	if gs.Challenges, err = values(ctx, k.challenges); err != nil {
		return nil, fmt.Errorf("failed to export challenges: %w", err)
	}
	if gs.Sectors, err = values(ctx, k.sectors); err != nil {
		return nil, fmt.Errorf("failed to export sectors: %w", err)
	}
	for i, sector := range gs.Sectors {
		if gs.Sectors[i], err = k.Sector(ctx, sector.Id); err != nil {
			return nil, err
		}
	}
	err = k.due.Walk(ctx, nil, func(key dueKey) (bool, error) {
		provider, class := types.ParseMapKey(key.K3())
		gs.Due = append(gs.Due, types.Due{
			At: time.Unix(0, key.K1()).UTC(), Kind: types.DueKind(key.K2()), Provider: provider, Class: class, Id: key.K4(),
		})
		return false, nil
	})
	if err != nil {
		return nil, fmt.Errorf("failed to export what is due: %w", err)
	}
	return gs, nil
}

// values returns all values of a collection, in the order of their keys.
func values[K, V any](ctx context.Context, from collections.Map[K, V]) ([]V, error) {
	var all []V
	err := from.Walk(ctx, nil, func(_ K, value V) (bool, error) {
		all = append(all, value)
		return false, nil
	})
	return all, err
}
