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
	if err := k.nextID.Set(ctx, gs.NextUnitId); err != nil {
		return fmt.Errorf("failed to write the next unit id: %w", err)
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
		if err := k.setDue(ctx, due.At, due.Kind, due.Provider, due.UnitId); err != nil {
			return err
		}
	}
	return k.Invariants(ctx)
}

func (k *Keeper) initUnit(ctx context.Context, unit types.Unit) error {
	if err := k.setUnit(ctx, unit); err != nil {
		return err
	}
	if err := k.unitsByProvider.Set(ctx, collections.Join(unit.Provider, unit.Id)); err != nil {
		return fmt.Errorf("failed to list unit %d: %w", unit.Id, err)
	}
	if unit.Status == types.UNIT_STATUS_QUEUED {
		return nil
	}
	owner := []byte(unit.Provider)
	if err := k.weights.Reserve(ctx, owner, unit.Slot); err != nil {
		return fmt.Errorf("failed to give unit %d its slot: %w", unit.Id, err)
	}
	if err := k.slots.Set(ctx, collections.Join(unit.Provider, unit.Slot), unit.Id); err != nil {
		return fmt.Errorf("failed to give unit %d its slot: %w", unit.Id, err)
	}
	if unit.Status == types.UNIT_STATUS_FAULTY {
		if err := k.faulty.Set(ctx, collections.Join(unit.Provider, unit.Id)); err != nil {
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
	if gs.NextUnitId, err = k.nextID.Peek(ctx); err != nil {
		return nil, fmt.Errorf("failed to read the next unit id: %w", err)
	}
	err = k.units.Walk(ctx, nil, func(_ uint64, unit types.Unit) (bool, error) {
		gs.Units = append(gs.Units, unit)
		return false, nil
	})
	if err != nil {
		return nil, fmt.Errorf("failed to export units: %w", err)
	}
	err = k.providers.Walk(ctx, nil, func(_ string, state types.ProviderState) (bool, error) {
		gs.Providers = append(gs.Providers, state)
		return false, nil
	})
	if err != nil {
		return nil, fmt.Errorf("failed to export providers: %w", err)
	}
	err = k.changes.Walk(ctx, nil, func(_ collections.Pair[string, uint64], change types.Change) (bool, error) {
		gs.Changes = append(gs.Changes, change)
		return false, nil
	})
	if err != nil {
		return nil, fmt.Errorf("failed to export changes: %w", err)
	}
	err = k.due.Walk(ctx, nil, func(key dueKey) (bool, error) {
		gs.Due = append(gs.Due, types.Due{
			At: time.Unix(0, key.K1()).UTC(), Kind: types.DueKind(key.K2()), Provider: key.K3(), UnitId: key.K4(),
		})
		return false, nil
	})
	if err != nil {
		return nil, fmt.Errorf("failed to export what is due: %w", err)
	}
	return gs, nil
}
