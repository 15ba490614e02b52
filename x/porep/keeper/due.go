package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// BeginBlock handles what is due: oldest first, at most max_due_per_block items, with each change and each terminated unit counted
// as one. What does not fit waits for the next block. Its cost does not depend on what is not due.
//
// An item that fails leaves no trace in state, is told by an event, and is tried again one proving period later, so that
// it never stops the chain or what is due after it.
func (k *Keeper) BeginBlock(ctx context.Context) error {
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	left := &budget{uint64(params.MaxDuePerBlock)}
	upToNow := new(collections.Range[dueKey]).EndExclusive(collections.QuadPrefix[int64, int32, string, uint64](now(ctx).UnixNano() + 1))
	items, err := firstKeys(ctx, k.due, upToNow, left.left)
	if err != nil {
		return err
	}
	for _, item := range items {
		if left.left == 0 {
			return nil
		}
		left.spend()
		if err := k.runDue(ctx, item, params, left); err != nil {
			return err
		}
	}
	return nil
}

// runDue handles one due item apart from the others. It fails only when the store does.
func (k *Keeper) runDue(ctx context.Context, item dueKey, params types.Params, left *budget) error {
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	itemCtx, write := sdkCtx.CacheContext()
	cause := k.removeDue(itemCtx, item)
	if cause == nil {
		cause = k.handleDue(itemCtx, item, left)
	}
	if cause == nil {
		write()
		return nil
	}
	kind, mapKey, id := types.DueKind(item.K2()), item.K3(), item.K4()
	sdkCtx.Logger().Error("due item failed",
		"module", types.ModuleName, "kind", kind.String(), "map", mapKey, "id", id, "err", cause)
	if err := k.removeDue(ctx, item); err != nil {
		return err
	}
	retryAt := now(ctx).Add(params.ProvingPeriod)
	if err := k.setDue(ctx, retryAt, kind, mapKey, id); err != nil {
		return err
	}
	provider, _ := types.ParseMapKey(mapKey)
	return emit(ctx, &types.EventDueFailed{Kind: kind, Provider: provider, Id: id, Error: cause.Error(), RetryAt: retryAt})
}

func (k *Keeper) handleDue(ctx context.Context, item dueKey, left *budget) error {
	mapKey, id := item.K3(), item.K4()
	switch kind := types.DueKind(item.K2()); kind {
	case types.DUE_KIND_OPEN:
		return k.openWindow(ctx, mapKey)
	case types.DUE_KIND_CLOSE:
		return k.closeWindow(ctx, mapKey, left)
	case types.DUE_KIND_CHANGES:
		return k.goOnChanging(ctx, mapKey, left)
	case types.DUE_KIND_FAULT_EXPIRY:
		return k.expireFault(ctx, id)
	case types.DUE_KIND_TERMINATE:
		return k.goOnTerminating(ctx, mapKey, left)
	case types.DUE_KIND_PROVE_TIMEOUT:
		return k.endProving(ctx, id, left)
	case types.DUE_KIND_VERDICT_TIMEOUT:
		return k.resolve(ctx, id, left)
	case types.DUE_KIND_DISPUTE_END:
		return k.endDispute(ctx, id)
	case types.DUE_KIND_DEMAND_TIMEOUT:
		return k.endDemands(ctx, id, left)
	case types.DUE_KIND_CHALLENGE_TIMEOUT:
		return k.endChallenge(ctx, id)
	case types.DUE_KIND_SECTOR_CLEANUP:
		return k.cleanUp(ctx, id, left)
	default:
		return fmt.Errorf("unknown due kind %d", kind)
	}
}

// goOnChanging applies changes that did not fit into the block of the close. It leaves them to the next close when the map
// is frozen again.
func (k *Keeper) goOnChanging(ctx context.Context, mapKey string, left *budget) error {
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	state, err := k.provider(ctx, mapKey)
	if err != nil || state.Terminating || mapFrozen(state, params, now(ctx)) {
		return err
	}
	return k.drain(ctx, mapKey, left)
}

// expireFault takes a unit whose fault has lasted too long, unless it is about to recover or to end anyway. A faulty unit weighs
// nothing, so that the map need not stand still for it.
func (k *Keeper) expireFault(ctx context.Context, unitID uint64) error {
	unit, found, err := k.findUnit(ctx, unitID)
	if err != nil || !found {
		return err
	}
	if unit.Status != types.UNIT_STATUS_FAULTY || unit.FaultExpiresAt == nil || now(ctx).Before(*unit.FaultExpiresAt) {
		return nil
	}
	if queued, err := k.isQueued(ctx, unitID, cures...); err != nil || queued {
		return err
	}
	return k.terminate(ctx, unit, types.TERMINATION_CAUSE_FAULT, k.tellDue)
}

// goOnTerminating takes units from a silent provider as far as the budget goes, releasing those that were to be released, and
// clears its queue at the end.
func (k *Keeper) goOnTerminating(ctx context.Context, mapKey string, left *budget) error {
	state, err := k.provider(ctx, mapKey)
	if err != nil || !state.Terminating {
		return err
	}
	units, err := firstKeys(ctx, k.unitsByProvider, collections.NewPrefixedPairRange[string, uint64](mapKey), left.left)
	if err != nil {
		return err
	}
	for _, key := range units {
		left.spend()
		if err := k.takeAway(ctx, key.K2()); err != nil {
			return err
		}
	}
	changes, err := k.firstChanges(ctx, mapKey, left.left)
	if err != nil {
		return err
	}
	for _, change := range changes {
		left.spend()
		if err := k.takeChange(ctx, change); err != nil {
			return err
		}
	}
	if state, err = k.provider(ctx, mapKey); err != nil {
		return err
	}
	if state.UnitCount > 0 || state.PendingChanges > 0 {
		return k.setDue(ctx, now(ctx), types.DUE_KIND_TERMINATE, mapKey, 0)
	}
	state.Terminating, state.ConsecutiveMissed = false, 0
	return k.setProvider(ctx, state)
}

func (k *Keeper) takeAway(ctx context.Context, unitID uint64) error {
	unit, found, err := k.findUnit(ctx, unitID)
	if err != nil || !found {
		return err
	}
	released, err := k.isQueued(ctx, unitID, types.CHANGE_KIND_REMOVE)
	if err != nil {
		return err
	}
	if released {
		return k.release(ctx, unit, k.tellDue)
	}
	cause, err := k.queuedCause(ctx, unit)
	if err != nil {
		return err
	}
	if cause == types.TERMINATION_CAUSE_UNSPECIFIED {
		cause = types.TERMINATION_CAUSE_SILENCE
	}
	return k.terminate(ctx, unit, cause, k.tellDue)
}
