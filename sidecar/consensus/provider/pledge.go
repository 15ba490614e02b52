package provider

import (
	"context"
	"fmt"

	sdkmath "cosmossdk.io/math"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

// pledgeProblem begins the problem of a pledge that is less than the settings say.
const pledgeProblem = "the pledge is less than in the settings"

// keepPledge compares the pledge on chain, which slashes take from, with that of the settings. It adds what is missing if the settings
// say so, and otherwise tells of it once for each amount.
func (a *Agent) keepPledge(ctx context.Context, k *keeper, pledge sdkmath.Int) {
	short := sdkmath.MaxInt(a.cfg.PledgeAIPDM.Sub(pledge), sdkmath.ZeroInt())
	a.metrics.pledgeShort.Set(inIPDM(short))
	if short.IsZero() {
		k.short = sdkmath.Int{}
		a.status.solved(pledgeProblem)
		return
	}
	advice := fmt.Errorf("%s%s are missing, and it backs less than is offered (set top_up_pledge, or send: ipdmd tx market add-pledge %s)",
		short, chain.BaseDenom, short)
	if a.cfg.TopUpPledge {
		if !k.topUp.due() {
			return
		}
		_, err := a.submit(ctx, &markettypes.MsgAddPledge{Provider: a.address, Amount: short})
		if err == nil {
			k.topUp.done(a.cfg.UpdateInterval)
			a.log.Info("pledge topped up", "added", short.String()+chain.BaseDenom)
			return
		}
		k.topUp.failed(a.cfg.RetryMin, a.cfg.RetryMax)
		advice = fmt.Errorf("failed to add %s%s: %w", short, chain.BaseDenom, err)
	}
	if k.short.IsNil() || !k.short.Equal(short) {
		k.short = short
		a.problem(ctx, pledgeProblem, advice)
	}
}

// inIPDM is an amount of aipdm in IPDM, as exactly as a metric is.
func inIPDM(amount sdkmath.Int) float64 {
	value, err := sdkmath.LegacyNewDecFromIntWithPrec(amount, sdkmath.LegacyPrecision).Float64()
	if err != nil {
		return 0
	}
	return value
}
