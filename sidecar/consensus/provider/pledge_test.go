package provider_test

import (
	"testing"

	sdkmath "cosmossdk.io/math"
	"github.com/stretchr/testify/require"
)

// A pledge that is less than the settings say is told of, with what to do, and topped up by an agent that may.
func TestAShortPledge(t *testing.T) {
	w := newWorld(t, 1)
	w.startAll()
	p := w.providers[0]
	p.halt()
	p.cfg.PledgeAIPDM = p.cfg.PledgeAIPDM.Add(sdkmath.NewInt(5))
	p.start()
	w.until("it is told of", func() bool { return p.agent.Status().LastError != "" })
	require.Contains(t, p.agent.Status().LastError, "5aipdm are missing")
	require.Contains(t, p.agent.Status().LastError, "add-pledge 5")
	provider, _ := w.chain.Provider(p.address())
	require.Equal(t, sdkmath.NewIntWithDecimal(20, 18), provider.Pledge, "nothing is paid unasked")

	p.halt()
	p.cfg.TopUpPledge = true
	p.start()
	w.until("the pledge is as in the settings", func() bool {
		provider, _ := w.chain.Provider(p.address())
		return provider.Pledge.Equal(p.cfg.PledgeAIPDM)
	})
	w.until("the problem is forgotten", func() bool { return p.agent.Status().Pledge == p.cfg.PledgeAIPDM.String() })
	require.Empty(t, p.agent.Status().LastError)
	w.chain.Invariants()
}

// The offer on chain is for what the node would take.
func TestTheOfferIsForTheClassesThatAreTaken(t *testing.T) {
	w := newWorld(t, 1)
	w.startAll()
	provider, _ := w.chain.Provider(w.providers[0].address())
	require.True(t, provider.Ask.OpenOnly)

	w = newSealingWorld(t, 1)
	w.startAll()
	p := w.providers[0]
	provider, _ = w.chain.Provider(p.address())
	require.False(t, provider.Ask.OpenOnly)

	p.halt()
	p.sealing.Config.Offered = false
	p.openSectors()
	p.start()
	w.until("sealed replicas are not offered any more", func() bool {
		provider, _ := w.chain.Provider(p.address())
		return provider.Ask.OpenOnly
	})
}
