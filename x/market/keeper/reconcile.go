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

// reconcile brings the held replicas of a deal to what x/porep has of their units. They agree unless a hook failed when a
// change fell due, which x/porep does not repeat. The time since the last settlement is not paid where they disagree: how
// much of it was proven before the change is not known any more.
func (k *Keeper) reconcile(goCtx context.Context, dealID uint64) error {
	ctx := sdk.UnwrapSDKContext(goCtx)
	deal, err := k.Deal(ctx, dealID)
	if err != nil {
		return err
	}
	replicas, err := k.Replicas(ctx, deal)
	if err != nil {
		return err
	}
	for _, replica := range replicas {
		if !replica.Held() {
			continue
		}
		// What came before may have changed the deal.
		if deal, err = k.Deal(ctx, dealID); err != nil {
			return err
		}
		if err := k.reconcileReplica(ctx, deal, replica); err != nil {
			return fmt.Errorf("failed to reconcile replica %d of deal %d: %w", replica.Index, dealID, err)
		}
	}
	return nil
}

func (k *Keeper) reconcileReplica(ctx sdk.Context, deal types.Deal, replica types.Replica) error {
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

// missing ends or repairs a held replica whose unit x/porep does not have any more. While its deal runs nobody asked for
// the unit's release, so it was terminated: the provider is slashed if the unit had been challenged. In a closing deal it
// may have been released, and the provider gets the benefit of the doubt.
func (k *Keeper) missing(ctx sdk.Context, deal types.Deal, replica types.Replica) error {
	challenged := replica.Accruing || replica.Status == types.REPLICA_STATUS_FAULTY
	if deal.Running() {
		return k.lose(ctx, deal, replica, challenged)
	}
	return k.endReplica(ctx, deal, replica, sdkmath.ZeroInt())
}
