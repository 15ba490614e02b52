package provider_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/sidecar/consensus/provider"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/testutil/fakechain"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// world is a chain, a client with data and some providers.
type world struct {
	*testing.T
	chain     *fakechain.Chain
	node      *fakechain.Node
	swarm     *swarm
	keys      *chain.Keyring
	client    *member
	signer    *chain.Signer // the client's
	providers []*host
	// slow lets next to no time pass between blocks.
	slow bool
}

// host is a provider's data node and account, which outlive its agent.
type host struct {
	*member
	world  *world
	signer *chain.Signer
	chain  *chain.Client
	cfg    provider.Config
	data   provider.Data
	// sealing is what the provider seals with, nil if it does not.
	sealing *provider.Sealing

	agent *provider.Agent // nil while none runs
	stop  func()
	// hasty lets time pass even while the chain waits for something of this provider.
	hasty bool
	// idle lets time pass although replicas are to be activated: they wait for something else.
	idle bool
	// unhealable tells that nobody has what this provider misses, so that there is no waiting for it.
	unhealable bool
}

const (
	gib        = int64(1) << 30
	askPrice   = 1_000_000_000_000
	contentLen = 600_000
)

func newWorld(t *testing.T, providers int) *world {
	t.Helper()
	return newWorldWith(t, providers, fakechain.Options{})
}

// newWorldWith is newWorld on a chain with other parameters.
func newWorldWith(t *testing.T, providers int, options fakechain.Options) *world {
	t.Helper()
	encoding, err := chain.NewEncoding()
	require.NoError(t, err)
	keys, err := chain.OpenKeyring(t.TempDir(), "test", nil, encoding)
	require.NoError(t, err)
	w := &world{T: t, keys: keys, swarm: &swarm{members: map[peer.ID]*member{}}}
	funds := map[string]sdkmath.Int{}
	names := []string{"client", "p0", "p1", "p2", "p3"}[:1+providers]
	for _, name := range names {
		address, _, err := keys.NewKey(name)
		require.NoError(t, err)
		funds[address] = sdkmath.NewIntWithDecimal(1000, 18)
	}
	options.Funds = funds
	w.chain = fakechain.New(t, options)
	w.node = w.chain.Node(t)
	w.client = w.swarm.join(t)
	w.signer = w.newSigner(w.newClient(), "client")
	for _, name := range names[1:] {
		m := w.swarm.join(t)
		client := w.newClient()
		cfg := provider.DefaultConfig(markettypes.Ask{
			PricePerGibHour: sdkmath.NewInt(askPrice), CapacityBytes: uint64(gib),
		}, sdkmath.NewIntWithDecimal(20, 18))
		cfg.PollInterval, cfg.MaintainInterval, cfg.UpdateInterval = 5*time.Millisecond, 10*time.Millisecond, 20*time.Millisecond
		cfg.RetryMin, cfg.RetryMax = 5*time.Millisecond, 40*time.Millisecond
		cfg.SettleEvery = 1
		h := &host{
			member: m, world: w, signer: w.newSigner(client, name), chain: client, cfg: cfg,
			data: provider.NewEngineData(m.engine, w.swarm, plentyFree),
		}
		w.providers = append(w.providers, h)
		t.Cleanup(h.halt)
	}
	return w
}

func (w *world) newClient() *chain.Client {
	w.Helper()
	cfg := chain.DefaultConfig(w.chain.ChainID(), w.node.Addr())
	cfg.PollInterval = time.Millisecond
	cfg.InclusionTimeout = 10 * time.Second
	client, err := chain.New(cfg, nil)
	require.NoError(w, err)
	w.Cleanup(func() { require.NoError(w, client.Close()) })
	return client
}

func (w *world) newSigner(client *chain.Client, name string) *chain.Signer {
	w.Helper()
	signer, err := chain.NewSigner(client, w.keys, name)
	require.NoError(w, err)
	return signer
}

