package types

import (
	"time"

	errorsmod "cosmossdk.io/errors"
	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

const (
	basisPoints = 10_000
	maxDuration = 100 * 365 * 24 * time.Hour
	// maxBaseline bounds baseline_bytes.
	maxBaseline = uint64(1) << 62
	day         = 24 * time.Hour
	gib         = uint64(1) << 30
)

var (
	ipdm = sdkmath.NewIntWithDecimal(1, 18)
	// MaxEmission bounds emission_per_second and pledge_floor_per_gib, in aipdm: 10^12 IPDM.
	MaxEmission = sdkmath.NewIntWithDecimal(1, 30)
)

// DefaultParams are the production parameters.
func DefaultParams() Params {
	return Params{
		Denom:             "aipdm",
		EmissionPerSecond: ipdm.MulRaw(5),
		HalfLife:          4 * 365 * day,
		MaxBlockTime:      time.Minute,
		StorageBps:        6_000,
		StakingBps:        3_000,
		CommunityBps:      1_000,
		VestedBps:         7_500,
		VestingTime:       30 * day,
		PledgeFloorPerGib: ipdm,
		PledgeRewardTime:  20 * day,
		PledgeSupplyBps:   3_000,
		BaselineBytes:     1 << 50,
		SlashBurnBps:      5_000,
		SlashRepairBps:    3_000,
		SlashReporterBps:  2_000,
	}
}

// LocalnetParams are parameters with which a whole story fits into minutes. No supply share is pledged: a localnet has a large supply and
// few sealed bytes, so that a part of it would be more than its providers have.
func LocalnetParams() Params {
	params := DefaultParams()
	params.EmissionPerSecond = ipdm
	params.VestingTime = time.Minute
	params.PledgeRewardTime = 10 * time.Second
	params.PledgeSupplyBps = 0
	params.BaselineBytes = gib
	return params
}

// Validate fails with ErrInvalidParams when a parameter is out of bounds or a split does not add up.
func (p Params) Validate() error {
	if err := sdk.ValidateDenom(p.Denom); err != nil {
		return errorsmod.Wrap(ErrInvalidParams, err.Error())
	}
	for _, check := range []struct {
		name  string
		value sdkmath.Int
	}{{"emission_per_second", p.EmissionPerSecond}, {"pledge_floor_per_gib", p.PledgeFloorPerGib}} {
		if check.value.IsNil() || check.value.IsNegative() || check.value.GT(MaxEmission) {
			return errorsmod.Wrapf(ErrInvalidParams, "%s %s is not in 0..%s", check.name, check.value, MaxEmission)
		}
	}
	for _, check := range []struct {
		name         string
		value, least time.Duration
	}{
		{"half_life", p.HalfLife, 0},
		{"max_block_time", p.MaxBlockTime, time.Millisecond},
		{"vesting_time", p.VestingTime, 0},
		{"pledge_reward_time", p.PledgeRewardTime, 0},
	} {
		if check.value < check.least || check.value > maxDuration {
			return errorsmod.Wrapf(ErrInvalidParams, "%s %s is not in %s..%s", check.name, check.value, check.least, maxDuration)
		}
	}
	if p.HalfLife > 0 && p.HalfLife < halfLifeSteps || p.VestingTime > 0 && p.VestingTime < VestingSteps {
		return errorsmod.Wrapf(ErrInvalidParams, "half_life %s or vesting_time %s is too short", p.HalfLife, p.VestingTime)
	}
	if p.BaselineBytes == 0 || p.BaselineBytes > maxBaseline {
		return errorsmod.Wrapf(ErrInvalidParams, "baseline_bytes %d is not in 1..%d", p.BaselineBytes, maxBaseline)
	}
	if p.VestedBps > basisPoints || p.PledgeSupplyBps > basisPoints {
		return errorsmod.Wrapf(ErrInvalidParams, "vested_bps %d or pledge_supply_bps %d is more than %d", p.VestedBps, p.PledgeSupplyBps, basisPoints)
	}
	for _, split := range []struct {
		name  string
		parts [3]uint32
	}{
		{"storage_bps, staking_bps and community_bps", [3]uint32{p.StorageBps, p.StakingBps, p.CommunityBps}},
		{"slash_burn_bps, slash_repair_bps and slash_reporter_bps", [3]uint32{p.SlashBurnBps, p.SlashRepairBps, p.SlashReporterBps}},
	} {
		sum := uint64(0)
		for _, part := range split.parts {
			sum += uint64(part)
		}
		if sum != basisPoints {
			return errorsmod.Wrapf(ErrInvalidParams, "%s add up to %d, want %d", split.name, sum, basisPoints)
		}
	}
	return nil
}
