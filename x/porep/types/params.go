package types

import (
	"time"

	"github.com/ipdm-network/ipdm/x/porep/proof"
)

const (
	// minDuePerBlock is the least that lets every due item make progress.
	minDuePerBlock = 8
	// maxDuration bounds the time parameters and maxFaultTime how long a fault may last, so that no sum of them leaves
	// the range of time keys.
	maxDuration  = 31 * 24 * time.Hour
	maxFaultTime = 366 * 24 * time.Hour
	// maxRecoveries and maxDuePerBlock bound the work of one message and one block.
	maxRecoveries  = 1_000
	maxDuePerBlock = 100_000
	// maxGas bounds the gas parameters, so that no product of them overflows.
	maxGas = 1_000_000_000
)

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
	}
}

// LocalnetParams returns the parameters of a network for trying things out, where a story fits into minutes.
func LocalnetParams() Params {
	p := DefaultParams()
	p.ProvingPeriod = 10 * time.Second
	p.ResponseTime = 3 * time.Second
	p.FaultCutoff = time.Second
	p.FaultMaxWindows = 2
	return p
}

// Validate checks that the parameters are within bounds and leave time between windows.
func (p Params) Validate() error {
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"proving period", p.ProvingPeriod}, {"response time", p.ResponseTime}, {"fault cutoff", p.FaultCutoff}} {
		if d.value <= 0 || d.value > maxDuration {
			return ErrInvalidParams.Wrapf("%s of %s, want one up to %s", d.name, d.value, maxDuration)
		}
	}
	if p.ProvingPeriod < 2*(p.ResponseTime+p.FaultCutoff) {
		return ErrInvalidParams.Wrapf(
			"proving period of %s, want at least twice the response time of %s and fault cutoff of %s, for changes to take effect",
			p.ProvingPeriod, p.ResponseTime, p.FaultCutoff)
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
		{"max recoveries per tx", uint64(p.MaxRecoveriesPerTx), 1, maxRecoveries},
		{"max due per block", uint64(p.MaxDuePerBlock), minDuePerBlock, maxDuePerBlock},
		{"gas per proof byte", p.GasPerProofByte, 0, maxGas},
		{"gas per opening", p.GasPerOpening, 0, maxGas},
	} {
		if n.value < n.min || n.value > n.max {
			return ErrInvalidParams.Wrapf("%s of %d, want %d to %d", n.name, n.value, n.min, n.max)
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
