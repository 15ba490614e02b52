package keeper_test

import (
	"fmt"
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/incentive/types"
)

func TestEmissionOfABlock(t *testing.T) {
	f := newFixture(t)
	f.pass(t, 2*time.Second)
	require.Equal(t, int64(6_000), f.held(authtypes.FeeCollectorName), "30% of two seconds to the stakers")
	require.Equal(t, int64(2_000), f.held(community), "10% to the community")
	require.Zero(t, f.held(types.ModuleName), "nobody seals: the storage share is not minted")
	require.Equal(t, int64(8_000), f.totals(t).Minted.Int64())

	f.pass(t, 0)
	require.Equal(t, int64(8_000), f.totals(t).Minted.Int64(), "no time, no emission")

	f.seal(t, provider(0), gib)
	f.pass(t, 500*time.Millisecond)
	require.Equal(t, int64(10_000), f.totals(t).Minted.Int64(), "the storage share is minted when it is earned")
	emission, err := f.keeper.Emission(f.ctx)
	require.NoError(t, err)
	whole, _ := types.Whole(emission.Index.MulRaw(int64(gib)))
	require.Equal(t, int64(3_000), whole.Int64())
	require.Equal(t, f.ctx.BlockTime(), emission.LastTime)
}

func TestEmissionOfALongBlockIsBounded(t *testing.T) {
	f := newFixture(t)
	f.pass(t, 72*time.Hour)
	require.Equal(t, int64(60*4_000), f.totals(t).Minted.Int64(), "one block is paid for a minute at most")
	f.pass(t, time.Second)
	require.Equal(t, int64(61*4_000), f.totals(t).Minted.Int64(), "and the rest is not made up for")
}

func TestEmissionHalves(t *testing.T) {
	f := newBase(t)
	gs := types.DefaultGenesis()
	gs.Params = testParams()
	gs.Params.HalfLife = 64 * time.Minute
	require.NoError(t, f.keeper.InitGenesis(f.ctx, *gs))
	perSecond := func() int64 {
		res, err := f.query.Emission(f.ctx, &types.QueryEmissionRequest{})
		require.NoError(t, err)
		return res.PerSecond.Int64()
	}
	require.Equal(t, int64(10_000), perSecond())
	f.pass(t, time.Minute)
	require.Equal(t, int64(9_921), perSecond())
	for range 63 {
		f.pass(t, time.Minute)
	}
	require.Equal(t, int64(5_000), perSecond())
	before := f.totals(t).Minted
	f.pass(t, time.Second)
	require.Equal(t, int64(2_000), f.totals(t).Minted.Sub(before).Int64())
}

// A block reads and writes the same number of values whether there is one provider or a thousand.
func TestBlockCostsTheSameForAnyNumberOfProviders(t *testing.T) {
	cost := map[int][2]int{}
	for _, providers := range []int{1, 1_000} {
		f := newFixture(t)
		for n := range providers {
			require.NoError(t, f.keeper.SealedBytesChanged(f.ctx, provider(n), gib))
		}
		f.ctx = f.ctx.WithBlockTime(start.Add(time.Second))
		f.store.reads, f.store.writes = 0, 0
		require.NoError(t, f.keeper.BeginBlock(f.ctx))
		cost[providers] = [2]int{f.store.reads, f.store.writes}
	}
	require.Equal(t, cost[1], cost[1_000])
	require.LessOrEqual(t, cost[1][0], 3, "reads")
	require.LessOrEqual(t, cost[1][1], 2, "writes")
}

// baseline is a network that is taken to seal 100 GiB at least.
func baseline(t *testing.T) *fixture {
	t.Helper()
	params := testParams()
	params.BaselineBytes = 100 * gib
	return newFixtureWith(t, params)
}

// What a byte gathers is what was estimated when its pledge was set, below the baseline and above.
func TestRewardIsWhatWasEstimated(t *testing.T) {
	for name, others := range map[string]uint64{"below the baseline": 0, "at the baseline": 99 * gib, "above the baseline": 399 * gib} {
		t.Run(name, func(t *testing.T) {
			f := baseline(t)
			f.seal(t, provider(0), gib)
			f.seal(t, provider(1), others)
			estimate, err := f.keeper.RewardEstimate(f.ctx, gib, 50*time.Second)
			require.NoError(t, err)
			f.pass(t, 50*time.Second)
			f.close(t, provider(0), true)
			require.InDelta(t, estimate.Int64(), f.account(t, provider(0)).Earned.Int64(), 1)
		})
	}
}

func TestPledgeFollowsRewardAndSupply(t *testing.T) {
	f := baseline(t)
	reward, err := f.keeper.RewardEstimate(f.ctx, gib, 100*time.Second)
	require.NoError(t, err)
	require.Equal(t, int64(6_000), reward.Int64(), "a hundredth of the baseline's")
	pledge, err := f.keeper.SealedPledge(f.ctx, gib)
	require.NoError(t, err)
	require.Equal(t, int64(20*86_400*60+3_000_000_000), pledge.Int64(), "20 days of reward and a hundredth of 30% of the supply")
	res, err := f.query.Pledge(f.ctx, &types.QueryPledgeRequest{})
	require.NoError(t, err)
	require.Equal(t, pledge, res.PerGib)
	require.Equal(t, int64(86_400*60), res.RewardPerGibDay.Int64())

	f.seal(t, provider(0), 400*gib)
	less, err := f.keeper.SealedPledge(f.ctx, gib)
	require.NoError(t, err)
	require.Equal(t, pledge.QuoRaw(4), less, "above the baseline a GiB is a smaller part of the network")

	negative, err := f.keeper.RewardEstimate(f.ctx, gib, -time.Hour)
	require.NoError(t, err)
	require.True(t, negative.IsZero())
}

func BenchmarkBeginBlock(b *testing.B) {
	for _, providers := range []int{1_000, 100_000} {
		b.Run(fmt.Sprintf("providers=%d", providers), func(b *testing.B) {
			f := newFixture(b)
			for n := range providers {
				require.NoError(b, f.keeper.SealedBytesChanged(f.ctx, provider(n), gib))
			}
			b.ReportAllocs()
			for b.Loop() {
				f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Add(time.Second))
				require.NoError(b, f.keeper.BeginBlock(f.ctx))
			}
		})
	}
}

func TestNothingIsEmittedAtZero(t *testing.T) {
	f := newBase(t)
	gs := types.DefaultGenesis()
	gs.Params.EmissionPerSecond = sdkmath.ZeroInt()
	require.NoError(t, f.keeper.InitGenesis(f.ctx, *gs))
	f.seal(t, provider(0), gib)
	f.pass(t, time.Second)
	require.Zero(t, f.close(t, provider(0), true))
	require.True(t, f.totals(t).Minted.IsZero())
}
