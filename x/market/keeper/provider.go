package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/market/types"
)

// weightsOwner is the owner of the one tree that all providers share.
var weightsOwner []byte

// setProvider writes a provider and its weight in the assignment tree.
func (k *Keeper) setProvider(ctx context.Context, params types.Params, provider types.Provider) error {
	address, err := k.address(provider.Address)
	if err != nil {
		return err
	}
	if err := k.providers.Set(ctx, address, provider); err != nil {
		return fmt.Errorf("failed to write provider %s: %w", provider.Address, err)
	}
	if err := k.weights.Set(ctx, weightsOwner, provider.Slot, provider.Weight(params)); err != nil {
		return fmt.Errorf("failed to weigh provider %s: %w", provider.Address, err)
	}
	return nil
}

// closeProvider forgets a provider that holds nothing.
func (k *Keeper) closeProvider(ctx context.Context, provider types.Provider) error {
	address, err := k.address(provider.Address)
	if err != nil {
		return err
	}
	if err := k.weights.Free(ctx, weightsOwner, provider.Slot); err != nil {
		return fmt.Errorf("failed to free slot of provider %s: %w", provider.Address, err)
	}
	if err := k.slots.Remove(ctx, provider.Slot); err != nil {
		return fmt.Errorf("failed to remove slot of provider %s: %w", provider.Address, err)
	}
	if err := k.providers.Remove(ctx, address); err != nil {
		return fmt.Errorf("failed to remove provider %s: %w", provider.Address, err)
	}
	return emit(ctx, &types.EventProviderClosed{Provider: provider.Address})
}

// reserve takes up space and pledge of a provider for a replica that is being assigned to it.
func (k *Keeper) reserve(
	ctx context.Context, params types.Params, provider types.Provider, deal types.Deal, index uint32, pledge sdkmath.Int,
) error {
	address, err := k.address(provider.Address)
	if err != nil {
		return err
	}
	provider.ReservedBytes += deal.SizeBytes
	provider.CommittedPledge = provider.CommittedPledge.Add(pledge)
	if err := k.assignments.Set(ctx, collections.Join(address, collections.Join(deal.Id, index))); err != nil {
		return fmt.Errorf("failed to index assignment: %w", err)
	}
	return k.setProvider(ctx, params, provider)
}

// release gives the space and the pledge of a reserving replica back to its provider, stops its earnings and takes slash, which may be
// zero, from the pledge; reporter, who may be nobody, has a share of it. The replica is left to the caller to write.
func (k *Keeper) release(ctx context.Context, deal types.Deal, replica *types.Replica, slash sdkmath.Int, reporter string) error {
	if err := k.stopEarning(ctx, deal, replica); err != nil {
		return err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	provider, err := k.Provider(ctx, replica.Provider)
	if err != nil {
		return err
	}
	address, err := k.address(provider.Address)
	if err != nil {
		return err
	}
	if provider.ReservedBytes < deal.SizeBytes {
		return errorsmod.Wrapf(types.ErrInvariant, "provider %s has %d bytes reserved, less than %d",
			provider.Address, provider.ReservedBytes, deal.SizeBytes)
	}
	provider.ReservedBytes -= deal.SizeBytes
	provider.CommittedPledge = provider.CommittedPledge.Sub(replica.Pledge)
	if replica.Held() {
		provider.ReplicasHeld--
	}
	if err := k.assignments.Remove(ctx, collections.Join(address, collections.Join(deal.Id, replica.Index))); err != nil {
		return fmt.Errorf("failed to remove assignment: %w", err)
	}
	if err := k.setProvider(ctx, params, provider); err != nil {
		return err
	}
	_, err = k.penalise(ctx, params, replica.Provider, slash, deal.Client, reporter)
	return err
}

// penalise takes an amount, or all that is there if that is less, from a provider's pledge and returns what it took. Client and
// reporter, who may be nobody, have their shares of it.
func (k *Keeper) penalise(
	ctx context.Context, params types.Params, address string, amount sdkmath.Int, client, reporter string,
) (sdkmath.Int, error) {
	provider, err := k.Provider(ctx, address)
	if err != nil {
		return sdkmath.Int{}, err
	}
	taken := sdkmath.MinInt(amount, provider.Pledge)
	if !taken.IsPositive() {
		return sdkmath.ZeroInt(), nil
	}
	if err := k.incentive.DistributeSlash(ctx, types.PledgeAccount, taken, client, reporter); err != nil {
		return sdkmath.Int{}, fmt.Errorf("failed to slash %s of the pledge of %s: %w", taken, address, err)
	}
	provider.Pledge = provider.Pledge.Sub(taken)
	provider.Slashed = provider.Slashed.Add(taken)
	return taken, k.setProvider(ctx, params, provider)
}

func coins(params types.Params, amount sdkmath.Int) sdk.Coins {
	return sdk.NewCoins(sdk.NewCoin(params.Denom, amount))
}
