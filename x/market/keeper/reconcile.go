package keeper

import (
	"context"
	"errors"
	"fmt"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// CallFailed has the replica reconciled of which x/porep could not tell something. What it lost by a false seal is paid for by the
// deposit of the sector.
func (k *Keeper) CallFailed(goCtx context.Context, unit poreptypes.Unit, cause poreptypes.TerminationCause) error {
	ctx := sdk.UnwrapSDKContext(goCtx)
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	replica, err := k.Replica(ctx, unit.DealId, unit.ReplicaIndex)
	if err != nil {
		return err
	}
	if cause == poreptypes.TERMINATION_CAUSE_FRAUD && replica.Held() && replica.UnitId == unit.Id {
		replica.LossPaid = true
		if err := k.setReplica(ctx, replica); err != nil {
			return err
		}
	}
	return k.addDue(ctx, ctx.BlockTime().Add(params.RetryInterval), types.DUE_KIND_RECONCILE, replica.DealId, replica.Index)
}

// reconcile brings the replicas of a deal to what x/porep has of them.
func (k *Keeper) reconcile(goCtx context.Context, dealID uint64) error {
	ctx := sdk.UnwrapSDKContext(goCtx)
	deal, err := k.Deal(ctx, dealID)
	if err != nil {
		return err
	}
	for index := range uint32(deal.Replicas.Total()) {
		if err := k.reconcileDue(ctx, dealID, index); err != nil {
			return err
		}
	}
	return nil
}

// reconcileDue is reconcileReplica for a replica and a deal as they are now.
func (k *Keeper) reconcileDue(ctx sdk.Context, dealID uint64, index uint32) error {
	deal, replica, err := k.dealAndReplica(ctx, dealID, index)
	if err != nil {
		return err
	}
	if err := k.reconcileReplica(ctx, deal, replica); err != nil {
		return fmt.Errorf("failed to reconcile replica %d of deal %d: %w", index, dealID, err)
	}
	return nil
}

// reconcileReplica brings a replica to what x/porep has of its unit, or of its sector while it is being sealed. They agree unless a
// hook failed when a change fell due, which x/porep does not repeat. The time since the last settlement is not paid where they
// disagree: how much of it was proven before the change is not known any more.
func (k *Keeper) reconcileReplica(ctx sdk.Context, deal types.Deal, replica types.Replica) error {
	if replica.Status == types.REPLICA_STATUS_SEALING {
		return k.reconcileSealing(ctx, replica)
	}
	if !replica.Held() {
		return nil
	}
	unit, err := k.porep.Unit(ctx, replica.UnitId)
	if errors.Is(err, poreptypes.ErrUnknownUnit) {
		return k.missing(ctx, deal, replica)
	}
	if err != nil {
		return fmt.Errorf("failed to read unit %d: %w", replica.UnitId, err)
	}
	switch {
	case unit.Status == poreptypes.UNIT_STATUS_ACTIVE && !replica.Accruing:
		return k.accrue(ctx, deal, replica, unit.Id)
	case unit.Status == poreptypes.UNIT_STATUS_FAULTY && replica.Status != types.REPLICA_STATUS_FAULTY:
		if err := k.stopEarning(ctx, deal, &replica); err != nil {
			return err
		}
		replica.Status = types.REPLICA_STATUS_FAULTY
		return k.setReplica(ctx, replica)
	default:
		return nil
	}
}

// reconcileSealing takes a replica from a provider whose sector came to nothing, free of charge: whose fault it was is not known any
// more.
func (k *Keeper) reconcileSealing(ctx sdk.Context, replica types.Replica) error {
	sealing, err := k.porep.Sealing(ctx, replica.SectorId, replica.DealId, replica.Index)
	if err != nil {
		return fmt.Errorf("failed to read sector %d: %w", replica.SectorId, err)
	}
	if sealing {
		return nil
	}
	return k.SealingFailed(ctx, replica.Provider, replica.DealId, replica.Index, false)
}

// missing ends or repairs a held replica whose unit x/porep does not have any more. While its deal runs nobody asked for the unit's
// release, so it was terminated: the provider is slashed if the unit had been challenged and the loss was not paid for. In a closing deal
// it may have been released, and the provider gets the benefit of the doubt.
func (k *Keeper) missing(ctx sdk.Context, deal types.Deal, replica types.Replica) error {
	challenged := replica.Accruing || replica.Status == types.REPLICA_STATUS_FAULTY
	if deal.Running() {
		return k.lose(ctx, deal, replica, challenged && !replica.LossPaid)
	}
	return k.endReplica(ctx, deal, replica, sdkmath.ZeroInt())
}
