package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// AddUnit makes a provider prove a unit and returns the unit's id. It is sampled from the provider's next window on; when the map
// is frozen for a window, from the one after, and UnitActivated is called when that window closes. It fails with
// ErrClassUnsupported, ErrInvalidClass, ErrInvalidUnit, ErrTerminating, and with the error of a hook.
func (k *Keeper) AddUnit(ctx context.Context, u types.NewUnit) (uint64, error) {
	if err := u.Validate(); err != nil {
		return 0, err
	}
	if _, err := k.addresses.StringToBytes(u.Provider); err != nil {
		return 0, types.ErrInvalidUnit.Wrapf("provider %q: %s", u.Provider, err)
	}
	params, err := k.Params(ctx)
	if err != nil {
		return 0, err
	}
	state, _, err := k.findProvider(ctx, u.Provider)
	if err != nil {
		return 0, err
	}
	if state.Terminating {
		return 0, types.ErrTerminating.Wrap(u.Provider)
	}
	if u.SizeBytes > types.MaxProviderBytes-state.TotalBytes {
		return 0, types.ErrInvalidUnit.Wrapf("provider would prove more than %d bytes", types.MaxProviderBytes)
	}
	id, err := k.nextID.Next(ctx)
	if err != nil {
		return 0, fmt.Errorf("failed to number the unit: %w", err)
	}
	unit := types.Unit{
		Id: id, Provider: u.Provider, Class: u.Class, DealId: u.DealID, ReplicaIndex: u.ReplicaIndex,
		CommD: u.CommD, SizeBytes: u.SizeBytes, Status: types.UNIT_STATUS_QUEUED,
	}
	if err := k.setUnit(ctx, unit); err != nil {
		return 0, err
	}
	if err := k.unitsByProvider.Set(ctx, collections.Join(unit.Provider, id)); err != nil {
		return 0, fmt.Errorf("failed to list unit %d: %w", id, err)
	}
	queue := mustQueue(state, params, now(ctx))
	state.UnitCount++
	state.TotalBytes += unit.SizeBytes
	if state.Scheduled {
		err = k.setProvider(ctx, state)
	} else {
		err = k.schedule(ctx, state, params)
	}
	if err != nil {
		return 0, err
	}
	if queue {
		return id, k.enqueue(ctx, unit, types.CHANGE_KIND_ADD)
	}
	return id, k.activate(ctx, unit, k.tell)
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
	state, err := k.provider(ctx, unit.Provider)
	if err != nil {
		return err
	}
	if mustQueue(state, params, now(ctx)) {
		return k.enqueue(ctx, unit, types.CHANGE_KIND_REMOVE)
	}
	return k.release(ctx, unit, k.tell)
}
