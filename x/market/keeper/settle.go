package keeper

import (
	"context"
	"fmt"

	sdkmath "cosmossdk.io/math"

	"github.com/ipdm-network/ipdm/x/market/types"
)

// settle pays a replica's provider for the time proven since the last settlement. It changes deal and replica, which the
// caller writes, and writes the provider.
func (k *Keeper) settle(ctx context.Context, deal *types.Deal, replica *types.Replica) (sdkmath.Int, error) {
	if !replica.Accruing {
		return sdkmath.ZeroInt(), nil
	}
	proven, err := k.porep.ProvenTime(ctx, replica.Provider, replica.Class)
	if err != nil {
		return sdkmath.Int{}, fmt.Errorf("failed to read proven time of %s: %w", replica.Provider, err)
	}
	amount, paidFor := types.Earned(replica.PricePerGibHour, deal.SizeBytes, proven-replica.AccruedTo, replica.Budget)
	replica.AccruedTo += paidFor
	if !amount.IsPositive() {
		return sdkmath.ZeroInt(), nil
	}
	params, err := k.Params(ctx)
	if err != nil {
		return sdkmath.Int{}, err
	}
	provider, err := k.Provider(ctx, replica.Provider)
	if err != nil {
		return sdkmath.Int{}, err
	}
	address, err := k.address(provider.Address)
	if err != nil {
		return sdkmath.Int{}, err
	}
	if err := k.bank.SendCoinsFromModuleToAccount(ctx, types.EscrowAccount, address, coins(params, amount)); err != nil {
		return sdkmath.Int{}, fmt.Errorf("failed to pay %s to %s: %w", amount, provider.Address, err)
	}
	replica.Budget = replica.Budget.Sub(amount)
	deal.Paid = deal.Paid.Add(amount)
	provider.Earned = provider.Earned.Add(amount)
	if err := k.setProvider(ctx, params, provider); err != nil {
		return sdkmath.Int{}, err
	}
	return amount, emit(ctx, &types.EventSettled{
		DealId: deal.Id, Index: replica.Index, Provider: provider.Address, Amount: amount.String(),
	})
}

// settleDeal settles all replicas of a deal and returns what was paid. Replicas that disagree with x/porep are reconciled
// first, which may finish the deal.
func (k *Keeper) settleDeal(ctx context.Context, id uint64) (sdkmath.Int, error) {
	if err := k.reconcile(ctx, id); err != nil {
		return sdkmath.Int{}, err
	}
	deal, err := k.Deal(ctx, id)
	if err != nil {
		return sdkmath.Int{}, err
	}
	replicas, err := k.Replicas(ctx, deal)
	if err != nil {
		return sdkmath.Int{}, err
	}
	paid := sdkmath.ZeroInt()
	for _, replica := range replicas {
		if !replica.Accruing {
			continue
		}
		amount, err := k.settle(ctx, &deal, &replica)
		if err != nil {
			return sdkmath.Int{}, err
		}
		if err := k.setReplica(ctx, replica); err != nil {
			return sdkmath.Int{}, err
		}
		paid = paid.Add(amount)
	}
	return paid, k.setDeal(ctx, deal)
}
