package types

import (
	"math/big"
	"time"

	sdkmath "cosmossdk.io/math"
)

const (
	// halfLifeSteps is in how many equal steps the emission halves.
	halfLifeSteps = 64
	// VestingSteps is into how many steps vesting_time is divided: what is earned within a step vests together.
	VestingSteps = 30
	// MaxVestingEntries is how many entries an account has at most: one for each step, one that is still to begin, and one for what the
	// division left.
	MaxVestingEntries = VestingSteps + 2
	// maxHalvings is after how many half-lives nothing is emitted any more.
	maxHalvings = 255
)

// indexOne is one aipdm in the unit of indexes, aipdm x 2^-64.
var indexOne = sdkmath.NewIntFromBigInt(new(big.Int).Lsh(big.NewInt(1), 64))

// share returns amount x bps / 10,000, rounded down.
func share(amount sdkmath.Int, bps uint32) sdkmath.Int {
	return amount.MulRaw(int64(bps)).QuoRaw(basisPoints)
}

// PerSecond returns the emission of a second, all shares together, when so much time has passed since its start: in the k-th half-life
// it falls from E / 2^k to E / 2^(k+1) in 64 equal steps.
func (p Params) PerSecond(elapsed time.Duration) sdkmath.Int {
	if p.HalfLife == 0 || elapsed <= 0 {
		return p.EmissionPerSecond
	}
	halvings := elapsed / p.HalfLife
	if halvings > maxHalvings {
		return sdkmath.ZeroInt()
	}
	step := (elapsed % p.HalfLife) / (p.HalfLife / halfLifeSteps)
	step = min(step, halfLifeSteps-1) // the last one takes what the division left
	left := new(big.Int).Rsh(p.EmissionPerSecond.BigInt(), uint(halvings))
	return sdkmath.NewIntFromBigInt(left).MulRaw(2*halfLifeSteps - int64(step)).QuoRaw(2 * halfLifeSteps)
}

// Emitted returns what is emitted in a time of d at so much a second, rounded down.
func Emitted(perSecond sdkmath.Int, d time.Duration) sdkmath.Int {
	return perSecond.MulRaw(int64(d)).QuoRaw(int64(time.Second))
}

// Shares is an amount split by the parameters.
type Shares struct{ Storage, Staking, Community sdkmath.Int }

// SplitEmission splits an emission. What rounding leaves belongs to nobody and is not minted.
func (p Params) SplitEmission(amount sdkmath.Int) Shares {
	return Shares{share(amount, p.StorageBps), share(amount, p.StakingBps), share(amount, p.CommunityBps)}
}

// SlashShares is a slash split by the parameters; the three add up to it.
type SlashShares struct{ Burn, Repair, Reporter sdkmath.Int }

// SplitSlash splits a slash. What rounding leaves is burned.
func (p Params) SplitSlash(amount sdkmath.Int) SlashShares {
	repair, reporter := share(amount, p.SlashRepairBps), share(amount, p.SlashReporterBps)
	return SlashShares{amount.Sub(repair).Sub(reporter), repair, reporter}
}

// IndexGrowth returns by how much the index grows when amount is emitted to storage while so many bytes are sealed. Below the baseline a
// byte gathers what it would at the baseline, and the rest is never minted: otherwise the first bytes of a network would gather the
// whole emission, for a pledge and penalties that are reckoned by the baseline.
func (p Params) IndexGrowth(amount sdkmath.Int, sealedBytes uint64) sdkmath.Int {
	return amount.Mul(indexOne).Quo(p.NetworkBytes(sealedBytes))
}

// Whole splits a number of aipdm x 2^-64 into whole aipdm and the rest.
func Whole(scaled sdkmath.Int) (whole, rest sdkmath.Int) {
	whole = scaled.Quo(indexOne)
	return whole, scaled.Sub(whole.Mul(indexOne))
}

// NetworkBytes is what rewards and pledges of a byte are reckoned by: the sealed bytes, at least the baseline.
func (p Params) NetworkBytes(sealedBytes uint64) sdkmath.Int {
	return sdkmath.NewIntFromUint64(max(sealedBytes, p.BaselineBytes))
}

