package keeper

import (
	"context"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// disputable fails with ErrSectorStatus or ErrTooLate unless the seal of a sector can be shown to be false now.
func disputable(ctx context.Context, sector types.Sector) error {
	switch sector.Status {
	case types.SECTOR_STATUS_VERIFYING:
		return nil
	case types.SECTOR_STATUS_DISPUTABLE:
		if sector.DisputeEndsAt != nil && now(ctx).Before(*sector.DisputeEndsAt) {
			return nil
		}
		return types.ErrTooLate.Wrapf("sector %d could be disputed until %s", sector.Id, sector.DisputeEndsAt)
	default:
		return types.ErrSectorStatus.Wrapf("sector %d is %s", sector.Id, sector.Status)
	}
}

// convict takes everything from a sector whose seal is false or was not shown: the deposit, of which the reporter gets part, and
// its units. Its provider takes nothing on for a while. Validators that said yes to what is shown to be false are punished.
func (k *Keeper) convict(ctx context.Context, sector types.Sector, reporter string, punish bool) error {
	switch sector.Status {
	case types.SECTOR_STATUS_VERIFYING:
		if err := k.endPending(ctx, sector); err != nil {
			return err
		}
		key := dueAt(sector.Proof.VerdictBy, types.DUE_KIND_VERDICT_TIMEOUT, sector.Provider, sector.Id)
		if err := k.removeDue(ctx, key); err != nil {
			return err
		}
	case types.SECTOR_STATUS_DISPUTABLE:
		key := dueAt(*sector.DisputeEndsAt, types.DUE_KIND_DISPUTE_END, sector.Provider, sector.Id)
		if err := k.removeDue(ctx, key); err != nil {
			return err
		}
	default:
		return types.ErrSectorStatus.Wrapf("sector %d is %s", sector.Id, sector.Status)
	}
	forfeited := sector.Deposit
	if err := k.forfeit(ctx, &sector, forfeited, reporter); err != nil {
		return err
	}
	var slashed uint32
	if punish {
		var err error
		if slashed, err = k.punishVoters(ctx, sector.Proof.SealId); err != nil {
			return err
		}
	}
	err := emit(ctx, &types.EventSealFraud{
		SealId: sector.Proof.SealId, SectorId: sector.Id, Provider: sector.Provider, Reporter: reporter,
		Forfeited: forfeited.String(), VotersSlashed: slashed,
	})
	if err != nil {
		return err
	}
	if err := k.tellDue(ctx, jailed(sector.Provider)); err != nil {
		return err
	}
	return k.dropSector(ctx, sector, true)
}

// punishVoters takes stake from the validators that said yes to a seal, and returns how many they were.
func (k *Keeper) punishVoters(ctx context.Context, sealID uint64) (uint32, error) {
	params, err := k.Params(ctx)
	if err != nil {
		return 0, err
	}
	votes, err := k.votesOn(ctx, sealID)
	if err != nil {
		return 0, err
	}
	var slashed uint32
	for _, vote := range votes {
		if !vote.Valid {
			continue
		}
		done := false
		err := k.tellDue(ctx, notice{name: "Punish", send: func(ctx context.Context, k *Keeper) error {
			if err := k.Validators.Punish(ctx, vote.Validator, vote.Height, vote.Power, params.VoterSlashBps); err != nil {
				return fmt.Errorf("failed to punish validator %s: %w", sdk.ConsAddress(vote.Validator), err)
			}
			done = true
			return nil
		}})
		if err != nil {
			return 0, err
		}
		if done {
			slashed++
		}
	}
	return slashed, nil
}
