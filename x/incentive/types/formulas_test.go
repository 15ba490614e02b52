package types_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/incentive/types"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// vectors reads golden vectors, which an independent implementation made.
func vectors[V any](t *testing.T, file string) []V {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file)
	require.NoError(t, err)
	var read []V
	require.NoError(t, json.Unmarshal(raw, &read))
	require.NotEmpty(t, read)
	return read
}

func amount(t *testing.T, text string) sdkmath.Int {
	t.Helper()
	n, ok := sdkmath.NewIntFromString(text)
	require.True(t, ok, text)
	return n
}

func TestEmissionOfASecond(t *testing.T) {
	for _, v := range vectors[struct {
		Name      string        `json:"name"`
		Emission  string        `json:"emission"`
		HalfLife  time.Duration `json:"half_life_ns"`
		Elapsed   time.Duration `json:"elapsed_ns"`
		PerSecond string        `json:"per_second"`
	}](t, "emission.json") {
		t.Run(v.Name, func(t *testing.T) {
			params := types.Params{EmissionPerSecond: amount(t, v.Emission), HalfLife: v.HalfLife}
			require.Equal(t, v.PerSecond, params.PerSecond(v.Elapsed).String())
		})
	}
}

// The emission never rises, and halves with every half-life to the last aipdm.
func TestEmissionFallsSteadily(t *testing.T) {
	params := types.DefaultParams()
	last := params.EmissionPerSecond
	steps := 0
	for elapsed := time.Duration(0); elapsed <= 3*params.HalfLife; elapsed += params.HalfLife / 256 {
		now := params.PerSecond(elapsed)
		require.True(t, now.LTE(last), "rises at %s", elapsed)
		if now.LT(last) {
			steps++
		}
		last = now
	}
	require.Equal(t, 3*64, steps)
	require.Equal(t, params.EmissionPerSecond.QuoRaw(8), last)
}

func TestPledgeAndReward(t *testing.T) {
	params := types.DefaultParams()
	for _, v := range vectors[struct {
		Name         string `json:"name"`
		PerSecond    string `json:"per_second"`
		Supply       string `json:"supply"`
		SizeBytes    uint64 `json:"size_bytes"`
		SealedBytes  uint64 `json:"sealed_bytes"`
		Pledge       string `json:"pledge"`
		RewardPerDay string `json:"reward_per_day"`
	}](t, "pledge.json") {
		t.Run(v.Name, func(t *testing.T) {
			perSecond := amount(t, v.PerSecond)
			require.Equal(t, v.Pledge, params.SealedPledge(perSecond, amount(t, v.Supply), v.SizeBytes, v.SealedBytes).String())
			require.Equal(t, v.RewardPerDay, params.ExpectedReward(perSecond, v.SizeBytes, v.SealedBytes, 24*time.Hour).String())
		})
	}
}

// The greatest numbers that the parameters allow do not overflow.
func TestFormulasAtTheirBounds(t *testing.T) {
	params := types.DefaultParams()
	params.EmissionPerSecond, params.PledgeFloorPerGib = types.MaxEmission, types.MaxEmission
	params.PledgeRewardTime, params.MaxBlockTime = 100*365*24*time.Hour, 100*365*24*time.Hour
	params.StorageBps, params.StakingBps, params.CommunityBps = 10_000, 0, 0
	params.PledgeSupplyBps, params.BaselineBytes, params.HalfLife = 10_000, 1, 0
	require.NoError(t, params.Validate())
	// All that can be minted in a thousand years, to one byte.
	minted := types.Emitted(params.PerSecond(0), params.MaxBlockTime).MulRaw(10)
	growth := params.IndexGrowth(params.SplitEmission(minted).Storage, 1)
	account := types.NewAccount("p", sdkmath.ZeroInt())
	account.SealedBytes = 1
	account.Accrue(growth)
	whole, rest := types.Whole(account.Pending)
	require.Equal(t, minted, whole)
	require.True(t, rest.IsZero())
	account.Vest(params, start, whole)
	account.Release(start.Add(params.VestingTime))
	require.True(t, params.SealedPledge(params.PerSecond(0), minted, 1<<62, 0).IsPositive())
}