// ExpectedReward returns the storage reward that so many bytes of a network gather in a time of d at so much a second, rounded up.
func (p Params) ExpectedReward(perSecond sdkmath.Int, bytes, sealedBytes uint64, d time.Duration) sdkmath.Int {
	emitted := share(perSecond, p.StorageBps).MulRaw(int64(d)).Mul(sdkmath.NewIntFromUint64(bytes))
	return divideUp(emitted, p.NetworkBytes(sealedBytes).MulRaw(int64(time.Second)))
}

// SealedPledge returns the pledge of so many sealed bytes: the expected reward of pledge_reward_time and the bytes' part of
// pledge_supply_bps of the supply, together at least the floor.
func (p Params) SealedPledge(perSecond, supply sdkmath.Int, bytes, sealedBytes uint64) sdkmath.Int {
	size := sdkmath.NewIntFromUint64(bytes)
	reward := p.ExpectedReward(perSecond, bytes, sealedBytes, p.PledgeRewardTime)
	part := divideUp(share(supply, p.PledgeSupplyBps).Mul(size), p.NetworkBytes(sealedBytes))
	floor := divideUp(p.PledgeFloorPerGib.Mul(size), sdkmath.NewIntFromUint64(gib))
	return sdkmath.MaxInt(floor, reward.Add(part))
}

func divideUp(dividend, divisor sdkmath.Int) sdkmath.Int {
	return dividend.Add(divisor).SubRaw(1).Quo(divisor)
}

// Vest adds what is earned at a time to the account: part is payable at once, the rest vests evenly from the next step of the vesting
// time on, or with the last entry when a change of the vesting time has left no room for another. It returns the part that is
// payable. What has vested by that time must have been released.
func (a *Account) Vest(p Params, now time.Time, amount sdkmath.Int) sdkmath.Int {
	vested := share(amount, p.VestedBps)
	if p.VestingTime == 0 {
		vested = sdkmath.ZeroInt()
	}
	immediate := amount.Sub(vested)
	a.Earned = a.Earned.Add(amount)
	a.Payable = a.Payable.Add(immediate)
	if !vested.IsPositive() {
		return immediate
	}
	step := p.VestingTime / VestingSteps
	starts := now.UTC().Truncate(step).Add(step)
	ends := starts.Add(p.VestingTime)
	n := len(a.Vesting)
	if n >= MaxVestingEntries || n > 0 && a.Vesting[n-1].StartsAt.Equal(starts) && a.Vesting[n-1].EndsAt.Equal(ends) {
		a.Vesting[n-1].Amount = a.Vesting[n-1].Amount.Add(vested)
		return immediate
	}
	a.Vesting = append(a.Vesting, VestingEntry{StartsAt: starts, EndsAt: ends, Amount: vested, Released: sdkmath.ZeroInt()})
	return immediate
}

// Release makes payable what has vested by a time, and forgets entries that have vested whole.
func (a *Account) Release(now time.Time) {
	var left []VestingEntry
	for _, entry := range a.Vesting {
		due := entry.vested(now)
		a.Payable = a.Payable.Add(due.Sub(entry.Released))
		entry.Released = due
		if due.LT(entry.Amount) {
			left = append(left, entry)
		}
	}
	a.Vesting = left
}

func (e VestingEntry) vested(now time.Time) sdkmath.Int {
	whole, passed := e.EndsAt.Sub(e.StartsAt), now.Sub(e.StartsAt)
	switch {
	case passed <= 0:
		return sdkmath.ZeroInt()
	case passed >= whole:
		return e.Amount
	default:
		return e.Amount.MulRaw(int64(passed)).QuoRaw(int64(whole))
	}
}

// Unvested is what is still to vest, in aipdm.
func (a Account) Unvested() sdkmath.Int {
	sum := sdkmath.ZeroInt()
	for _, entry := range a.Vesting {
		sum = sum.Add(entry.Amount).Sub(entry.Released)
	}
	return sum
}

// Accrue gathers rewards up to an index.
func (a *Account) Accrue(index sdkmath.Int) {
	a.Pending = a.Pending.Add(index.Sub(a.Index).Mul(sdkmath.NewIntFromUint64(a.SealedBytes)))
	a.Index = index
}

// NewAccount returns the account of a provider that has gathered nothing, at the present index.
func NewAccount(provider string, index sdkmath.Int) Account {
	zero := sdkmath.ZeroInt()
	return Account{
		Provider: provider, Index: index, Pending: zero, Earned: zero, Paid: zero, Payable: zero, Forfeited: zero,
	}
}
