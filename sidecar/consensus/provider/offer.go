package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

// maxMultiaddrs bounds the addresses put on chain.
const maxMultiaddrs = 8

// keepOffer registers the provider when the chain does not know it, and updates what differs from the settings.
func (a *Agent) keepOffer(ctx context.Context, k *keeper) error {
	provider, _, err := a.chain.Provider(ctx, a.address)
	known := err == nil
	if err != nil && !errors.Is(err, chain.ErrNotFound) {
		return err
	}
	if known {
		a.status.provider(provider)
		a.keepPledge(ctx, k, provider.Pledge)
	}
	endpoint := a.publicEndpoint()
	if !k.offer.due() || endpoint.PeerId == "" || len(endpoint.Multiaddrs) == 0 {
		return nil
	}
	switch {
	case !known:
		_, err = a.submit(ctx, &markettypes.MsgRegisterProvider{
			Provider: a.address, Ask: a.cfg.Ask, Endpoint: endpoint, Region: a.cfg.Region, Pledge: a.cfg.PledgeAIPDM,
		})
	case a.differs(provider, endpoint):
		_, err = a.submit(ctx, &markettypes.MsgUpdateProvider{
			Provider: a.address, Ask: a.cfg.Ask, Endpoint: endpoint, Region: a.cfg.Region, Accepting: a.cfg.Accepting,
		})
	default:
		return nil
	}
	if err != nil {
		k.offer.failed(a.cfg.RetryMin, a.cfg.RetryMax)
		return a.explain(err)
	}
	if known {
		k.offer.done(a.cfg.UpdateInterval)
	}
	a.status.solved(offerProblem)
	a.log.Info("offer put on chain", "new", !known, "multiaddrs", endpoint.Multiaddrs)
	return nil
}

// offerProblem begins the problem of an offer that the chain does not have.
const offerProblem = "the offer could not be put on chain"

// explain adds what to do about an error.
func (a *Agent) explain(err error) error {
	if errors.Is(err, chain.ErrNoAccount) || errors.Is(err, chain.ErrInsufficientFunds) {
		return fmt.Errorf("%w (send at least the pledge of %s%s, and fees, to %s)",
			err, a.cfg.PledgeAIPDM, chain.BaseDenom, a.address)
	}
	return err
}

func (a *Agent) differs(p markettypes.Provider, endpoint markettypes.Endpoint) bool {
	return !p.Ask.Equal(&a.cfg.Ask) || !p.Endpoint.Equal(&endpoint) || p.Region != a.cfg.Region || p.Accepting != a.cfg.Accepting
}

// publicEndpoint is where the node is reached, in the form that is put on chain: sorted, so that order is no change.
func (a *Agent) publicEndpoint() markettypes.Endpoint {
	endpoint := a.endpoint()
	addresses := slices.Clone(endpoint.Multiaddrs)
	slices.Sort(addresses)
	addresses = slices.Compact(addresses)
	endpoint.Multiaddrs = addresses[:min(len(addresses), maxMultiaddrs)]
	return endpoint
}
