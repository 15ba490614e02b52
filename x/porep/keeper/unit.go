package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"

	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

// AddUnit makes a provider prove a unit of the open class and returns the unit's id. It is sampled from the provider's next window
// on; when the map is frozen for a window, from the one after, and UnitActivated is called when that window closes. It fails with
// ErrClassUnsupported, ErrInvalidClass, ErrInvalidUnit, ErrTerminating, and with the error of a hook.
func (k *Keeper) AddUnit(ctx context.Context, u types.NewUnit) (uint64, error) {
	if err := u.Validate(); err != nil {
		return 0, err
	}
	if u.Class != types.CLASS_OPEN {
		return 0, types.ErrClassUnsupported.Wrapf("a %s unit comes from a sector", proof.Class(u.Class))
	}
	unit, err := k.createUnit(ctx, types.Unit{
		Provider: u.Provider, Class: u.Class, DealId: u.DealID, ReplicaIndex: u.ReplicaIndex, CommD: u.CommD, SizeBytes: u.SizeBytes,
	})
	if err != nil {
		return 0, err
	}
	return unit.Id, k.activateOrQueue(ctx, unit, k.tell)
}

// createUnit gives a unit its id and its place among those of its provider, where it waits for activateOrQueue.
func (k *Keeper) createUnit(ctx context.Context, unit types.Unit) (types.Unit, error) {
	if _, err := k.addresses.StringToBytes(unit.Provider); err != nil {
		return types.Unit{}, types.ErrInvalidUnit.Wrapf("provider %q: %s", unit.Provider, err)
	}
	state, _, err := k.findProvider(ctx, unit.MapKey())
	if err != nil {
		return types.Unit{}, err
	}
	if state.Terminating {
		return types.Unit{}, types.ErrTerminating.Wrap(unit.Provider)
	}
	if unit.SizeBytes > types.MaxProviderBytes-state.TotalBytes {
		return types.Unit{}, types.ErrInvalidUnit.Wrapf("provider would prove more than %d bytes", types.MaxProviderBytes)
	}
	if unit.Id, err = k.nextID.Next(ctx); err != nil {
		return types.Unit{}, fmt.Errorf("failed to number the unit: %w", err)
	}
	unit.Status = types.UNIT_STATUS_QUEUED
	if err := k.setUnit(ctx, unit); err != nil {
		return types.Unit{}, err
	}
	if err := k.unitsByProvider.Set(ctx, collections.Join(unit.MapKey(), unit.Id)); err != nil {
		return types.Unit{}, fmt.Errorf("failed to list unit %d: %w", unit.Id, err)
	}
	state.UnitCount++
	state.TotalBytes += unit.SizeBytes
	return unit, k.setProvider(ctx, state)
}

// activateOrQueue has a new unit sampled, at once or, while the map is frozen, when the window closes, and puts the map on the
// schedule.
func (k *Keeper) activateOrQueue(ctx context.Context, unit types.Unit, tell teller) error {
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	state, err := k.provider(ctx, unit.MapKey())
	if err != nil {
		return err
	}
	queue := mustQueue(state, params, now(ctx))
	if !state.Scheduled {
		if err := k.schedule(ctx, state, params); err != nil {
			return err
		}
	}
	if queue {
		return k.enqueue(ctx, unit, types.CHANGE_KIND_ADD)
	}
	return k.activate(ctx, unit, tell)
}

// RemoveUnit stops proving a unit, at once or, while the map is frozen, when the window closes; UnitReleased is called
// then. Removing what is queued for removal changes nothing. It fails with ErrUnknownUnit and with the error of a hook.
func (k *Keeper) RemoveUnit(ctx context.Context, unitID uint64) error {
	unit, err := k.Unit(ctx, unitID)
	if err != nil {
		return err
	}
	if queued, err := k.isQueued(ctx, unitID, types.CHANGE_KIND_REMOVE); err != nil || queued {
		return err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	state, err := k.provider(ctx, unit.MapKey())
	if err != nil {
		return err
	}
	if mustQueue(state, params, now(ctx)) {
		return k.enqueue(ctx, unit, types.CHANGE_KIND_REMOVE)
	}
	return k.release(ctx, unit, k.tell)
}
