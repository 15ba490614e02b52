package keeper

import (
	"context"
	"errors"
	"fmt"

	errorsmod "cosmossdk.io/errors"
	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

var _ poreptypes.UnitHooks = (*Keeper)(nil)

// UnitActivated starts the earnings of a replica: it is proven from the provider's next window on.
func (k *Keeper) UnitActivated(ctx context.Context, unit poreptypes.Unit) error {
	deal, replica, err := k.ofUnit(ctx, unit)
	if err != nil {
		return err
	}
	return k.accrue(ctx, deal, replica, unit.Id)
}

// UnitFaulted settles a replica whose challenge was not answered and stops its earnings.
func (k *Keeper) UnitFaulted(ctx context.Context, unit poreptypes.Unit) error {
	deal, replica, err := k.ofUnit(ctx, unit)
	if err != nil {
		return err
	}
	if _, err := k.settle(ctx, &deal, &replica); err != nil {
		return err
	}
	if err := k.stopEarning(ctx, deal, &replica); err != nil {
		return err
	}
	replica.Status = types.REPLICA_STATUS_FAULTY
	if err := k.setReplica(ctx, replica); err != nil {
		return err
	}
	return k.setDeal(ctx, deal)
}

// UnitRecovered starts the earnings of a faulty replica again, at the price of the windows in which it stayed faulty.
func (k *Keeper) UnitRecovered(ctx context.Context, unit poreptypes.Unit) error {
	deal, replica, err := k.ofUnit(ctx, unit)
	if err != nil {
		return err
	}
	if err := k.penaliseFault(ctx, deal, replica, unit); err != nil {
		return err
	}
	return k.accrue(ctx, deal, replica, unit.Id)
}

// UnitReleased settles a replica for the last time and ends it, at the price of the windows in which it stayed faulty.
func (k *Keeper) UnitReleased(ctx context.Context, unit poreptypes.Unit) error {
	deal, replica, err := k.ofUnit(ctx, unit)
	if err != nil {
		return err
	}
	if err := k.penaliseFault(ctx, deal, replica, unit); err != nil {
		return err
	}
	if _, err := k.settle(ctx, &deal, &replica); err != nil {
		return err
	}
	return k.endReplica(ctx, deal, replica, sdkmath.ZeroInt())
}

// UnitTerminated settles a replica that was taken from its provider, slashes part of the pledge and, while the deal runs, has the
// replica repaired by another provider. A unit that was still queued was never asked for: it costs no pledge, but is lost
// like any other. A challenge that went unanswered and a false seal have their own price: once that was taken, the loss costs nothing
// more here.
func (k *Keeper) UnitTerminated(goCtx context.Context, unit poreptypes.Unit, cause poreptypes.TerminationCause) error {
	ctx := sdk.UnwrapSDKContext(goCtx)
	deal, replica, err := k.ofUnit(ctx, unit)
	if err != nil {
		return err
	}
	if _, err := k.settle(ctx, &deal, &replica); err != nil {
		return err
	}
	if err := k.penaliseFault(ctx, deal, replica, unit); err != nil {
		return err
	}
	paidFor := replica.LossPaid || cause == poreptypes.TERMINATION_CAUSE_FRAUD
	return k.lose(ctx, deal, replica, unit.Status != poreptypes.UNIT_STATUS_QUEUED && !paidFor)
}

// penaliseFault takes the price of a fault that lasts longer than to the next window: a multiple of what the replica would have earned
// since.
func (k *Keeper) penaliseFault(goCtx context.Context, deal types.Deal, replica types.Replica, unit poreptypes.Unit) error {
	ctx := sdk.UnwrapSDKContext(goCtx)
	if unit.FaultedAt == nil {
		return nil
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	period, err := k.porep.ProvingPeriod(ctx)
	if err != nil {
		return fmt.Errorf("failed to read the proving period: %w", err)
	}
	chargeable := ctx.BlockTime().Sub(*unit.FaultedAt) - period
	if chargeable <= 0 {
		return nil
	}
	reward := types.EarnedAt(types.Rate(replica.PricePerGibHour, deal.SizeBytes), chargeable)
	if unit.Class == poreptypes.CLASS_SEALED {
		emission, err := k.incentive.RewardEstimate(ctx, unit.SizeBytes, chargeable)
		if err != nil {
			return fmt.Errorf("failed to reckon the reward of unit %d: %w", unit.Id, err)
		}
		reward = reward.Add(emission)
	}
	_, err = k.penalise(ctx, params, unit.Provider, params.FaultPenalty(reward), deal.Client, "")
	return err
}

// WindowClosed takes the price of silence: from the second window in a row that a provider misses, a multiple of what it would have earned.
func (k *Keeper) WindowClosed(ctx context.Context, outcome poreptypes.WindowOutcome) error {
	if !outcome.Missed || outcome.ConsecutiveMissed < 2 {
		return nil
	}
	provider, err := k.Provider(ctx, outcome.Provider)
	if errors.Is(err, types.ErrProviderNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	reward := types.EarnedAt(*provider.Accruing(outcome.Class), outcome.Covers)
	if !outcome.Forfeited.IsNil() {
		reward = reward.Add(outcome.Forfeited)
	}
	_, err = k.penalise(ctx, params, outcome.Provider, params.FaultPenalty(reward), "", "")
	return err
}

// ChallengeFailed takes the price of a challenge that went unanswered: a multiple of what is left of the replica's price. The
// challenger is the reporter.
func (k *Keeper) ChallengeFailed(ctx context.Context, unit poreptypes.Unit, challenger string) error {
	deal, replica, err := k.ofUnit(ctx, unit)
	if err != nil {
		return err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	// What was proven is paid first, so that the price left does not depend on who settled last.
	if _, err := k.settle(ctx, &deal, &replica); err != nil {
		return err
	}
	replica.LossPaid = true
	if err := k.setReplica(ctx, replica); err != nil {
		return err
	}
	if err := k.setDeal(ctx, deal); err != nil {
		return err
	}
	_, err = k.penalise(ctx, params, unit.Provider, params.ChallengePenalty(replica.Budget), deal.Client, challenger)
	return err
}

// lose takes a held and settled replica from the provider that lost it, with a slash when it was to be proven.
func (k *Keeper) lose(ctx sdk.Context, deal types.Deal, replica types.Replica, slashed bool) error {
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	provider, err := k.Provider(ctx, replica.Provider)
	if err != nil {
		return err
	}
	slash := sdkmath.ZeroInt()
	if slashed {
		slash = sdkmath.MinInt(params.Slash(replica.Pledge), provider.Pledge)
	}
	err = emit(ctx, &types.EventReplicaLost{
		DealId: deal.Id, Index: replica.Index, Provider: replica.Provider, Slashed: slash.String(),
	})
	if err != nil {
		return err
	}
	if !deal.Running() || !ctx.BlockTime().Before(*deal.EndsAt) {
		return k.endReplica(ctx, deal, replica, slash)
	}
	if err := k.release(ctx, deal, &replica, slash, ""); err != nil {
		return err
	}
	if err := k.setDeal(ctx, deal); err != nil {
		return err
	}
	exclude(params, &replica)
	replica.Repairs++
	return k.seek(ctx, params, deal, replica)
}

// ofUnit returns the deal and the replica that a unit is proven for. It fails with ErrUnit when the replica is not held
// by the unit's provider under the unit's id.
func (k *Keeper) ofUnit(ctx context.Context, unit poreptypes.Unit) (types.Deal, types.Replica, error) {
	deal, replica, err := k.dealAndReplica(ctx, unit.DealId, unit.ReplicaIndex)
	if err != nil {
		return types.Deal{}, types.Replica{}, err
	}
	// While AddUnit runs the replica does not know its unit's id yet.
	if !replica.Held() || replica.Provider != unit.Provider || (replica.UnitId != unit.Id && replica.UnitId != 0) {
		return types.Deal{}, types.Replica{}, errorsmod.Wrapf(types.ErrUnit,
			"unit %d of %s, replica %d of deal %d is %s with unit %d of %q",
			unit.Id, unit.Provider, replica.Index, deal.Id, replica.Status, replica.UnitId, replica.Provider)
	}
	return deal, replica, nil
}

// accrue lets a replica earn from now on: from the provider's present proven time, less the part of the next window's
// time that was over before the replica was held. A provider that misses that window still forgoes the part.
func (k *Keeper) accrue(ctx context.Context, deal types.Deal, replica types.Replica, unitID uint64) error {
	proven, err := k.porep.ProvenTime(ctx, replica.Provider, replica.Class)
	if err != nil {
		return fmt.Errorf("failed to read proven time of %s: %w", replica.Provider, err)
	}
	unearned, err := k.porep.UnearnedTime(ctx, replica.Provider, replica.Class)
	if err != nil {
		return fmt.Errorf("failed to read unearned time of %s: %w", replica.Provider, err)
	}
	replica.Status, replica.UnitId = types.REPLICA_STATUS_ACTIVE, unitID
	replica.AccruedTo = proven + unearned
	if err := k.startEarning(ctx, deal, &replica); err != nil {
		return err
	}
	return k.setReplica(ctx, replica)
}

// endReplica releases a held and settled replica for good, and finishes the deal when it was the last.
func (k *Keeper) endReplica(ctx context.Context, deal types.Deal, replica types.Replica, slash sdkmath.Int) error {
	if err := k.release(ctx, deal, &replica, slash, ""); err != nil {
		return err
	}
	replica.Status = types.REPLICA_STATUS_ENDED
	if err := k.setReplica(ctx, replica); err != nil {
		return err
	}
	if err := k.setDeal(ctx, deal); err != nil {
		return err
	}
	return k.finishDeal(ctx, deal.Id)
}
