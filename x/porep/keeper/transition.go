package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// The functions of this file change the map: what a provider is asked about. They write everything before they call
// the hook. The caller has made sure that the map is not frozen, but for units that weigh nothing.

// activate brings a queued unit into the map.
func (k *Keeper) activate(ctx context.Context, unit types.Unit, tell teller) error {
	owner := []byte(unit.MapKey())
	slot, err := k.weights.Alloc(ctx, owner)
	if err != nil {
		return fmt.Errorf("failed to find a slot for unit %d: %w", unit.Id, err)
	}
	if err := k.slots.Set(ctx, collections.Join(unit.MapKey(), slot), unit.Id); err != nil {
		return fmt.Errorf("failed to give unit %d its slot: %w", unit.Id, err)
	}
	unit.Slot = slot
	if err := k.sample(ctx, &unit); err != nil {
		return err
	}
	if err := emit(ctx, &types.EventUnitActivated{UnitId: unit.Id, Provider: unit.Provider, DealId: unit.DealId}); err != nil {
		return err
	}
	if err := k.tellBytes(ctx, unit, tell); err != nil {
		return err
	}
	return tell(ctx, unitActivated(unit))
}

// recover has a faulty unit sampled again. The hook sees when the fault began.
func (k *Keeper) recover(ctx context.Context, unit types.Unit, tell teller) error {
	faultedAt := unit.FaultedAt
	if err := k.forgetFault(ctx, &unit); err != nil {
		return err
	}
	if err := k.sample(ctx, &unit); err != nil {
		return err
	}
	if err := emit(ctx, &types.EventUnitRecovered{UnitId: unit.Id, Provider: unit.Provider, DealId: unit.DealId}); err != nil {
		return err
	}
	if err := k.tellBytes(ctx, unit, tell); err != nil {
		return err
	}
	unit.FaultedAt = faultedAt
	return tell(ctx, unitRecovered(unit))
}

// fault stops sampling an active unit until it recovers or its time is up.
func (k *Keeper) fault(ctx context.Context, unit types.Unit, tell teller) error {
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	if err := k.unsample(ctx, unit); err != nil {
		return err
	}
	if err := k.weights.Set(ctx, []byte(unit.MapKey()), unit.Slot, 0); err != nil {
		return fmt.Errorf("failed to stop sampling unit %d: %w", unit.Id, err)
	}
	began := now(ctx)
	expires := began.Add(params.FaultTime())
	unit.Status, unit.FaultedAt, unit.FaultExpiresAt = types.UNIT_STATUS_FAULTY, &began, &expires
	if err := k.setUnit(ctx, unit); err != nil {
		return err
	}
	if err := k.faulty.Set(ctx, collections.Join(unit.MapKey(), unit.Id)); err != nil {
		return fmt.Errorf("failed to list the fault of unit %d: %w", unit.Id, err)
	}
	if err := k.setDue(ctx, expires, types.DUE_KIND_FAULT_EXPIRY, unit.MapKey(), unit.Id); err != nil {
		return err
	}
	state, err := k.provider(ctx, unit.MapKey())
	if err != nil {
		return err
	}
	state.FaultyUnits++
	if err := k.setProvider(ctx, state); err != nil {
		return err
	}
	err = emit(ctx, &types.EventUnitFaulted{
		UnitId: unit.Id, Provider: unit.Provider, DealId: unit.DealId, Window: unit.FaultedWindow,
	})
	if err != nil {
		return err
	}
	if err := k.tellBytes(ctx, unit, tell); err != nil {
		return err
	}
	return tell(ctx, unitFaulted(unit))
}

// release drops a unit that nobody asks for any more.
func (k *Keeper) release(ctx context.Context, unit types.Unit, tell teller) error {
	if err := k.drop(ctx, &unit, tell); err != nil {
		return err
	}
	if err := emit(ctx, &types.EventUnitReleased{UnitId: unit.Id, Provider: unit.Provider, DealId: unit.DealId}); err != nil {
		return err
	}
	return tell(ctx, unitReleased(unit))
}

// terminate takes a unit from its provider.
func (k *Keeper) terminate(ctx context.Context, unit types.Unit, cause types.TerminationCause, tell teller) error {
	if err := k.drop(ctx, &unit, tell); err != nil {
		return err
	}
	err := emit(ctx, &types.EventUnitTerminated{UnitId: unit.Id, Provider: unit.Provider, DealId: unit.DealId, Cause: cause})
	if err != nil {
		return err
	}
	return tell(ctx, unitTerminated(unit, cause))
}

