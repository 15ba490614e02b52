package keeper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cosmossdk.io/collections"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// mustQueue tells whether a change must wait: for the window to close, or for the changes before it.
func mustQueue(state types.ProviderState, params types.Params, at time.Time) bool {
	return state.PendingChanges > 0 || mapFrozen(state, params, at)
}

// isQueued tells whether a change of the unit is queued.
func (k *Keeper) isQueued(ctx context.Context, unitID uint64, kind types.ChangeKind) (bool, error) {
	queued, err := k.queued.Has(ctx, collections.Join(unitID, int32(kind)))
	if err != nil {
		return false, fmt.Errorf("failed to read the queue of unit %d: %w", unitID, err)
	}
	return queued, nil
}

// enqueue appends a change to the provider's queue. The caller has made sure that it is not there already.
func (k *Keeper) enqueue(ctx context.Context, unit types.Unit, kind types.ChangeKind) error {
	state, err := k.provider(ctx, unit.Provider)
	if err != nil {
		return err
	}
	change := types.Change{Provider: unit.Provider, Sequence: state.NextChange, Kind: kind, UnitId: unit.Id}
	if err := k.setChange(ctx, change); err != nil {
		return err
	}
	state.NextChange++
	state.PendingChanges++
	return k.setProvider(ctx, state)
}

func (k *Keeper) setChange(ctx context.Context, change types.Change) error {
	if err := k.changes.Set(ctx, collections.Join(change.Provider, change.Sequence), change); err != nil {
		return fmt.Errorf("failed to queue %s of unit %d: %w", change.Kind, change.UnitId, err)
	}
	if err := k.queued.Set(ctx, collections.Join(change.UnitId, int32(change.Kind))); err != nil {
		return fmt.Errorf("failed to queue %s of unit %d: %w", change.Kind, change.UnitId, err)
	}
	return nil
}

// takeChange removes a change from the queue.
func (k *Keeper) takeChange(ctx context.Context, change types.Change) error {
	if err := k.changes.Remove(ctx, collections.Join(change.Provider, change.Sequence)); err != nil {
		return fmt.Errorf("failed to take a change from the queue: %w", err)
	}
	if err := k.queued.Remove(ctx, collections.Join(change.UnitId, int32(change.Kind))); err != nil {
		return fmt.Errorf("failed to take a change from the queue: %w", err)
	}
	state, err := k.provider(ctx, change.Provider)
	if err != nil {
		return err
	}
	state.PendingChanges--
	return k.setProvider(ctx, state)
}

// firstChanges returns the first queued changes of a provider.
func (k *Keeper) firstChanges(ctx context.Context, provider string, limit uint64) ([]types.Change, error) {
	if limit == 0 {
		return nil, nil
	}
	var changes []types.Change
	err := k.changes.Walk(ctx, collections.NewPrefixedPairRange[string, uint64](provider),
		func(_ collections.Pair[string, uint64], change types.Change) (bool, error) {
			changes = append(changes, change)
			return uint64(len(changes)) == limit, nil
		})
	if err != nil && !errors.Is(err, collections.ErrInvalidIterator) {
		return nil, fmt.Errorf("failed to walk the changes of %s: %w", provider, err)
	}
	return changes, nil
}

// drain applies the provider's queued changes in their order, as far as the budget goes; when some are left, another due
// item goes on in the next block.
func (k *Keeper) drain(ctx context.Context, provider string, left *budget) error {
	changes, err := k.firstChanges(ctx, provider, left.left)
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
	state, err := k.provider(ctx, provider)
	if err != nil || state.PendingChanges == 0 {
		return err
	}
	return k.setDue(ctx, now(ctx), types.DUE_KIND_CHANGES, provider, 0)
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
	default:
		return nil
	}
}
