package types

import (
	"slices"
	"time"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

const (
	// minDuePerBlock is the least that lets every due item make progress.
	minDuePerBlock = 8
	// maxDuration bounds the time parameters and maxFaultTime how long a fault may last, so that no sum of them leaves
	// the range of time keys.
	maxDuration  = 31 * 24 * time.Hour
	maxFaultTime = 366 * 24 * time.Hour
	// maxListed bounds the work of one message and maxDuePerBlock that of one block.
	maxListed      = 1_000
	maxDuePerBlock = 100_000
	// maxGas bounds the gas parameters, so that no product of them overflows.
	maxGas = 1_000_000_000
	// maxBlocks bounds the parameters that count blocks: a year of the fastest ones.
	maxBlocks = 1_000_000_000
	// basisPoints are a whole.
	basisPoints = 10_000
)

// maxAmount bounds deposits and bonds, so that no product of them overflows.
var maxAmount = sdkmath.NewIntWithDecimal(1, 36)

// DefaultParams returns the parameters of a production network.
func DefaultParams() Params {
	return Params{
		ProvingPeriod:      time.Hour,
		ResponseTime:       30 * time.Second,
		FaultCutoff:        time.Minute,
		FaultMaxWindows:    72,
		OpeningsMin:        proof.MinOpenings,
		OpeningsMax:        proof.MaxOpenings,
		UnitsPerOpening:    proof.UnitsPerOpening,
		RecoveryOpenings:   16,
		MaxRecoveriesPerTx: 32,
		MaxDuePerBlock:     1_000,
		GasPerProofByte:    1,
		GasPerOpening:      2_000,

		Denom:                         "aipdm",
		SectorClasses:                 []SectorClass{SECTOR_CLASS_STD_1GIB, SECTOR_CLASS_BIG_32GIB},
		MaxPieces:                     sdr.MaxPieces,
		TicketMaxAgeBlocks:            86_400,
		PrecommitChallengeDelayBlocks: 20,
		SealChallenges:                sdr.SealChallenges,
		ProveTimeout:                  6 * time.Hour,
		VerdictTimeout:                time.Hour,
		SealDisputeTime:               24 * time.Hour,
		SealDepositPerGib:             sdkmath.NewIntWithDecimal(5, 18),
		MinSealDeposit:                sdkmath.NewIntWithDecimal(1, 18),
		VerdictFeeBps:                 200,
		VoterSlashBps:                 100,
		DemandBond:                    sdkmath.NewIntWithDecimal(1, 18),
		DemandResponseTime:            10 * time.Minute,
		MaxDemands:                    16,
		ChallengeBond:                 sdkmath.NewIntWithDecimal(1, 17),
		ChallengeResponseTime:         10 * time.Minute,
		ChallengeInterval:             time.Hour,
		ChallengeOpenings:             32,
		MaxOpenChallenges:             16,
		GasPerSealRecord:              200_000,
		MaxPendingSeals:               1_000,
		MaxDeclarationsPerTx:          256,
	}
}

// LocalnetParams returns the parameters of a network for trying things out, where a story fits into minutes.
func LocalnetParams() Params {
	p := DefaultParams()
	p.ProvingPeriod = 10 * time.Second
	p.ResponseTime = 3 * time.Second
	p.FaultCutoff = time.Second
	p.FaultMaxWindows = 2
	p.SectorClasses = []SectorClass{SECTOR_CLASS_TEST_4MIB, SECTOR_CLASS_STD_1GIB}
	p.TicketMaxAgeBlocks = 10_000
	p.PrecommitChallengeDelayBlocks = 3
	p.ProveTimeout = time.Minute
	p.VerdictTimeout = 30 * time.Second
	p.SealDisputeTime = 20 * time.Second
	p.DemandResponseTime = 5 * time.Second
	p.ChallengeResponseTime = 5 * time.Second
	p.ChallengeInterval = 2 * time.Second
	return p
}

// Validate checks that the parameters are within bounds and agree with each other.
func (p Params) Validate() error {
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"proving period", p.ProvingPeriod},
		{"response time", p.ResponseTime},
		{"fault cutoff", p.FaultCutoff},
		{"prove timeout", p.ProveTimeout},
		{"verdict timeout", p.VerdictTimeout},
		{"seal dispute time", p.SealDisputeTime},
		{"demand response time", p.DemandResponseTime},
		{"challenge response time", p.ChallengeResponseTime},
		{"challenge interval", p.ChallengeInterval},
	} {
		if d.value <= 0 || d.value > maxDuration {
			return ErrInvalidParams.Wrapf("%s of %s, want one up to %s", d.name, d.value, maxDuration)
		}
	}
	if p.ProvingPeriod < 2*(p.ResponseTime+p.FaultCutoff) {
		return ErrInvalidParams.Wrapf(
			"proving period of %s, want at least twice the response time of %s and fault cutoff of %s, for changes to take effect",
			p.ProvingPeriod, p.ResponseTime, p.FaultCutoff)
	}
	if p.SealDisputeTime < p.DemandResponseTime {
		return ErrInvalidParams.Wrapf("seal dispute time of %s, want at least the demand response time of %s",
			p.SealDisputeTime, p.DemandResponseTime)
	}
	for _, n := range []struct {
		name            string
		value, min, max uint64
	}{
		{"fault max windows", uint64(p.FaultMaxWindows), 1, uint64(maxFaultTime / p.ProvingPeriod)},
		{"openings min", uint64(p.OpeningsMin), 1, uint64(p.OpeningsMax)},
		{"openings max", uint64(p.OpeningsMax), 1, proof.MaxOpenings},
		{"units per opening", uint64(p.UnitsPerOpening), 1, 1 << 32},
		{"recovery openings", uint64(p.RecoveryOpenings), 1, proof.MaxOpenings},
		{"max recoveries per tx", uint64(p.MaxRecoveriesPerTx), 1, maxListed},
		{"max due per block", uint64(p.MaxDuePerBlock), minDuePerBlock, maxDuePerBlock},
		{"gas per proof byte", p.GasPerProofByte, 0, maxGas},
		{"gas per opening", p.GasPerOpening, 0, maxGas},
		{"max pieces", uint64(p.MaxPieces), 1, sdr.MaxPieces},
		{"ticket max age", uint64(p.TicketMaxAgeBlocks), 1, maxBlocks},
		{"precommit challenge delay", uint64(p.PrecommitChallengeDelayBlocks), 1, maxBlocks},
		{"seal challenges", uint64(p.SealChallenges), 1, sdr.MaxSealChallenges},
		{"verdict fee", uint64(p.VerdictFeeBps), 0, basisPoints},
		{"voter slash", uint64(p.VoterSlashBps), 0, basisPoints},
		{"max demands", uint64(p.MaxDemands), 1, maxListed},
		{"challenge openings", uint64(p.ChallengeOpenings), 1, proof.MaxOpenings},
		{"max open challenges", uint64(p.MaxOpenChallenges), 1, maxListed},
		{"gas per seal record", p.GasPerSealRecord, 0, maxGas},
		{"max pending seals", uint64(p.MaxPendingSeals), 1, MaxVerdictSpan},
		{"max declarations per tx", uint64(p.MaxDeclarationsPerTx), 1, maxListed},
	} {
		if n.value < n.min || n.value > n.max {
			return ErrInvalidParams.Wrapf("%s of %d, want %d to %d", n.name, n.value, n.min, n.max)
		}
	}
	return p.validateAmounts()
}