// drop removes a unit from state, whatever its status, which the unit keeps for the hook to see. A challenge of it is void, and its
// part of a sector may be forgotten.
func (k *Keeper) drop(ctx context.Context, unit *types.Unit, tell teller) error {
	if err := k.voidChallenge(ctx, unit); err != nil {
		return err
	}
	status, expires, window, began := unit.Status, unit.FaultExpiresAt, unit.FaultedWindow, unit.FaultedAt
	switch status {
	case types.UNIT_STATUS_ACTIVE:
		if err := k.unsample(ctx, *unit); err != nil {
			return err
		}
	case types.UNIT_STATUS_FAULTY:
		if err := k.forgetFault(ctx, unit); err != nil {
			return err
		}
		unit.FaultExpiresAt, unit.FaultedWindow, unit.FaultedAt = expires, window, began
	}
	if status != types.UNIT_STATUS_QUEUED {
		if err := k.weights.Free(ctx, []byte(unit.MapKey()), unit.Slot); err != nil {
			return fmt.Errorf("failed to free the slot of unit %d: %w", unit.Id, err)
		}
		if err := k.slots.Remove(ctx, collections.Join(unit.MapKey(), unit.Slot)); err != nil {
			return fmt.Errorf("failed to free the slot of unit %d: %w", unit.Id, err)
		}
	}
	if err := k.units.Remove(ctx, unit.Id); err != nil {
		return fmt.Errorf("failed to remove unit %d: %w", unit.Id, err)
	}
	if err := k.unitsByProvider.Remove(ctx, collections.Join(unit.MapKey(), unit.Id)); err != nil {
		return fmt.Errorf("failed to unlist unit %d: %w", unit.Id, err)
	}
	state, err := k.provider(ctx, unit.MapKey())
	if err != nil {
		return err
	}
	state.UnitCount--
	state.TotalBytes -= unit.SizeBytes
	if err := k.setProvider(ctx, state); err != nil {
		return err
	}
	if err := k.leaveSector(ctx, *unit); err != nil || status != types.UNIT_STATUS_ACTIVE {
		return err
	}
	return k.tellBytes(ctx, *unit, tell)
}

// sample gives a unit its weight, marks it active and writes it.
func (k *Keeper) sample(ctx context.Context, unit *types.Unit) error {
	if err := k.weights.Set(ctx, []byte(unit.MapKey()), unit.Slot, unit.SizeBytes); err != nil {
		return fmt.Errorf("failed to sample unit %d: %w", unit.Id, err)
	}
	unit.Status = types.UNIT_STATUS_ACTIVE
	if err := k.setUnit(ctx, *unit); err != nil {
		return err
	}
	state, err := k.provider(ctx, unit.MapKey())
	if err != nil {
		return err
	}
	state.ActiveUnits++
	state.ActiveBytes += unit.SizeBytes
	return k.setProvider(ctx, state)
}

// unsample takes an active unit out of the provider's totals; its weight is the caller's business.
func (k *Keeper) unsample(ctx context.Context, unit types.Unit) error {
	state, err := k.provider(ctx, unit.MapKey())
	if err != nil {
		return err
	}
	state.ActiveUnits--
	state.ActiveBytes -= unit.SizeBytes
	return k.setProvider(ctx, state)
}

// forgetFault takes the fault from a faulty unit, which the caller writes.
func (k *Keeper) forgetFault(ctx context.Context, unit *types.Unit) error {
	if unit.FaultExpiresAt != nil {
		key := dueAt(*unit.FaultExpiresAt, types.DUE_KIND_FAULT_EXPIRY, unit.MapKey(), unit.Id)
		if err := k.removeDue(ctx, key); err != nil {
			return err
		}
	}
	if err := k.faulty.Remove(ctx, collections.Join(unit.MapKey(), unit.Id)); err != nil {
		return fmt.Errorf("failed to unlist the fault of unit %d: %w", unit.Id, err)
	}
	unit.FaultExpiresAt, unit.FaultedWindow, unit.FaultedAt = nil, 0, nil
	state, err := k.provider(ctx, unit.MapKey())
	if err != nil {
		return err
	}
	state.FaultyUnits--
	return k.setProvider(ctx, state)
}