// start sets a new agent to work.
func (h *host) start() {
	h.world.Helper()
	agent, err := provider.New(h.cfg, provider.Deps{
		Chain: h.chain, Sender: h.signer, Data: h.data, Sealing: h.sealing, Endpoint: h.endpoint, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(h.world, err)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { agent.Run(ctx) })
	h.agent = agent
	h.stop = func() {
		cancel()
		wg.Wait()
	}
}

// halt ends the agent as a shutdown does.
func (h *host) halt() {
	if h.agent != nil {
		h.stop()
		h.agent = nil
	}
}

func (h *host) address() string { return h.signer.Address() }

// until lets time pass until a condition holds. Time stands still while the chain waits for the proof or the answer of a
// provider that is at work, so that nothing depends on the speed of the machine.
func (w *world) until(what string, holds func() bool) {
	w.Helper()
	deadline := time.NewTimer(4 * time.Minute)
	defer deadline.Stop()
	for !holds() {
		step, pause := 250*time.Millisecond, 3*time.Millisecond
		switch {
		case w.waiting():
			step, pause = 0, 15*time.Millisecond // the machine is for the provider
		case w.slow:
			step = time.Microsecond
		}
		w.chain.Block(step)
		select {
		case <-time.After(pause):
		case <-deadline.C:
			for _, h := range w.providers {
				if h.agent != nil {
					w.Logf("%s: %+v", h.address(), h.agent.Status())
				}
				w.Logf("%+v", w.chain.Proving(h.address()))
			}
			require.FailNow(w, "waited in vain", "%s", what)
		}
	}
}

func (w *world) waiting() bool {
	for _, h := range w.providers {
		if h.agent != nil && !h.hasty && h.owes() {
			return true
		}
	}
	return false
}

// owes tells whether the chain waits for something that the provider's agent can do now.
func (h *host) owes() bool {
	state, status := h.world.chain.Proving(h.address()), h.agent.Status()
	if status.DealsPending > 0 && !h.idle || h.asked() {
		return true
	}
	return h.owesProof(state, h.agent.HealedUnits() > 0) || h.sealing != nil && h.owesSealedProof()
}

// asked tells whether somebody waits for a seal record or for the answer to a challenge.
func (h *host) asked() bool {
	for _, sector := range h.world.chain.Sectors(h.address()) {
		if sector.OpenDemands > 0 {
			return true
		}
	}
	return h.world.chain.Proving(h.address()).OpenChallenges > 0 ||
		h.world.chain.ProvingClass(h.address(), poreptypes.CLASS_SEALED).OpenChallenges > 0
}

func (h *host) owesSealedProof() bool {
	whole := false
	for _, unit := range h.world.chain.Units(h.address(), poreptypes.CLASS_SEALED) {
		whole = whole || unit.Status == poreptypes.UNIT_STATUS_FAULTY && h.agent.IsWhole(unit)
	}
	return h.owesProof(h.world.chain.ProvingClass(h.address(), poreptypes.CLASS_SEALED), whole)
}

// owesProof tells whether the chain waits for a proof of a class, or for the recovery of what was healed.
func (h *host) owesProof(state poreptypes.ProviderState, healed bool) bool {
	window := state.Window
	if window.Open && window.Openings > 0 && !window.Submitted {
		return true
	}
	if state.FaultyUnits == 0 || !h.agent.Status().Healing || h.unhealable {
		return false
	}
	return !window.Open && !healed || window.Open && healed && state.PendingChanges == 0
}

// startAll starts every provider's agent and waits until the chain knows them.
func (w *world) startAll() {
	w.Helper()
	for _, h := range w.providers {
		h.start()
	}
	w.until("every provider is registered", func() bool {
		for _, h := range w.providers {
			if _, ok := w.chain.Provider(h.address()); !ok {
				return false
			}
		}
		return true
	})
}

// deal puts content and orders replicas of it; edit may change the order.
func (w *world) deal(seed int64, replicas uint32, edit func(*markettypes.MsgCreateDeal)) (id uint64, layout *data.Layout) {
	w.Helper()
	root, layout := w.client.put(w.T, seed, contentLen)
	msg := &markettypes.MsgCreateDeal{
		Client: w.signer.Address(), Root: root.String(), Manifest: layout.Manifest.String(), Layout: layout.Cid.String(),
		CommD: layout.CommD[:], SizeBytes: layout.SizeBytes, Replicas: markettypes.Replicas{Open: replicas},
		Duration: time.Hour, MaxPricePerGibHour: sdkmath.NewInt(askPrice), Source: w.client.endpoint(),
	}
	if edit != nil {
		edit(msg)
	}
	return w.submitDeal(msg), layout
}

// submit has the client's account send a message, and waits until a block has it.
func (w *world) submit(msg sdk.Msg) *chain.TxResult {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 30*time.Second)
	defer cancel()
	result, err := w.signer.Submit(ctx, msg)
	require.NoError(w, err)
	return result
}

func (w *world) submitDeal(msg sdk.Msg) uint64 {
	w.Helper()
	result := w.submit(msg)
	var created markettypes.MsgCreateDealResponse
	require.NoError(w, result.Response(0, &created))
	return created.DealId
}

func (w *world) status(id uint64) markettypes.DealStatus {
	w.Helper()
	deal, _ := w.chain.Deal(id)
	return deal.Status
}

func (w *world) untilActive(id uint64) {
	w.Helper()
	w.until("the deal is active", func() bool { return w.status(id) == markettypes.DEAL_STATUS_ACTIVE })
}

func (h *host) pins() int {
	h.world.Helper()
	pins, err := h.data.Pins(h.world.Context())
	require.NoError(h.world, err)
	return len(pins)
}
