package provider_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	"github.com/ipdm-network/ipdm/sidecar/consensus/provider"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

// TestAssignmentsThatDoNotFitAreRefused changes what a provider wants between its offer and the assignment: the chain
// still goes by the old offer.
func TestAssignmentsThatDoNotFitAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		edit   func(*host)
		reason markettypes.RefusalReason
	}{
		"price": {
			func(h *host) { h.cfg.Ask.PricePerGibHour = sdkmath.NewInt(2 * askPrice) }, markettypes.REFUSAL_REASON_POLICY,
		},
		"deal size": {func(h *host) { h.cfg.Ask.MaxDealBytes = contentLen / 2 }, markettypes.REFUSAL_REASON_POLICY},
		"duration":  {func(h *host) { h.cfg.Ask.MaxDuration = time.Minute }, markettypes.REFUSAL_REASON_POLICY},
		"no longer": {func(h *host) { h.cfg.Accepting = false }, markettypes.REFUSAL_REASON_POLICY},
		"capacity":  {func(h *host) { h.cfg.Ask.CapacityBytes = contentLen / 2 }, markettypes.REFUSAL_REASON_CAPACITY},
		"disk": {
			func(h *host) {
				full := func(context.Context) (uint64, error) { return h.cfg.ReserveBytes + contentLen/2, nil }
				h.data = provider.NewEngineData(h.engine, h.world.swarm, full)
			}, markettypes.REFUSAL_REASON_CAPACITY,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1)
			w.startAll()
			p := w.providers[0]
			p.halt()
			id, _ := w.deal(1, 1, nil)
			w.until("the replica is assigned", func() bool {
				_, replicas := w.chain.Deal(id)
				return replicas[0].Status == markettypes.REPLICA_STATUS_ASSIGNED
			})
			test.edit(p)
			w.client.served.Store(0)
			p.start()
			w.until("the provider has refused", func() bool {
				_, replicas := w.chain.Deal(id)
				return len(replicas[0].Excluded) == 1
			})
			require.Contains(t, w.chain.Refusals(), test.reason)
			require.Zero(t, w.client.served.Load(), "what is refused is not fetched")
		})
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	good := provider.DefaultConfig(markettypes.Ask{PricePerGibHour: sdkmath.OneInt(), CapacityBytes: 1}, sdkmath.OneInt())
	require.NoError(t, good.Validate())
	for name, edit := range map[string]func(*provider.Config){
		"no price":       func(c *provider.Config) { c.Ask.PricePerGibHour = sdkmath.Int{} },
		"price below 0":  func(c *provider.Config) { c.Ask.PricePerGibHour = sdkmath.NewInt(-1) },
		"no capacity":    func(c *provider.Config) { c.Ask.CapacityBytes = 0 },
		"no pledge":      func(c *provider.Config) { c.PledgeAIPDM = sdkmath.ZeroInt() },
		"unset pledge":   func(c *provider.Config) { c.PledgeAIPDM = sdkmath.Int{} },
		"long region":    func(c *provider.Config) { c.Region = "the region of regions, far too long" },
		"no poll":        func(c *provider.Config) { c.PollInterval = 0 },
		"no workers":     func(c *provider.Config) { c.FetchWorkers = 0 },
		"retry pauses":   func(c *provider.Config) { c.RetryMax = c.RetryMin - 1 },
		"never settling": func(c *provider.Config) { c.SettleEvery = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := good
			edit(&cfg)
			require.ErrorIs(t, cfg.Validate(), provider.ErrConfig)
		})
	}
}
