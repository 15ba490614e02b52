package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// InboundTargets returns what validators are to vote on, by domain.
func (k *Keeper) InboundTargets(ctx context.Context) ([]wire.RangeTarget, error) {
	domains, err := k.Domains(ctx)
	if err != nil {
		return nil, err
	}
	targets := make([]wire.RangeTarget, len(domains))
	for i, d := range domains {
		gateway, err := gatewayOf(d)
		if err != nil {
			return nil, err
		}
		targets[i] = wire.RangeTarget{
			Domain: wire.Domain(d.Config.Domain), Application: gateway, FirstNonce: d.AttestedEvents, UntilMillis: d.TargetUnixMilli,
		}
	}
	return targets, nil
}

// VoteRange takes the vote of a validator, with its power, on the range of events that is next, in place of an earlier one. Once more than
// two thirds of the power vote the same, the range is attested. It fails with ErrUnknownDomain, and with ErrNotTarget for a vote on
// another range: one that comes late does, and is no offence.
func (k *Keeper) VoteRange(ctx sdk.Context, validator sdk.ConsAddress, power int64, vote wire.RangeVote) error {
	d, err := k.Domain(ctx, uint32(vote.Domain))
	if err != nil {
		return err
	}
	full := vote.Count == wire.MaxRangeEvents && vote.TimeMillis < d.TargetUnixMilli && vote.TimeMillis >= d.AttestedUnixMilli
	if vote.FirstNonce != d.AttestedEvents || vote.TimeMillis != d.TargetUnixMilli && !full {
		return types.ErrNotTarget.Wrapf("events of domain %d from %d up to %d are voted on, not from %d up to %d",
			vote.Domain, d.AttestedEvents, d.TargetUnixMilli, vote.FirstNonce, vote.TimeMillis)
	}
	address, err := k.consensus.BytesToString(validator)
	if err != nil {
		return fmt.Errorf("failed to encode a consensus address: %w", err)
	}
	ballot := types.RangeBallot{Domain: d.Config.Domain, ConsensusAddress: address, Vote: vote.Encode(), Power: power}
	if err := k.cast(ctx, validator, ballot); err != nil {
		return err
	}
	return k.weigh(ctx, d, vote)
}

// cast writes a ballot in place of the validator's earlier one.
func (k *Keeper) cast(ctx context.Context, validator sdk.ConsAddress, ballot types.RangeBallot) error {
	key := collections.Join(ballot.Domain, []byte(validator))
	before, err := k.ballots.Get(ctx, key)
	switch {
	case errors.Is(err, collections.ErrNotFound):
	case err != nil:
		return fmt.Errorf("failed to read the ballot of %s: %w", ballot.ConsensusAddress, err)
	case before.Equal(&ballot):
		return nil
	default:
		if err := k.addTally(ctx, before, -before.Power); err != nil {
			return err
		}
	}
	if err := k.ballots.Set(ctx, key, ballot); err != nil {
		return fmt.Errorf("failed to write the ballot of %s: %w", ballot.ConsensusAddress, err)
	}
	return k.addTally(ctx, ballot, ballot.Power)
}

func tallyKey(ballot types.RangeBallot) collections.Pair[uint32, []byte] {
	digest := wire.Sum(ballot.Vote)
	return collections.Join(ballot.Domain, digest[:])
}

// addTally adds power to what has voted as a ballot does.
func (k *Keeper) addTally(ctx context.Context, ballot types.RangeBallot, power int64) error {
	key := tallyKey(ballot)
	sum, err := k.tallies.Get(ctx, key)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return fmt.Errorf("failed to read a tally: %w", err)
	}
	if sum += power; sum == 0 {
		err = k.tallies.Remove(ctx, key)
	} else {
		err = k.tallies.Set(ctx, key, sum)
	}
	if err != nil {
		return fmt.Errorf("failed to write a tally: %w", err)
	}
	return nil
}

// weigh attests a vote if it has more than two thirds of the power, and else tells whether there is a conflict: a third and more vote
// otherwise than the rest.
func (k *Keeper) weigh(ctx sdk.Context, d types.Domain, vote wire.RangeVote) error {
	total, err := k.deps.Validators.TotalPower(ctx)
	if err != nil {
		return fmt.Errorf("failed to read the power of all validators: %w", err)
	}
	power, err := k.tallies.Get(ctx, tallyKey(types.RangeBallot{Domain: d.Config.Domain, Vote: vote.Encode()}))
	if err != nil && !errors.Is(err, collections.ErrNotFound) { // of a vote without power there is none
		return fmt.Errorf("failed to read a tally: %w", err)
	}
	if suffices(power, total) {
		if power, err = k.recount(ctx, d.Config.Domain, vote); err != nil {
			return err
		}
		if suffices(power, total) {
			return k.attest(ctx, d, vote)
		}
	}
	return k.judgeConflict(ctx, d, total)
}

// suffices tells whether a power is more than two thirds of all. CometBFT's total power is less than 2^60.
func suffices(power, total int64) bool { return 3*power > 2*total }

