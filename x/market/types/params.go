package types

import (
	"math/big"
	"time"

	errorsmod "cosmossdk.io/errors"
	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/porep/proof"
)

const (
	maxReplicas     = 64
	maxListed       = 1_000
	maxDuePerBlock  = 100_000
	maxDuration     = 100 * 365 * 24 * time.Hour
	maxGasUnit      = 1_000_000_000
	basisPoints     = 10_000
	maxPenaltyBps   = 100 * basisPoints
	maxSettledDeals = 1_000
)

// MinPledgePerGiB is the least that pledge_per_gib can be, in aipdm: a thousandth of an IPDM. To weigh in draws as much as
// a provider can, which is MaxBytes, takes a pledge of 2^26 times as much.
var MinPledgePerGiB = sdkmath.NewInt(1_000_000_000_000_000)

// ipdm is one IPDM in aipdm.
var ipdm = new(big.Int).Exp(big.NewInt(10), big.NewInt(18), nil)

// DefaultParams are the production parameters.
func DefaultParams() Params {
	one := sdkmath.NewIntFromBigInt(ipdm)
	return Params{
		Denom:               "aipdm",
		MinDealBytes:        1,
		MaxDealBytes:        1 << 44,
		MinDuration:         time.Hour,
		MaxDuration:         5 * 365 * 24 * time.Hour,
		MaxReplicas:         16,
		AssignmentTimeout:   time.Hour,
		ActivationTimeout:   time.Hour,
		PledgePerGib:        one,
		MinPledge:           one.MulRaw(10),
		LapseFee:            one.QuoRaw(100),
		TerminationSlashBps: 850,
		MaxRefusals:         8,
		MaxExcluded:         32,
		MaxDuePerBlock:      500,
		AssignmentDraws:     8,
		ActivationOpenings:  proof.ActivationOpenings,
		GasPerProofByte:     10,
		MaxSettleDeals:      100,
		RetryInterval:       time.Minute,
		GasPerReplica:       100_000,
		SealingTimeout:      24 * time.Hour,
		FaultPenaltyBps:     25_000,
		ChallengePenaltyBps: 50_000,
		JailTime:            24 * time.Hour,
	}
}

// LocalnetParams are parameters with which a whole story fits into minutes.
func LocalnetParams() Params {
	params := DefaultParams()
	params.MinDuration = 10 * time.Second
	params.AssignmentTimeout = time.Minute
	params.ActivationTimeout = time.Minute
	params.RetryInterval = time.Second
	params.SealingTimeout = 3 * time.Minute
	params.JailTime = time.Minute
	return params
}

// Validate fails with ErrInvalidParams when a parameter is out of bounds.
func (p Params) Validate() error {
	if err := sdk.ValidateDenom(p.Denom); err != nil {
		return errorsmod.Wrap(ErrInvalidParams, err.Error())
	}
	for _, check := range []struct {
		name         string
		value, least uint64
		most         uint64
	}{
		{"min_deal_bytes", p.MinDealBytes, 1, p.MaxDealBytes},
		{"max_deal_bytes", p.MaxDealBytes, 1, MaxBytes},
		{"max_replicas", uint64(p.MaxReplicas), 1, maxReplicas},
		{"termination_slash_bps", uint64(p.TerminationSlashBps), 0, basisPoints},
		{"max_refusals", uint64(p.MaxRefusals), 1, maxListed},
		{"max_excluded", uint64(p.MaxExcluded), 1, maxListed},
		{"max_due_per_block", uint64(p.MaxDuePerBlock), 1, maxDuePerBlock},
		{"assignment_draws", uint64(p.AssignmentDraws), 1, maxListed},
		{"activation_openings", uint64(p.ActivationOpenings), 1, proof.MaxOpenings},
		{"gas_per_proof_byte", p.GasPerProofByte, 0, maxGasUnit},
		{"max_settle_deals", uint64(p.MaxSettleDeals), 1, maxSettledDeals},
		{"gas_per_replica", p.GasPerReplica, 0, maxGasUnit},
		{"fault_penalty_bps", uint64(p.FaultPenaltyBps), 0, maxPenaltyBps},
		{"challenge_penalty_bps", uint64(p.ChallengePenaltyBps), 0, maxPenaltyBps},
	} {
		if check.value < check.least || check.value > check.most {
			return errorsmod.Wrapf(ErrInvalidParams, "%s %d is not in %d..%d", check.name, check.value, check.least, check.most)
		}
	}
	for _, check := range []struct {
		name        string
		value, most time.Duration
	}{
		{"min_duration", p.MinDuration, p.MaxDuration},
		{"max_duration", p.MaxDuration, maxDuration},
		{"assignment_timeout", p.AssignmentTimeout, maxDuration},
		{"activation_timeout", p.ActivationTimeout, maxDuration},
		{"retry_interval", p.RetryInterval, maxDuration},
		{"sealing_timeout", p.SealingTimeout, maxDuration},
		{"jail_time", p.JailTime, maxDuration},
	} {
		if check.value <= 0 || check.value > check.most {
			return errorsmod.Wrapf(ErrInvalidParams, "%s %s is not positive and at most %s", check.name, check.value, check.most)
		}
	}
	for _, check := range []struct {
		name  string
		value sdkmath.Int
		least sdkmath.Int
	}{
		{"pledge_per_gib", p.PledgePerGib, MinPledgePerGiB},
		{"min_pledge", p.MinPledge, sdkmath.OneInt()},
		{"lapse_fee", p.LapseFee, sdkmath.ZeroInt()},
	} {
		if check.value.IsNil() || check.value.LT(check.least) || check.value.GT(MaxAmount) {
			return errorsmod.Wrapf(ErrInvalidParams, "%s %s is not in %s..%s", check.name, check.value, check.least, MaxAmount)
		}
	}
	return nil
}
