package proof

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCount(t *testing.T) {
	for units, want := range map[uint64]uint32{
		0: 16, 1: 16, 63: 16, 64: 17, 128: 18, 64*112 - 1: 127, 64 * 112: 128, 64 * 113: 128, math.MaxUint64: 128,
	} {
		require.Equal(t, want, Count(units), "%d units", units)
	}
}

func TestSampling(t *testing.T) {
	for name, tt := range map[string]struct {
		s     Sampling
		units uint64
		want  uint32
	}{
		"constant":          {Sampling{Min: 5, Max: 9}, math.MaxUint64, 5},
		"grows":             {Sampling{Min: 5, Max: 9, UnitsPerOpening: 10}, 29, 7},
		"bounded":           {Sampling{Min: 5, Max: 9, UnitsPerOpening: 1}, math.MaxUint64, 9},
		"minimum above max": {Sampling{Min: 50, Max: 9, UnitsPerOpening: 1}, 0, 9},
		"beyond any proof":  {Sampling{Min: math.MaxUint32, Max: math.MaxUint32, UnitsPerOpening: 1}, math.MaxUint64, MaxOpenings},
		"none":              {Sampling{}, 1000, 0},
	} {
		require.Equal(t, tt.want, tt.s.Count(tt.units), name)
	}
}

func TestClass(t *testing.T) {
	require.NoError(t, ClassOpen.Check())
	require.ErrorIs(t, ClassSealed.Check(), ErrClassUnsupported)
	require.ErrorIs(t, Class(0).Check(), ErrClassUnknown)
	require.ErrorIs(t, Class(3).Check(), ErrClassUnknown)
	require.Equal(t, "open", ClassOpen.String())
	require.Equal(t, "sealed", ClassSealed.String())
	require.Equal(t, "class(9)", Class(9).String())
}

// Every field of a seed counts, moving bytes from one field to the next does too, and no kind of seed is another kind's.
func TestSeedsAreDistinct(t *testing.T) {
	seen := map[[32]byte]string{}
	add := func(name string, seed [32]byte) {
		require.NotContains(t, seen, seed, name)
		seen[seed] = name
	}
	a, b := [32]byte{1}, [32]byte{2}
	add("window", Seed(a, "chain", []byte("prov"), 1))
	add("window beacon", Seed(b, "chain", []byte("prov"), 1))
	add("window chain", Seed(a, "chain2", []byte("prov"), 1))
	add("window provider", Seed(a, "chain", []byte("prow"), 1))
	add("window index", Seed(a, "chain", []byte("prov"), 2))
	add("window shift", Seed(a, "chainp", []byte("rov"), 1))
	add("window empty", Seed(a, "", nil, 1))
	add("activation", ActivationSeed(a, "chain", 1, 0, []byte("prov")))
	add("activation beacon", ActivationSeed(b, "chain", 1, 0, []byte("prov")))
	add("activation chain", ActivationSeed(a, "chaim", 1, 0, []byte("prov")))
	add("activation deal", ActivationSeed(a, "chain", 2, 0, []byte("prov")))
	add("activation replica", ActivationSeed(a, "chain", 1, 1, []byte("prov")))
	add("activation provider", ActivationSeed(a, "chain", 1, 0, []byte("prow")))
	add("recovery", RecoverySeed(Seed(a, "chain", []byte("prov"), 1), 1))
	add("recovery unit", RecoverySeed(Seed(a, "chain", []byte("prov"), 1), 2))
	add("recovery window", RecoverySeed(Seed(a, "chain", []byte("prov"), 2), 1))
}

func TestOffsetsStayInRange(t *testing.T) {
	seed := [32]byte{9}
	require.Zero(t, Offset(seed, 3, 0))
	require.Nil(t, Offsets(seed, 16, 0))
	require.Len(t, Offsets(seed, math.MaxUint32, 5), MaxOpenings)
	for _, total := range []uint64{1, 2, 3, 1 << 20, 1<<63 + 1, math.MaxUint64} {
		for i, offset := range Offsets(seed, 100, total) {
			require.Less(t, offset, total)
			require.Equal(t, Offset(seed, uint32(i), total), offset)
		}
	}
}

// Positions spread evenly, in buckets of a total that is no power of two. The seed is fixed, so the test is too:
// chi-squared with 9 degrees of freedom exceeds 27.9 once in a thousand seeds.
func TestOffsetsAreUniform(t *testing.T) {
	const draws, buckets, total = 20_000, 10, 1_000_003
	var counts [buckets]float64
	for i := range uint32(draws) {
		counts[Offset([32]byte{1}, i, total)*buckets/total]++
	}
	var chi2 float64
	for _, n := range counts {
		chi2 += (n - draws/buckets) * (n - draws/buckets) / (draws / buckets)
	}
	require.Less(t, chi2, 27.9)
}

// A provider that lacks a fraction f is caught in a window with probability 1-(1-f)^q.
func TestDetectionMatchesFormula(t *testing.T) {
	const total, windows = 1 << 30, 4000
	for _, f := range []float64{0.01, 0.05, 0.2, 0.5} {
		lost := uint64(f * total)
		q := Count(10)
		caught := 0
		for w := range uint64(windows) {
			for _, offset := range Offsets(Seed([32]byte{7}, sampleChain, sampleProvider, w), q, total) {
				if offset < lost {
					caught++
					break
				}
			}
		}
		want := 1 - math.Pow(1-f, float64(q))
		deviation := math.Sqrt(want * (1 - want) / windows)
		require.InDelta(t, want, float64(caught)/windows, 4*deviation+1e-3, "f=%v", f)
	}
}
