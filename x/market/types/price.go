package types

import (
	"math/big"
	"time"

	sdkmath "cosmossdk.io/math"

	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

const (
	// GiB is 2^30 bytes.
	GiB = 1 << 30
	// MaxBytes bounds sizes and capacities, in bytes: 64 PiB.
	MaxBytes = 1 << 56
	// WeightUnitBytes is what one unit of a provider's weight in draws stands for: 1 MiB.
	WeightUnitBytes = 1 << 20
	// MaxWeight bounds a provider's weight.
	MaxWeight = MaxBytes / WeightUnitBytes
	// MaxProviders bounds the slots of providers, and so how many there are at a time: 67 million. All their weights together
	// are at most MaxProviders x MaxWeight = 2^62, whatever the parameters are.
	MaxProviders = 1 << 26
)

// MaxAmount bounds prices and pledges, in aipdm: 10^12 IPDM. With MaxBytes and the longest duration, no product
// overflows 256 bits.
var MaxAmount = sdkmath.NewIntFromBigInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(30), nil))

// gibHour is what a price per GiB-hour is divided by for bytes and nanoseconds.
var gibHour = new(big.Int).Mul(big.NewInt(GiB), big.NewInt(int64(time.Hour)))

// CostUp is what storing sizeBytes for duration costs, rounded up to one aipdm: what a client deposits.
func CostUp(pricePerGiBHour sdkmath.Int, sizeBytes uint64, duration time.Duration) sdkmath.Int {
	return sdkmath.NewIntFromBigInt(divideUp(product(pricePerGiBHour, sizeBytes, duration), gibHour))
}

// Earned is what a provider earns by storing sizeBytes for duration, rounded down to one aipdm, at most budget, and the
// part of duration that this pays for, rounded up to one nanosecond. The rest of duration earns with the next settlement,
// so that settling often loses nothing.
func Earned(pricePerGiBHour sdkmath.Int, sizeBytes uint64, duration time.Duration, budget sdkmath.Int) (sdkmath.Int, time.Duration) {
	if duration <= 0 {
		return sdkmath.ZeroInt(), 0
	}
	rate := product(pricePerGiBHour, sizeBytes, 1)
	if rate.Sign() == 0 {
		return sdkmath.ZeroInt(), duration
	}
	amount := sdkmath.NewIntFromBigInt(new(big.Int).Quo(product(pricePerGiBHour, sizeBytes, duration), gibHour))
	if amount.GTE(budget) {
		return budget, duration
	}
	paid := divideUp(new(big.Int).Mul(amount.BigInt(), gibHour), rate)
	return amount, time.Duration(paid.Int64())
}

// Backing is the pledge that backs sizeBytes, rounded up to one aipdm.
func Backing(pledgePerGiB sdkmath.Int, sizeBytes uint64) sdkmath.Int {
	return sdkmath.NewIntFromBigInt(divideUp(product(pledgePerGiB, sizeBytes, 1), big.NewInt(GiB)))
}

// BackedBytes is how many bytes a pledge backs, at most MaxBytes.
func BackedBytes(pledge, pledgePerGiB sdkmath.Int) uint64 {
	if !pledgePerGiB.IsPositive() {
		return MaxBytes
	}
	backed := new(big.Int).Quo(new(big.Int).Mul(pledge.BigInt(), big.NewInt(GiB)), pledgePerGiB.BigInt())
	if backed.Cmp(big.NewInt(MaxBytes)) > 0 {
		return MaxBytes
	}
	return backed.Uint64()
}

// Slash is what losing a replica costs its provider: termination_slash_bps of the pledge committed for it, at least one aipdm.
func (p Params) Slash(committed sdkmath.Int) sdkmath.Int {
	return sdkmath.MaxInt(multiple(committed, p.TerminationSlashBps), sdkmath.OneInt())
}

// FaultPenalty is what a time of continued fault costs in which reward would have been earned.
func (p Params) FaultPenalty(reward sdkmath.Int) sdkmath.Int {
	return multiple(reward, p.FaultPenaltyBps)
}

// ChallengePenalty is what an unanswered challenge of a replica costs with so much of its price left.
func (p Params) ChallengePenalty(remaining sdkmath.Int) sdkmath.Int {
	return multiple(remaining, p.ChallengePenaltyBps)
}

func multiple(amount sdkmath.Int, bps uint32) sdkmath.Int {
	return amount.MulRaw(int64(bps)).QuoRaw(basisPoints)
}

// Rate is what a replica of sizeBytes adds to the accruing sums of its provider, in aipdm x bytes per GiB-hour.
func Rate(pricePerGiBHour sdkmath.Int, sizeBytes uint64) sdkmath.Int {
	return pricePerGiBHour.Mul(sdkmath.NewIntFromUint64(sizeBytes))
}

// EarnedAt is what a rate earns in a time, rounded down to one aipdm.
func EarnedAt(rate sdkmath.Int, duration time.Duration) sdkmath.Int {
	if duration <= 0 {
		return sdkmath.ZeroInt()
	}
	earned := new(big.Int).Mul(rate.BigInt(), big.NewInt(int64(duration)))
	return sdkmath.NewIntFromBigInt(earned.Quo(earned, gibHour))
}

// Accruing is the sum of the rates of the provider's replicas of a class that earn.
func (p *Provider) Accruing(class poreptypes.Class) *sdkmath.Int {
	if class == poreptypes.CLASS_SEALED {
		return &p.AccruingSealed
	}
	return &p.AccruingOpen
}

// Jailed tells whether the provider may take nothing on at a time because a seal of its was false.
func (p Provider) Jailed(at time.Time) bool { return p.JailedUntil != nil && at.Before(*p.JailedUntil) }

// FreePledge is the part of the pledge that backs nothing; none when slashes have taken more than that.
func (p Provider) FreePledge() sdkmath.Int {
	return sdkmath.MaxInt(p.Pledge.Sub(p.CommittedPledge), sdkmath.ZeroInt())
}

// FreeBytes is how much more could be assigned to the provider, as open replicas, under the parameters.
func (p Provider) FreeBytes(params Params) uint64 {
	if !p.Accepting || p.Ask.CapacityBytes <= p.ReservedBytes {
		return 0
	}
	return min(p.Ask.CapacityBytes-p.ReservedBytes, BackedBytes(p.FreePledge(), params.PledgePerGib))
}

// Weight is how likely the provider is to be drawn, compared with others: its free bytes in units of WeightUnitBytes, rounded
// up, at most MaxWeight.
func (p Provider) Weight(params Params) uint64 {
	free := p.FreeBytes(params)
	weight := free / WeightUnitBytes
	if free%WeightUnitBytes != 0 {
		weight++
	}
	return min(weight, MaxWeight)
}

func product(price sdkmath.Int, sizeBytes uint64, duration time.Duration) *big.Int {
	result := new(big.Int).Mul(price.BigInt(), new(big.Int).SetUint64(sizeBytes))
	return result.Mul(result, big.NewInt(int64(duration)))
}

func divideUp(dividend, divisor *big.Int) *big.Int {
	quotient, rest := new(big.Int).QuoRem(dividend, divisor, new(big.Int))
	if rest.Sign() > 0 {
		quotient.Add(quotient, big.NewInt(1))
	}
	return quotient
}
