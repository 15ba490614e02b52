package provider_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

func TestAProviderTakesADealProvesItIsPaidAndLetsGo(t *testing.T) {
	w := newWorld(t, 1)
	w.startAll()
	p := w.providers[0]
	id, _ := w.deal(1, 1, func(m *markettypes.MsgCreateDeal) { m.Duration = 100 * time.Second })
	w.untilActive(id)
	require.Equal(t, 1, p.pins())

	w.until("three windows are proven", func() bool { return w.chain.Proving(p.address()).ProvenWindows >= 3 })
	w.until("earnings are settled", func() bool {
		provider, _ := w.chain.Provider(p.address())
		return provider.Earned.IsPositive()
	})
	require.Zero(t, w.chain.Proving(p.address()).MissedWindows)
	w.until("the status tells", func() bool {
		s := p.agent.Status()
		return s.Registered && s.DealsHeld == 1 && s.WindowsProven >= 3 && s.ProvenBytes > contentLen &&
			s.Earned != "0" && !s.NextDeadline.IsZero() && s.Healing && s.ChainHeight > 0
	})
	require.Empty(t, p.agent.Status().LastError)

	w.until("the deal has ended", func() bool { return w.status(id) == markettypes.DEAL_STATUS_ENDED })
	w.until("the layout is let go", func() bool { return p.pins() == 0 })
	_, err := p.engine.GC(t.Context())
	require.NoError(t, err)
	stats, err := p.engine.Store().Stats(t.Context())
	require.NoError(t, err)
	require.Zero(t, stats.Encodings, "what nobody pays for is garbage")
	w.chain.Invariants()
}

// otherRoot is the CID of a raw block that nobody stored.
var otherRoot = format.BlockCID(format.Raw, format.Sum([]byte("another content"))).String()

func TestALyingClientIsRefusedFreeOfCharge(t *testing.T) {
	for name, lie := range map[string]func(*markettypes.MsgCreateDeal, *data.Layout){
		"commitment": func(m *markettypes.MsgCreateDeal, _ *data.Layout) {
			m.CommD = append([]byte(nil), m.CommD...)
			m.CommD[7] ^= 1
		},
		"shorter than it is": func(m *markettypes.MsgCreateDeal, _ *data.Layout) { m.SizeBytes-- },
		"longer than it is":  func(m *markettypes.MsgCreateDeal, _ *data.Layout) { m.SizeBytes++ },
		"another root":       func(m *markettypes.MsgCreateDeal, _ *data.Layout) { m.Root = otherRoot },
		"another layout": func(m *markettypes.MsgCreateDeal, other *data.Layout) {
			m.Layout = other.Cid.String()
		},
		"another manifest": func(m *markettypes.MsgCreateDeal, other *data.Layout) {
			m.Manifest = other.Manifest.String()
		},
		"a layout that is none": func(m *markettypes.MsgCreateDeal, _ *data.Layout) { m.Layout = m.Manifest },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1)
			w.startAll()
			p := w.providers[0]
			_, other := w.client.put(t, 99, contentLen)
			id, _ := w.deal(1, 1, func(m *markettypes.MsgCreateDeal) { lie(m, other) })
			w.until("the provider has refused", func() bool {
				_, replicas := w.chain.Deal(id)
				return len(replicas[0].Excluded) == 1
			})
			deal, replicas := w.chain.Deal(id)
			require.EqualValues(t, 1, deal.Refusals)
			require.Equal(t, p.address(), replicas[0].Excluded[0])
			provider, _ := w.chain.Provider(p.address())
			require.Equal(t, sdkmath.NewIntWithDecimal(20, 18), provider.Pledge)
			require.Zero(t, provider.ReservedBytes)
			w.until("nothing is kept", func() bool { return p.pins() == 0 })
			w.chain.Invariants()
		})
	}
}

func TestAnUnreachableClientIsWaitedForAndThenRefused(t *testing.T) {
	w := newWorld(t, 1)
	w.startAll()
	p := w.providers[0]
	p.hasty = true
	w.client.online.Store(false)
	id, _ := w.deal(1, 1, nil)
	w.until("the provider has refused", func() bool {
		_, replicas := w.chain.Deal(id)
		return len(replicas[0].Excluded) == 1
	})
	deal, _ := w.chain.Deal(id)
	require.EqualValues(t, 1, deal.Refusals, "it refused before the deadline instead of letting the assignment lapse")
	require.Greater(t, w.chain.Now().Sub(deal.CreatedAt), 30*time.Second, "it waited for the client")
	provider, _ := w.chain.Provider(p.address())
	require.Equal(t, sdkmath.NewIntWithDecimal(20, 18), provider.Pledge)
}

