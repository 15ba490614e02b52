package node

import (
	"context"
	"fmt"

	sdkmath "cosmossdk.io/math"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/sidecar/consensus/provider"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

// agent is the provider agent at work, in the shape that the API serves.
type agent struct {
	*provider.Agent
	background
}

// startAgent opens the provider's key and sets the agent to work.
func (n *Node) startAgent() (*agent, error) {
	cfg := &n.opts.Config
	keys, err := chain.OpenKeyring(n.opts.Home.KeyringDir(), cfg.Chain.KeyringBackend, n.opts.Passphrase, n.chain.Encoding())
	if err != nil {
		return nil, err
	}
	signer, err := chain.NewSigner(n.chain, keys, cfg.Provider.Key)
	if err != nil {
		return nil, fmt.Errorf("failed to open the provider's key (make one with `ipdm init --provider`, or see [provider] key): %w", err)
	}
	settings, err := cfg.agent(n.opts.PauseHealing)
	if err != nil {
		return nil, err
	}
	content := provider.NewEngineData(n.engine, n.fetcher, n.roomLeft)
	sealing, err := n.sealing(content)
	if err != nil {
		return nil, err
	}
	inner, err := provider.New(settings, provider.Deps{
		Chain:    n.chain,
		Sender:   signer,
		Data:     agentData{content, n.network},
		Sealing:  sealing,
		Endpoint: func() markettypes.Endpoint { return endpointOf(n.network.AddrInfo()) },
		Log:      n.log.With("part", "provider"),
		Registry: n.registry,
	})
	if err != nil {
		return nil, err
	}
	a := &agent{Agent: inner}
	a.start(inner.Run)
	return a, nil
}

// agent returns the settings of the agent.
func (c *Config) agent(pauseHealing bool) (provider.Config, error) {
	p := c.Provider
	price, ok := sdkmath.NewIntFromString(p.AskPrice)
	if !ok {
		return provider.Config{}, fmt.Errorf("%w: [provider] ask_price %q", ErrConfig, p.AskPrice)
	}
	pledge, ok := sdkmath.NewIntFromString(p.Pledge)
	if !ok {
		return provider.Config{}, fmt.Errorf("%w: [provider] pledge %q", ErrConfig, p.Pledge)
	}
	capacity, err := ParseBytes(p.AskCapacity)
	if err != nil {
		return provider.Config{}, fmt.Errorf("%w: [provider] ask_capacity: %w", ErrConfig, err)
	}
	settings := provider.DefaultConfig(markettypes.Ask{PricePerGibHour: price, CapacityBytes: capacity}, pledge)
	settings.Region = p.Region
	settings.TopUpPledge = p.TopUpPledge
	settings.FetchWorkers = int(p.MaxFetches)
	settings.SettleEvery = uint64(p.SettleEvery)
	settings.HealingPaused = pauseHealing
	return settings, nil
}

// Status implements api.Agent.
func (a *agent) Status(context.Context) *sidecarv1.ProviderStatusResponse {
	s := a.Agent.Status()
	m := &sidecarv1.ProviderStatusResponse{
		Enabled:       true,
		Provider:      s.Provider,
		Registered:    s.Registered,
		DealsHeld:     s.DealsHeld,
		DealsPending:  s.DealsPending,
		ProvenBytes:   s.ProvenBytes,
		WindowsProven: s.WindowsProven,
		WindowsMissed: s.WindowsMissed,
		FaultyUnits:   s.FaultyUnits,
		Earned:        s.Earned,
		Slashed:       s.Slashed,
		Pledge:        s.Pledge,
		Healing:       s.Healing,
		LastError:     s.LastError,
		ChainHeight:   s.ChainHeight,
		Sealed:        sealedStatus(s.Sealed),
	}
	if !s.NextDeadline.IsZero() {
		m.NextDeadlineUnixMs = s.NextDeadline.UnixMilli()
	}
	return m
}
