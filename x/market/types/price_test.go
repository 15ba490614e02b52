package types_test

import (
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ipdm-network/ipdm/x/market/types"
)

func TestPrices(t *testing.T) {
	price := sdkmath.NewInt(10)
	require.Equal(t, int64(10), types.CostUp(price, types.GiB, time.Hour).Int64())
	require.Equal(t, int64(1), types.CostUp(price, 1, time.Nanosecond).Int64(), "rounded up")
	amount, paidFor := types.Earned(price, types.GiB, time.Hour+time.Minute, sdkmath.NewInt(1_000))
	require.Equal(t, int64(10), amount.Int64(), "rounded down")
	require.Equal(t, time.Hour, paidFor, "the minute is kept for later")
	amount, _ = types.Earned(price, types.GiB, -time.Hour, sdkmath.NewInt(1_000))
	require.True(t, amount.IsZero())
	amount, paidFor = types.Earned(sdkmath.ZeroInt(), types.GiB, time.Hour, sdkmath.NewInt(1_000))
	require.True(t, amount.IsZero())
	require.Equal(t, time.Hour, paidFor)
	require.True(t, types.CostUp(types.MaxAmount, types.MaxBytes, 1<<63-1).IsPositive(), "the largest product fits")
}

func TestBackedBytes(t *testing.T) {
	require.Equal(t, uint64(2*types.GiB), types.BackedBytes(sdkmath.NewInt(2_000), sdkmath.NewInt(1_000)))
	require.Equal(t, uint64(types.MaxBytes), types.BackedBytes(types.MaxAmount, sdkmath.OneInt()))
	require.Equal(t, int64(1), types.Backing(sdkmath.NewInt(1_000), 1).Int64(), "rounded up")
}

// However often it is settled, a provider earns the same within one aipdm, and never more than its due or its budget.
func TestEarnedInPartsIsEarnedAtOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		price := sdkmath.NewInt(rapid.Int64Range(0, 1<<40).Draw(t, "price"))
		size := rapid.Uint64Range(1, 1<<44).Draw(t, "size")
		budget := sdkmath.NewInt(rapid.Int64Range(0, 1<<62).Draw(t, "budget"))
		steps := rapid.SliceOfN(rapid.Int64Range(0, int64(time.Hour)), 1, 20).Draw(t, "steps")
		var proven, accruedTo time.Duration
		earned := sdkmath.ZeroInt()
		for _, step := range steps {
			proven += time.Duration(step)
			amount, paidFor := types.Earned(price, size, proven-accruedTo, budget.Sub(earned))
			require.LessOrEqual(t, paidFor, proven-accruedTo)
			earned, accruedTo = earned.Add(amount), accruedTo+paidFor
		}
		want, _ := types.Earned(price, size, proven, budget)
		require.True(t, earned.LTE(budget))
		// Each settlement rounds the paid time up to a nanosecond, which is worth this much.
		slack := types.CostUp(price, size, time.Duration(len(steps))).AddRaw(1)
		require.True(t, earned.LTE(want), "%s > %s", earned, want)
		require.True(t, earned.Add(slack).GTE(want), "%s < %s", earned, want)
	})
}