func TestAClientThatComesBackInTimeIsServed(t *testing.T) {
	w := newWorld(t, 1)
	w.startAll()
	w.client.online.Store(false)
	id, _ := w.deal(1, 1, nil)
	w.until("the replica is assigned", func() bool { return w.providers[0].agent.Status().DealsPending == 1 })
	for range 5 { // time stands still, the agent tries
		w.chain.Block(0)
	}
	require.NotEqual(t, markettypes.DEAL_STATUS_ACTIVE, w.status(id))
	w.client.online.Store(true)
	w.untilActive(id)
}

func TestARestartedAgentGoesOnWhereItWas(t *testing.T) {
	w := newWorld(t, 1)
	w.startAll()
	p := w.providers[0]
	// Killed with an assignment that it could not fetch yet.
	w.client.online.Store(false)
	id, _ := w.deal(1, 1, nil)
	w.until("the replica is assigned", func() bool { return p.agent.Status().DealsPending == 1 })
	p.halt()
	w.client.online.Store(true)
	p.start()
	w.untilActive(id)

	// Killed while it holds a replica, and started again while a window is open.
	w.until("a window is proven", func() bool { return w.chain.Proving(p.address()).ProvenWindows >= 1 })
	p.halt()
	w.until("a window is open", func() bool {
		window := w.chain.Proving(p.address()).Window
		return window.Open && !window.Submitted
	})
	before := w.chain.Proving(p.address())
	p.start()
	w.until("the window is proven", func() bool {
		return w.chain.Proving(p.address()).ProvenWindows > before.ProvenWindows
	})
	require.Zero(t, w.chain.Proving(p.address()).MissedWindows)
	require.Equal(t, 1, p.pins())
}

func TestPinsOfDealsThatEndedWhileTheAgentWasDownAreReleased(t *testing.T) {
	w := newWorld(t, 1)
	w.startAll()
	p := w.providers[0]
	first, layout := w.deal(1, 1, nil)
	w.untilActive(first)
	second, again := w.deal(1, 1, nil) // of the same content
	require.Equal(t, layout.Cid, again.Cid)
	w.untilActive(second)
	require.Equal(t, 2, p.pins())

	p.halt()
	w.submit(&markettypes.MsgCancelDeal{Client: w.signer.Address(), DealId: first})
	p.start()
	w.until("the first deal is over", func() bool { return w.status(first) == markettypes.DEAL_STATUS_CANCELLED })
	w.until("its pin is released", func() bool { return p.pins() == 1 })
	_, err := p.engine.GC(t.Context())
	require.NoError(t, err)
	proven := w.chain.Proving(p.address()).ProvenWindows
	w.until("the other deal is still proven", func() bool { return w.chain.Proving(p.address()).ProvenWindows > proven })
	require.Zero(t, w.chain.Proving(p.address()).FaultyUnits)
}

func TestTheOfferOnChainFollowsTheSettings(t *testing.T) {
	w := newWorld(t, 1)
	w.startAll()
	p := w.providers[0]
	p.halt()
	p.cfg.Ask.PricePerGibHour = sdkmath.NewInt(2 * askPrice)
	p.cfg.Region, p.cfg.Accepting = "lu", false
	p.start()
	w.until("the offer is changed", func() bool {
		provider, _ := w.chain.Provider(p.address())
		return provider.Region == "lu" && !provider.Accepting && provider.Ask.PricePerGibHour.Equal(sdkmath.NewInt(2*askPrice))
	})
}

func TestAnAccountWithoutFundsIsToldToTheOperator(t *testing.T) {
	w := newWorld(t, 1)
	_, _, err := w.keys.NewKey("poor")
	require.NoError(t, err)
	p := w.providers[0]
	p.signer = w.newSigner(p.chain, "poor")
	p.start()
	w.until("the operator is told", func() bool { return p.agent.Status().LastError != "" })
	require.Contains(t, p.agent.Status().LastError, p.address())
	require.Contains(t, p.agent.Status().LastError, "send at least the pledge")
	require.False(t, p.agent.Status().Registered)
}
