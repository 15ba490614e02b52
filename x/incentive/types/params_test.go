package types_test

import (
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/incentive/types"
)

func TestParamsThatHold(t *testing.T) {
	require.NoError(t, types.DefaultParams().Validate())
	require.NoError(t, types.LocalnetParams().Validate())
}

func TestParamsAreRefused(t *testing.T) {
	for name, change := range map[string]func(*types.Params){
		"denom":              func(p *types.Params) { p.Denom = "!" },
		"no emission":        func(p *types.Params) { p.EmissionPerSecond = sdkmath.Int{} },
		"negative emission":  func(p *types.Params) { p.EmissionPerSecond = sdkmath.NewInt(-1) },
		"emission too large": func(p *types.Params) { p.EmissionPerSecond = types.MaxEmission.AddRaw(1) },
		"no floor":           func(p *types.Params) { p.PledgeFloorPerGib = sdkmath.Int{} },
		"negative floor":     func(p *types.Params) { p.PledgeFloorPerGib = sdkmath.NewInt(-1) },
		"negative half-life": func(p *types.Params) { p.HalfLife = -1 },
		"half-life too long": func(p *types.Params) { p.HalfLife = 101 * 365 * 24 * time.Hour },
		"half-life of 63 ns": func(p *types.Params) { p.HalfLife = 63 },
		"no block time":      func(p *types.Params) { p.MaxBlockTime = 0 },
		"negative vesting":   func(p *types.Params) { p.VestingTime = -1 },
		"vesting of 29 ns":   func(p *types.Params) { p.VestingTime = 29 },
		"negative reward":    func(p *types.Params) { p.PledgeRewardTime = -1 },
		"no baseline":        func(p *types.Params) { p.BaselineBytes = 0 },
		"baseline too large": func(p *types.Params) { p.BaselineBytes = 1<<62 + 1 },
		"vested_bps":         func(p *types.Params) { p.VestedBps = 10_001 },
		"pledge_supply_bps":  func(p *types.Params) { p.PledgeSupplyBps = 10_001 },
		"too much emitted":   func(p *types.Params) { p.StorageBps++ },
		"too little emitted": func(p *types.Params) { p.CommunityBps-- },
		"shares that wrap":   func(p *types.Params) { p.StorageBps, p.StakingBps, p.CommunityBps = 1<<31, 1<<31, 10_000 },
		"too much slashed":   func(p *types.Params) { p.SlashBurnBps++ },
		"too little slashed": func(p *types.Params) { p.SlashReporterBps-- },
	} {
		t.Run(name, func(t *testing.T) {
			params := types.DefaultParams()
			change(&params)
			require.ErrorIs(t, params.Validate(), types.ErrInvalidParams)
		})
	}
}

// A localnet's provider pledges 20 IPDM, and must be able to hold many sealed replicas of 4 MiB with it.
func TestLocalnetPledgeIsAffordable(t *testing.T) {
	params := types.LocalnetParams()
	supply := sdkmath.NewIntWithDecimal(104_000_000, 18)
	for _, sealed := range []uint64{0, 4 << 20, 1 << 40} {
		pledge := params.SealedPledge(params.EmissionPerSecond, supply, 4<<20, sealed)
		require.True(t, pledge.IsPositive())
		require.True(t, pledge.MulRaw(200).LT(sdkmath.NewIntWithDecimal(20, 18)), "%s", pledge)
	}
}
