package keeper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cosmossdk.io/collections"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// endings are the changes that a unit does not survive.
var endings = []types.ChangeKind{types.CHANGE_KIND_REMOVE, types.CHANGE_KIND_TERMINATE}

// cures are the changes that end a fault.
var cures = append([]types.ChangeKind{types.CHANGE_KIND_RECOVER}, endings...)

// mustQueue tells whether a change must wait: for the window to close, or for the changes before it.
func mustQueue(state types.ProviderState, params types.Params, at time.Time) bool {
	return state.PendingChanges > 0 || mapFrozen(state, params, at)
}

// isQueued tells whether a change of the unit, of one of the kinds, is queued.
func (k *Keeper) isQueued(ctx context.Context, unitID uint64, kinds ...types.ChangeKind) (bool, error) {
	for _, kind := range kinds {
		queued, err := k.queued.Has(ctx, collections.Join(unitID, int32(kind)))
		if err != nil {
			return false, fmt.Errorf("failed to read the queue of unit %d: %w", unitID, err)
		}
		if queued {
			return true, nil
		}
	}
	return false, nil
}

// enqueue appends a change to the queue of the unit's map. The caller has made sure that it is not there already.
func (k *Keeper) enqueue(ctx context.Context, unit types.Unit, kind types.ChangeKind) error {
	return k.enqueueCaused(ctx, unit, kind, types.TERMINATION_CAUSE_UNSPECIFIED)
}

// enqueueCaused is enqueue for a change that has a cause.
func (k *Keeper) enqueueCaused(ctx context.Context, unit types.Unit, kind types.ChangeKind, cause types.TerminationCause) error {
	state, err := k.provider(ctx, unit.MapKey())
	if err != nil {
		return err
	}
	err = k.setChange(ctx, types.Change{
		Provider: unit.Provider, Class: unit.Class, Sequence: state.NextChange, Kind: kind, UnitId: unit.Id, Cause: cause,
	})
	if err != nil {
		return err
	}
	state.NextChange++
	state.PendingChanges++
	return k.setProvider(ctx, state)
}

func (k *Keeper) setChange(ctx context.Context, change types.Change) error {
	if err := k.changes.Set(ctx, collections.Join(change.MapKey(), change.Sequence), change); err != nil {
		return fmt.Errorf("failed to queue %s of unit %d: %w", change.Kind, change.UnitId, err)
	}
	if err := k.queued.Set(ctx, collections.Join(change.UnitId, int32(change.Kind)), change.Sequence); err != nil {
		return fmt.Errorf("failed to queue %s of unit %d: %w", change.Kind, change.UnitId, err)
	}
	return nil
}

// takeChange removes a change from the queue.
func (k *Keeper) takeChange(ctx context.Context, change types.Change) error {
	if err := k.changes.Remove(ctx, collections.Join(change.MapKey(), change.Sequence)); err != nil {
		return fmt.Errorf("failed to take a change from the queue: %w", err)
	}
	if err := k.queued.Remove(ctx, collections.Join(change.UnitId, int32(change.Kind))); err != nil {
		return fmt.Errorf("failed to take a change from the queue: %w", err)
	}
	state, err := k.provider(ctx, change.MapKey())
	if err != nil {
		return err
	}
	state.PendingChanges--
	return k.setProvider(ctx, state)
}

// firstChanges returns the first queued changes of a map.
func (k *Keeper) firstChanges(ctx context.Context, mapKey string, limit uint64) ([]types.Change, error) {
	if limit == 0 {
		return nil, nil
	}
	var changes []types.Change
	err := k.changes.Walk(ctx, collections.NewPrefixedPairRange[string, uint64](mapKey),
		func(_ collections.Pair[string, uint64], change types.Change) (bool, error) {
			changes = append(changes, change)
			return uint64(len(changes)) == limit, nil
		})
	if err != nil && !errors.Is(err, collections.ErrInvalidIterator) {
		return nil, fmt.Errorf("failed to walk the changes of %s: %w", mapKey, err)
	}
	return changes, nil
}

// drain applies the map's queued changes in their order, as far as the budget goes; when some are left, another due
// item goes on in the next block.
func (k *Keeper) drain(ctx context.Context, mapKey string, left *budget) error {
	changes, err := k.firstChanges(ctx, mapKey, left.left)
	if err != nil {
		return err
	}
	for _, change := range changes {
		left.spend()
		if err := k.takeChange(ctx, change); err != nil {
			return err
		}
		if err := k.apply(ctx, change); err != nil {
			return err
		}
	}
	state, err := k.provider(ctx, mapKey)
	if err != nil || state.PendingChanges == 0 {
		return err
	}
	return k.setDue(ctx, now(ctx), types.DUE_KIND_CHANGES, mapKey, 0)
}

// apply lets a change take effect. It does nothing when an earlier one has made it pointless.
func (k *Keeper) apply(ctx context.Context, change types.Change) error {
	unit, found, err := k.findUnit(ctx, change.UnitId)
	if err != nil || !found {
		return err
	}
	switch {
	case change.Kind == types.CHANGE_KIND_ADD && unit.Status == types.UNIT_STATUS_QUEUED:
		return k.activate(ctx, unit, k.tellDue)
	case change.Kind == types.CHANGE_KIND_REMOVE:
		return k.release(ctx, unit, k.tellDue)
	case change.Kind == types.CHANGE_KIND_FAULT && unit.Status == types.UNIT_STATUS_ACTIVE:
		return k.fault(ctx, unit, k.tellDue)
	case change.Kind == types.CHANGE_KIND_RECOVER && unit.Status == types.UNIT_STATUS_FAULTY:
		return k.recover(ctx, unit, k.tellDue)
	case change.Kind == types.CHANGE_KIND_TERMINATE:
		return k.terminate(ctx, unit, change.Cause, k.tellDue)
	default:
		return nil
	}
}

// queuedCause returns the cause of the termination of a unit that is queued, or none.
func (k *Keeper) queuedCause(ctx context.Context, unit types.Unit) (types.TerminationCause, error) {
	sequence, err := k.queued.Get(ctx, collections.Join(unit.Id, int32(types.CHANGE_KIND_TERMINATE)))
	if errors.Is(err, collections.ErrNotFound) {
		return types.TERMINATION_CAUSE_UNSPECIFIED, nil
	}
	if err != nil {
		return 0, fmt.Errorf("failed to read the queue of unit %d: %w", unit.Id, err)
	}
	change, err := k.changes.Get(ctx, collections.Join(unit.MapKey(), sequence))
	if err != nil {
		return 0, fmt.Errorf("failed to read the termination of unit %d: %w", unit.Id, err)
	}
	return change.Cause, nil
}

// terminateOrQueue terminates a unit, at once or, while its map is frozen, when the window closes. It does nothing for one whose
// end is queued already.
func (k *Keeper) terminateOrQueue(ctx context.Context, unit types.Unit, cause types.TerminationCause, tell teller) error {
	if queued, err := k.isQueued(ctx, unit.Id, endings...); err != nil || queued {
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
	if !state.Terminating && mustQueue(state, params, now(ctx)) {
		return k.enqueueCaused(ctx, unit, types.CHANGE_KIND_TERMINATE, cause)
	}
	return k.terminate(ctx, unit, cause, tell)
}