func (p Params) validateAmounts() error {
	if err := sdk.ValidateDenom(p.Denom); err != nil {
		return ErrInvalidParams.Wrapf("denom: %s", err)
	}
	for _, a := range []struct {
		name  string
		value sdkmath.Int
	}{
		{"seal deposit per GiB", p.SealDepositPerGib},
		{"min seal deposit", p.MinSealDeposit},
		{"demand bond", p.DemandBond},
		{"challenge bond", p.ChallengeBond},
	} {
		if a.value.IsNil() || !a.value.IsPositive() || a.value.GT(maxAmount) {
			return ErrInvalidParams.Wrapf("%s of %s, want one up to %s", a.name, a.value, maxAmount)
		}
	}
	if len(p.SectorClasses) > len(sdr.Classes) {
		return ErrInvalidParams.Wrapf("%d sector classes", len(p.SectorClasses))
	}
	for i, class := range p.SectorClasses {
		if class.SizeBytes() == 0 || slices.Contains(p.SectorClasses[:i], class) {
			return ErrInvalidParams.Wrapf("sector class %d is unknown, or there twice", class)
		}
	}
	return nil
}

// Openings returns how many openings a window asks for from a provider of so many active units: none when there are none.
func (p Params) Openings(units uint64) uint32 {
	if units == 0 {
		return 0
	}
	return proof.Sampling{Min: p.OpeningsMin, Max: p.OpeningsMax, UnitsPerOpening: p.UnitsPerOpening}.Count(units)
}

// FaultTime is how long a unit may stay faulty.
func (p Params) FaultTime() time.Duration {
	return time.Duration(p.FaultMaxWindows) * p.ProvingPeriod
}

// SealDeposit is what is locked for a sector of a class, rounded up.
func (p Params) SealDeposit(class SectorClass) sdkmath.Int {
	bySize := p.SealDepositPerGib.Mul(sdkmath.NewIntFromUint64(class.SizeBytes())).AddRaw(gib - 1).QuoRaw(gib)
	return sdkmath.MaxInt(bySize, p.MinSealDeposit)
}

// Share returns bps / 10,000 of an amount, rounded down.
func Share(amount sdkmath.Int, bps uint32) sdkmath.Int {
	return amount.MulRaw(int64(bps)).QuoRaw(basisPoints)
}
