package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// ApplyVerdicts records the verdicts in a section of a validator's vote extension, the binary form of types.EncodeVerdicts. What is
// no news changes nothing. It fails with ErrVerdict when the section cannot be decoded, and with the errors of RecordVerdict;
// nothing of the section is recorded then, if the caller drops what was written.
func (k *Keeper) ApplyVerdicts(ctx context.Context, validator sdk.ConsAddress, power, height int64, data []byte) error {
	verdicts, err := types.DecodeVerdicts(data)
	if err != nil {
		return err
	}
	for _, v := range verdicts {
		if err := k.RecordVerdict(ctx, validator, power, height, v.SealID, v.Valid); err != nil {
			return err
		}
	}
	return nil
}

// RecordVerdict adds a validator's verdict on a seal proof to those so far, with the power that it had at the height of the vote. A
// verdict on a seal that is unknown or resolved, or a second one by the same validator, is no news and changes nothing.
//
// More than two thirds of the power saying yes accept the seal, more than one third saying no reject it; what follows is due in
// the same block. It fails with ErrVerdict without power and with ErrUnknownValidator.
func (k *Keeper) RecordVerdict(ctx context.Context, validator sdk.ConsAddress, power, height int64, sealID uint64, valid bool) error {
	if power <= 0 {
		return types.ErrVerdict.Wrapf("power of %d", power)
	}
	sectorID, err := k.pending.Get(ctx, sealID)
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("failed to read seal %d: %w", sealID, err)
	}
	key := collections.Join(sealID, []byte(validator))
	voted, err := k.votes.Has(ctx, key)
	if err != nil {
		return fmt.Errorf("failed to read a verdict on seal %d: %w", sealID, err)
	}
	if voted {
		return nil
	}
	if _, err := k.Validators.Operator(ctx, validator); err != nil {
		return types.ErrUnknownValidator.Wrapf("%s: %s", validator, err)
	}
	total, err := k.totalPower(ctx)
	if err != nil {
		return err
	}
	tally, err := k.tallies.Get(ctx, sealID)
	if err != nil {
		return fmt.Errorf("failed to read the verdicts on seal %d: %w", sealID, err)
	}
	before := outcomeOf(tally, total)
	if valid {
		tally.YesPower += power
	} else {
		tally.NoPower += power
	}
	tally.Votes++
	if err := k.tallies.Set(ctx, sealID, tally); err != nil {
		return fmt.Errorf("failed to count a verdict on seal %d: %w", sealID, err)
	}
	vote := types.SealVote{SealId: sealID, Validator: validator, Valid: valid, Power: power, Height: height}
	if err := k.votes.Set(ctx, key, vote); err != nil {
		return fmt.Errorf("failed to record a verdict on seal %d: %w", sealID, err)
	}
	err = emit(ctx, &types.EventSealVoted{
		SealId: sealID, Validator: validator.String(), Valid: valid, YesPower: tally.YesPower, NoPower: tally.NoPower,
	})
	if err != nil || outcomeOf(tally, total) == before {
		return err
	}
	sector, err := k.Sector(ctx, sectorID)
	if err != nil {
		return err
	}
	if err := k.removeDue(ctx, dueAt(tally.VerdictBy, types.DUE_KIND_VERDICT_TIMEOUT, sector.Provider, sectorID)); err != nil {
		return err
	}
	return k.setDue(ctx, now(ctx), types.DUE_KIND_VERDICT_TIMEOUT, sector.Provider, sectorID)
}

// outcome is what verdicts come to.
type outcome int

const (
	undecided outcome = iota
	accepted
	rejected
)

// outcomeOf says what the verdicts come to when all validators have the given power. Powers sum up to at most an eighth of 63 bits.
func outcomeOf(tally types.SealProof, total int64) outcome {
	switch {
	case tally.YesPower > 0 && sdkmath.NewInt(tally.YesPower).MulRaw(3).GT(sdkmath.NewInt(total).MulRaw(2)):
		return accepted
	case tally.NoPower > 0 && sdkmath.NewInt(tally.NoPower).MulRaw(3).GT(sdkmath.NewInt(total)):
		return rejected
	default:
		return undecided
	}
}

func (k *Keeper) totalPower(ctx context.Context) (int64, error) {
	total, err := k.Validators.TotalPower(ctx)
	if err != nil {
		return 0, fmt.Errorf("failed to read the power of all validators: %w", err)
	}
	return total, nil
}

// votesOn returns the verdicts on a seal: at most one for each validator.
func (k *Keeper) votesOn(ctx context.Context, sealID uint64) ([]types.SealVote, error) {
	var votes []types.SealVote
	err := k.votes.Walk(ctx, collections.NewPrefixedPairRange[uint64, []byte](sealID),
		func(_ collections.Pair[uint64, []byte], vote types.SealVote) (bool, error) {
			votes = append(votes, vote)
			return false, nil
		})
	if err != nil && !errors.Is(err, collections.ErrInvalidIterator) {
		return nil, fmt.Errorf("failed to walk the verdicts on seal %d: %w", sealID, err)
	}
	return votes, nil
}

// forgetVotes removes the verdicts on a seal as far as the budget goes, and tells whether none is left.
func (k *Keeper) forgetVotes(ctx context.Context, sealID uint64, left *budget) (done bool, err error) {
	limit := left.left
	if limit == 0 {
		return false, nil
	}
	var keys []collections.Pair[uint64, []byte]
	err = k.votes.Walk(ctx, collections.NewPrefixedPairRange[uint64, []byte](sealID),
		func(key collections.Pair[uint64, []byte], _ types.SealVote) (bool, error) {
			keys = append(keys, key)
			return uint64(len(keys)) == limit, nil
		})
	if err != nil && !errors.Is(err, collections.ErrInvalidIterator) {
		return false, fmt.Errorf("failed to walk the verdicts on seal %d: %w", sealID, err)
	}
	for _, key := range keys {
		left.spend()
		if err := k.votes.Remove(ctx, key); err != nil {
			return false, fmt.Errorf("failed to forget a verdict on seal %d: %w", sealID, err)
		}
	}
	return uint64(len(keys)) < limit, nil
}

// payVoters pays the verdict fee from the deposit of a sector, which the caller writes, to those validators whose verdict decided,
// by their power. What does not come out even, or finds no one, stays in the deposit.
func (k *Keeper) payVoters(ctx context.Context, sector *types.Sector, valid bool, left *budget) error {
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	votes, err := k.votesOn(ctx, sector.Proof.SealId)
	if err != nil {
		return err
	}
	left.spendMany(uint64(len(votes)))
	fee, power := types.Share(sector.Deposit, params.VerdictFeeBps), sdkmath.ZeroInt()
	for _, vote := range votes {
		if vote.Valid == valid {
			power = power.AddRaw(vote.Power)
		}
	}
	for _, vote := range votes {
		if vote.Valid != valid {
			continue
		}
		share := fee.MulRaw(vote.Power).Quo(power)
		paid := false
		err := k.tellDue(ctx, notice{name: "verdict fee", send: func(ctx context.Context, k *Keeper) error {
			operator, err := k.Validators.Operator(ctx, vote.Validator)
			if err != nil {
				return fmt.Errorf("failed to find validator %s: %w", sdk.ConsAddress(vote.Validator), err)
			}
			if err := k.unlockTo(ctx, operator, share); err != nil {
				return err
			}
			paid = true
			return nil
		}})
		if err != nil {
			return err
		}
		if paid {
			sector.Deposit = sector.Deposit.Sub(share)
		}
	}
	return nil
}
