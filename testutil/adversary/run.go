package adversary

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"

	sdkmath "cosmossdk.io/math"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/sidecar/consensus/provider"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sealer"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	"github.com/ipdm-network/ipdm/sidecar/network"
	"github.com/ipdm-network/ipdm/sidecar/node"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

// Behaviour is a lie.
type Behaviour string

const (
	// Forge commits to labels that were never computed and shows records of them.
	Forge Behaviour = "forge"
	// Withhold seals as it should and shows its seal records to nobody, demanded or not.
	Withhold Behaviour = "withhold"
	// Late answers each window as it should, after it has closed.
	Late Behaviour = "late"
)

// Behaviours are all there are.
var Behaviours = []Behaviour{Forge, Withhold, Late}

// Run runs a dishonest provider on the home that `ipdm init --provider` made, until ctx is done.
func Run(ctx context.Context, home string, behaviour Behaviour, log io.Writer) (err error) {
	if !slices.Contains(Behaviours, behaviour) {
		return fmt.Errorf("unknown behaviour %q: there are %q", behaviour, Behaviours)
	}
	cfg, err := node.LoadConfig(node.Home(home))
	if err != nil {
		return err
	}
	offer := cfg.Provider
	cfg.Provider.Enabled = false // the node's own agent is honest
	logger := slog.New(slog.NewTextHandler(log, nil))
	n, err := node.Start(ctx, node.Options{Home: node.Home(home), Config: cfg, Logger: logger})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	agent, closeChain, err := newAgent(home, behaviour, cfg, offer, n, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeChain()) }()
	agent.Run(ctx)
	return nil
}

func newAgent(
	home string, behaviour Behaviour, cfg node.Config, offer node.ProviderConfig, n *node.Node, logger *slog.Logger,
) (*provider.Agent, func() error, error) {
	client, err := chain.New(cfg.Chain.Client(), logger)
	if err != nil {
		return nil, nil, err
	}
	fail := func(err error) (*provider.Agent, func() error, error) {
		return nil, nil, errors.Join(err, client.Close())
	}
	keys, err := chain.OpenKeyring(node.Home(home).KeyringDir(), cfg.Chain.KeyringBackend, nil, client.Encoding())
	if err != nil {
		return fail(err)
	}
	signer, err := chain.NewSigner(client, keys, offer.Key)
	if err != nil {
		return fail(err)
	}
	peerKey, err := network.LoadKey(node.Home(home).PeerKeyPath())
	if err != nil {
		return fail(err)
	}
	content := provider.NewEngineData(n.Engine(), n.Sources(), provider.DiskFree(node.Home(home).StoreDir()))
	files, err := sealer.Open(node.Home(home).SectorDir(), content.Source(), sealer.Options{})
	if err != nil {
		return fail(err)
	}
	settings, err := agentConfig(offer)
	if err != nil {
		return fail(err)
	}
	sealing := sectors.DefaultConfig()
	sealing.BatchWait = 0
	deps := provider.Deps{
		Chain: client, Sender: signer, Data: content, Log: logger,
		Endpoint: func() markettypes.Endpoint {
			info := n.Network().AddrInfo()
			endpoint := markettypes.Endpoint{PeerId: info.ID.String()}
			for _, address := range info.Addrs {
				endpoint.Multiaddrs = append(endpoint.Multiaddrs, address.String())
			}
			return endpoint
		},
		Sealing: &provider.Sealing{
			Config: sealing, Files: files, Records: node.NewSealRecords(n.Engine(), peerKey), Dir: node.Home(home).SectorDir(),
		},
	}
	behaviour.corrupt(&deps)
	agent, err := provider.New(settings, deps)
	if err != nil {
		return fail(err)
	}
	return agent, client.Close, nil
}

// corrupt replaces the part of an honest agent that the behaviour is about.
func (b Behaviour) corrupt(deps *provider.Deps) {
	switch b {
	case Forge:
		deps.Sealing.Files = newForger(deps.Sealing.Files, deps.Data.Source())
	case Withhold:
		deps.Sealing.Files, deps.Sealing.Records = withheldFiles{deps.Sealing.Files}, withheldRecords{deps.Sealing.Records}
	case Late:
		deps.Sender = latecomer{deps.Sender, deps.Chain, deps.Log}
	}
}

func agentConfig(offer node.ProviderConfig) (provider.Config, error) {
	price, ok := sdkmath.NewIntFromString(offer.AskPrice)
	pledge, pledged := sdkmath.NewIntFromString(offer.Pledge)
	capacity, err := node.ParseBytes(offer.AskCapacity)
	if !ok || !pledged || err != nil {
		return provider.Config{}, errors.Join(errors.New("the offer is malformed"), err)
	}
	return provider.DefaultConfig(markettypes.Ask{PricePerGibHour: price, CapacityBytes: capacity}, pledge), nil
}
