package keeper

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Domain returns a chain. It fails with ErrUnknownDomain.
func (k *Keeper) Domain(ctx context.Context, number uint32) (types.Domain, error) {
	d, err := k.domains.Get(ctx, number)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Domain{}, types.ErrUnknownDomain.Wrapf("%d; `ipdmd query bridge domains` lists those that are known", number)
	}
	if err != nil {
		return types.Domain{}, fmt.Errorf("failed to read domain %d: %w", number, err)
	}
	return d, nil
}

// Domains returns all chains, by number. There are at most types.MaxDomains.
func (k *Keeper) Domains(ctx context.Context) ([]types.Domain, error) {
	return valuesOf(ctx, k.domains)
}

// domainCalled returns the chain with a name or a number.
func (k *Keeper) domainCalled(ctx context.Context, text string) (types.Domain, error) {
	if number, err := strconv.ParseUint(text, 10, 32); err == nil {
		return k.Domain(ctx, uint32(number))
	}
	all, err := k.Domains(ctx)
	if err != nil {
		return types.Domain{}, err
	}
	for _, d := range all {
		if d.Config.Name == text {
			return d, nil
		}
	}
	return types.Domain{}, types.ErrUnknownDomain.Wrapf("%q; `ipdmd query bridge domains` lists those that are known", text)
}

func (k *Keeper) setDomain(ctx context.Context, d types.Domain) error {
	if err := k.domains.Set(ctx, d.Config.Domain, d); err != nil {
		return fmt.Errorf("failed to write domain %d: %w", d.Config.Domain, err)
	}
	return nil
}

// configureDomain makes a chain known, or changes what is said about it.
func (k *Keeper) configureDomain(ctx sdk.Context, config types.DomainConfig) error {
	if err := config.Validate(); err != nil {
		return err
	}
	gateway, err := config.Form.Parse(config.Gateway)
	if err != nil {
		return err
	}
	config.Gateway = config.Form.Format(gateway) // as it is compared
	all, err := k.Domains(ctx)
	if err != nil {
		return err
	}
	d := types.Domain{TargetUnixMilli: uint64(ctx.BlockTime().Add(-config.Finality).UnixMilli())}
	known := false
	for _, other := range all {
		switch {
		case other.Config.Domain == config.Domain:
			if other.Config.Form != config.Form || other.Config.Gateway != config.Gateway {
				return types.ErrInvalidDomain.Wrapf("the gateway of domain %d is %s for good: another one is another domain", config.Domain, other.Config.Gateway)
			}
			d, known = other, true
		case other.Config.Name == config.Name:
			return types.ErrInvalidDomain.Wrapf("domain %d is called %q", other.Config.Domain, config.Name)
		}
	}
	if !known && len(all) == types.MaxDomains {
		return types.ErrInvalidDomain.Wrapf("there are %d already, which is the most", len(all))
	}
	d.Config = config
	return k.setDomain(ctx, d)
}

// gatewayOf returns the gateway of a chain.
func gatewayOf(d types.Domain) (wire.Party, error) { return d.Config.Form.Parse(d.Config.Gateway) }