// recount gives the ballots for a vote the power that their validators have now, and returns the sum: some may have voted long ago.
func (k *Keeper) recount(ctx context.Context, domain uint32, vote wire.RangeVote) (int64, error) {
	ballots, err := k.ballotsOn(ctx, domain)
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, b := range ballots {
		if string(b.Vote) != string(vote.Encode()) {
			continue
		}
		validator, err := k.consensus.StringToBytes(b.ConsensusAddress)
		if err != nil {
			return 0, types.ErrInvariant.Wrapf("a ballot of %q", b.ConsensusAddress)
		}
		now := b
		if now.Power, err = k.deps.Validators.Power(ctx, validator); err != nil {
			return 0, fmt.Errorf("failed to read the power of %s: %w", b.ConsensusAddress, err)
		}
		if err := k.cast(ctx, validator, now); err != nil {
			return 0, err
		}
		sum += now.Power
	}
	return sum, nil
}

// ballotsOn returns the votes on the events of a domain, by validator.
func (k *Keeper) ballotsOn(ctx context.Context, domain uint32) ([]types.RangeBallot, error) {
	var all []types.RangeBallot
	err := k.ballots.Walk(ctx, collections.NewPrefixedPairRange[uint32, []byte](domain),
		func(_ collections.Pair[uint32, []byte], b types.RangeBallot) (bool, error) {
			all = append(all, b)
			return false, nil
		})
	if err != nil {
		return nil, fmt.Errorf("failed to read the ballots on domain %d: %w", domain, err)
	}
	return all, nil
}

// judgeConflict takes note whether a third or more of the power votes otherwise than the most.
func (k *Keeper) judgeConflict(ctx sdk.Context, d types.Domain, total int64) error {
	var sum, most int64
	err := k.tallies.Walk(ctx, collections.NewPrefixedPairRange[uint32, []byte](d.Config.Domain),
		func(_ collections.Pair[uint32, []byte], power int64) (bool, error) {
			sum, most = sum+power, max(most, power)
			return false, nil
		})
	if err != nil {
		return fmt.Errorf("failed to read the tallies of domain %d: %w", d.Config.Domain, err)
	}
	conflict := sum > most && 3*(sum-most) >= total
	switch {
	case conflict == (d.ConflictSinceUnixMilli != 0):
		return nil
	case conflict:
		d.ConflictSinceUnixMilli = ctx.BlockTime().UnixMilli()
	default:
		d.ConflictSinceUnixMilli = 0
	}
	if err := k.setDomain(ctx, d); err != nil {
		return err
	}
	return emit(ctx, &types.EventRangeConflict{Domain: d.Config.Domain, Conflict: conflict})
}

// attest takes a range for true, and names the next target.
func (k *Keeper) attest(ctx sdk.Context, d types.Domain, vote wire.RangeVote) error {
	if err := k.clearBallots(ctx, d.Config.Domain); err != nil {
		return err
	}
	if d.ConflictSinceUnixMilli != 0 {
		d.ConflictSinceUnixMilli = 0
		if err := emit(ctx, &types.EventRangeConflict{Domain: d.Config.Domain}); err != nil {
			return err
		}
	}
	d.AttestedUnixMilli = vote.TimeMillis
	if vote.Count > 0 {
		r := types.Range{Domain: d.Config.Domain, FirstNonce: vote.FirstNonce, Count: vote.Count, Root: vote.Root[:], TimeUnixMilli: vote.TimeMillis}
		if err := k.ranges.Set(ctx, collections.Join(r.Domain, r.FirstNonce), r); err != nil {
			return fmt.Errorf("failed to write a range of domain %d: %w", r.Domain, err)
		}
		d.AttestedEvents += uint64(vote.Count)
		if err := emit(ctx, &types.EventRangeAttested{
			Domain: r.Domain, FirstNonce: r.FirstNonce, Count: r.Count, TimeUnixMilli: r.TimeUnixMilli,
		}); err != nil {
			return err
		}
	}
	if d.TakenAll() {
		d.TakenUnixMilli = d.AttestedUnixMilli
	}
	if vote.TimeMillis >= d.TargetUnixMilli {
		next := ctx.BlockTime().Add(d.Config.Interval - d.Config.Finality).UnixMilli()
		if next <= int64(d.AttestedUnixMilli) { // the chain's clock is ahead, or it is said to take longer than before
			next = int64(d.AttestedUnixMilli) + d.Config.Interval.Milliseconds()
		}
		d.TargetUnixMilli = uint64(next)
	}
	if err := k.setDomain(ctx, d); err != nil {
		return err
	}
	return k.expire(ctx, d)
}

// clearBallots removes all votes on the events of a domain. There is at most one for each validator.
func (k *Keeper) clearBallots(ctx context.Context, domain uint32) error {
	if err := k.ballots.Clear(ctx, collections.NewPrefixedPairRange[uint32, []byte](domain)); err != nil {
		return fmt.Errorf("failed to remove the ballots on domain %d: %w", domain, err)
	}
	if err := k.tallies.Clear(ctx, collections.NewPrefixedPairRange[uint32, []byte](domain)); err != nil {
		return fmt.Errorf("failed to remove the tallies of domain %d: %w", domain, err)
	}
	return nil
}
