package adversary_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/porep/proof"
)

// trial is a window and whether it caught the dropper.
type trial struct {
	window uint64
	caught bool
}

// plausible fails when so many successes in n trials of probability p, or more extreme ones on that side, are less probable than half of
// the doubt: the exact two-sided binomial test at 99.9 %.
func plausible(successes, n int, p float64) error {
	below, above := binomialTails(successes, n, p)
	if below < doubt/2 || above < doubt/2 {
		return fmt.Errorf("%d of %d at a probability of %.4f: at most that %.2g, at least that %.2g", successes, n, p, below, above)
	}
	return nil
}

// binomialTails returns the probabilities of at most and at least k successes in n trials of probability p.
func binomialTails(k, n int, p float64) (below, above float64) {
	for i := range n + 1 {
		mass := math.Exp(logChoose(n, i) + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
		if i <= k {
			below += mass
		}
		if i >= k {
			above += mass
		}
	}
	return below, above
}

func logChoose(n, k int) float64 {
	lgamma := func(x int) float64 {
		v, _ := math.Lgamma(float64(x))
		return v
	}
	return lgamma(n+1) - lgamma(k+1) - lgamma(n-k+1)
}

// waitsOf returns how many windows each detection took, counted from the one before.
func waitsOf(trials []trial) []int {
	trials = slices.Clone(trials)
	slices.SortFunc(trials, func(a, b trial) int { return cmp.Compare(a.window, b.window) })
	var all []int
	wait := 0
	for _, t := range trials {
		wait++
		if t.caught {
			all = append(all, wait)
			wait = 0
		}
	}
	return all
}

// waits returns the mean and the longest of waitsOf.
func waits(trials []trial) (mean float64, longest int) {
	all := waitsOf(trials)
	sum := 0
	for _, wait := range all {
		sum += wait
		longest = max(longest, wait)
	}
	return float64(sum) / float64(len(all)), longest
}

// waitsPlausible fails when windows do not catch independently: a dropper that was caught is caught again in the next window as often as
// in any other.
func waitsPlausible(trials []trial, p float64) error {
	all := waitsOf(trials)
	again := 0
	for _, wait := range all {
		if wait == 1 {
			again++
		}
	}
	if err := plausible(again, len(all), p); err != nil {
		return fmt.Errorf("caught in the window after: %w", err)
	}
	return nil
}

// longestWait is a number of windows that all of so many waits are within but with the probability of the doubt.
func longestWait(count int, p float64) int {
	return int(math.Ceil(math.Log(doubt/float64(count)) / math.Log1p(-p)))
}

// The tails of the binomial distribution, against values that are known.
func TestBinomialTails(t *testing.T) {
	below, above := binomialTails(3, 10, 0.5)
	require.InDelta(t, 176.0/1024, below, 1e-12)
	require.InDelta(t, 968.0/1024, above, 1e-12)
	below, above = binomialTails(0, 500, 0.01)
	require.InDelta(t, math.Pow(0.99, 500), below, 1e-12)
	require.InDelta(t, 1, above, 1e-9)
}

// A sampler asks for count of total bytes in the window of a seed.
type sampler func(seed [32]byte, count uint32, total uint64) []uint64

// TestBiasedSamplersAreRejected shows that the checks of TestDroppersAreCaughtAsOftenAsPredicted tell the sampler of x/porep/proof from
// worse ones, with as many windows as there.
func TestBiasedSamplersAreRejected(t *testing.T) {
	const total, q = 1_000_000, 16
	// 5 % are lost, all of them in the second half.
	lost := func(offset uint64) bool { return offset >= total/2 && offset%10 == 0 }
	for _, tt := range []struct {
		name string
		sampler
		fair bool
	}{
		{"that of x/porep/proof", proof.Offsets, true},
		{"the first half only", func(seed [32]byte, count uint32, total uint64) []uint64 { return proof.Offsets(seed, count, total/2) }, false},
		{"one opening for all", func(seed [32]byte, count uint32, total uint64) []uint64 {
			return slices.Repeat(proof.Offsets(seed, 1, total), int(count))
		}, false},
		{"half as many", func(seed [32]byte, count uint32, total uint64) []uint64 { return proof.Offsets(seed, count/2, total) }, false},
		{"the same in two windows", func(seed [32]byte, count uint32, total uint64) []uint64 {
			seed[0] &^= 1 // the seeds below are counted in this byte and the next
			return proof.Offsets(seed, count, total)
		}, false},
		{"a narrow modulus", func(seed [32]byte, count uint32, total uint64) []uint64 {
			offsets := proof.Offsets(seed, count, total*3/4*2)
			for i := range offsets {
				offsets[i] %= total
			}
			return offsets
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var outcomes []trial
			caught := 0
			for window := range uint64(trials) {
				seed := [32]byte{byte(window), byte(window >> 8), 1}
				o := trial{window, slices.ContainsFunc(tt.sampler(seed, q, total), lost)}
				outcomes = append(outcomes, o)
				if o.caught {
					caught++
				}
			}
			p := 1 - math.Pow(1-0.05, q)
			err := plausible(caught, trials, p)
			if err == nil {
				err = waitsPlausible(outcomes, p)
			}
			if tt.fair {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
		})
	}
}

// A sampler that knows what is lost and avoids it in one window of ten is found out, one that is right is not, whatever the generator.
func TestSmallBiasIsRejected(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	p := 1 - math.Pow(0.95, 16)
	const windows = 2_000
	for _, avoids := range []float64{0, 0.1} {
		caught := 0
		for range windows {
			if rng.Float64() < p*(1-avoids) {
				caught++
			}
		}
		err := plausible(caught, windows, p)
		require.Equal(t, avoids > 0, err != nil, "%v", err)
	}
}