func TestEmissionIsSplit(t *testing.T) {
	params := types.DefaultParams()
	shares := params.SplitEmission(sdkmath.NewInt(99))
	require.Equal(t, types.Shares{Storage: sdkmath.NewInt(59), Staking: sdkmath.NewInt(29), Community: sdkmath.NewInt(9)}, shares)
	require.Equal(t, "2500000000000000000", types.Emitted(params.EmissionPerSecond, 500*time.Millisecond).String())
	require.Equal(t, "5000000000", types.Emitted(params.EmissionPerSecond, time.Nanosecond).String())
}

func TestSlashIsSplitToTheLast(t *testing.T) {
	params := types.DefaultParams()
	for _, slash := range []int64{1, 2, 3, 7, 9_999, 10_001, 1_000_003} {
		shares := params.SplitSlash(sdkmath.NewInt(slash))
		require.Equal(t, slash, shares.Burn.Add(shares.Repair).Add(shares.Reporter).Int64())
		require.Equal(t, slash*3/10, shares.Repair.Int64())
		require.Equal(t, slash/5, shares.Reporter.Int64())
	}
}

func TestVestingIsEven(t *testing.T) {
	params := types.DefaultParams()
	account := types.NewAccount("p", sdkmath.ZeroInt())
	immediate := account.Vest(params, start, sdkmath.NewInt(4_000))
	require.Equal(t, int64(1_000), immediate.Int64())
	require.Equal(t, int64(1_000), account.Payable.Int64())
	require.Equal(t, int64(3_000), account.Unvested().Int64())
	begins := account.Vesting[0].StartsAt
	require.True(t, begins.After(start) && begins.Sub(start) <= 24*time.Hour, "vesting begins with the next step of a day")
	require.Equal(t, 30*24*time.Hour, account.Vesting[0].EndsAt.Sub(begins))

	for _, point := range []struct {
		after   time.Duration
		payable int64
	}{
		{-time.Nanosecond, 1_000},
		{0, 1_000},
		{time.Nanosecond, 1_000},
		{24 * time.Hour, 1_100},
		{24 * time.Hour, 1_100},
		{15 * 24 * time.Hour, 2_500},
		{30*24*time.Hour - time.Nanosecond, 3_999},
		{30 * 24 * time.Hour, 4_000},
		{90 * 24 * time.Hour, 4_000},
	} {
		account.Release(begins.Add(point.after))
		require.Equal(t, point.payable, account.Payable.Int64(), "after %s", point.after)
		require.Equal(t, int64(4_000), account.Payable.Add(account.Unvested()).Int64())
	}
	require.Empty(t, account.Vesting, "what has vested whole is forgotten")
}

func TestVestingKeepsFewEntries(t *testing.T) {
	params := types.DefaultParams()
	account := types.NewAccount("p", sdkmath.ZeroInt())
	at, most := start, 0
	earn := func() {
		account.Release(at)
		account.Vest(params, at, sdkmath.NewInt(1_000_003))
		most = max(most, len(account.Vesting))
		require.Equal(t, account.Earned, account.Payable.Add(account.Unvested()))
		at = at.Add(time.Hour)
	}
	for range 24 * 90 {
		earn()
	}
	require.Equal(t, 31, most, "one entry a step, and one that is to begin")

	// Changes of the vesting time put more entries side by side, up to the limit.
	for _, days := range []int{29, 17, 23, 11, 30} {
		params.VestingTime = time.Duration(days) * 24 * time.Hour
		for range 24 * 12 {
			earn()
		}
	}
	require.Equal(t, types.MaxVestingEntries, most)
	account.Release(at.Add(31 * 24 * time.Hour))
	require.Equal(t, account.Earned, account.Payable)
}

func TestNothingVestsWithoutVesting(t *testing.T) {
	for name, change := range map[string]func(*types.Params){
		"no part": func(p *types.Params) { p.VestedBps = 0 },
		"no time": func(p *types.Params) { p.VestingTime = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			params := types.DefaultParams()
			change(&params)
			require.NoError(t, params.Validate())
			account := types.NewAccount("p", sdkmath.ZeroInt())
			require.Equal(t, int64(77), account.Vest(params, start, sdkmath.NewInt(77)).Int64())
			require.Empty(t, account.Vesting)
		})
	}
}
