package keeper

import (
	"context"
	"fmt"
	"time"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/incentive/types"
)

// BeginBlock emits what the time since the last block is worth: the stakers' share to the fee collector, the community's to its pool,
// and the storage share to the index, which providers are paid by when they have proven. Its cost does not depend on
// how many providers there are.
func (k *Keeper) BeginBlock(goCtx context.Context) error {
	ctx := sdk.UnwrapSDKContext(goCtx)
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	emission, err := k.Emission(ctx)
	if err != nil {
		return err
	}
	now := ctx.BlockTime()
	passed := min(now.Sub(emission.LastTime), params.MaxBlockTime)
	if passed <= 0 {
		return nil
	}
	perSecond := params.PerSecond(emission.LastTime.Sub(emission.StartedAt))
	shares := params.SplitEmission(types.Emitted(perSecond, passed))
	emission.LastTime = now
	if emission.SealedBytes > 0 {
		emission.Index = emission.Index.Add(params.IndexGrowth(shares.Storage, emission.SealedBytes))
	}
	if err := k.setEmission(ctx, emission); err != nil {
		return err
	}
	return k.payShares(ctx, params, shares)
}

// payShares mints the shares that are paid at once.
func (k *Keeper) payShares(ctx context.Context, params types.Params, shares types.Shares) error {
	totals, err := k.Totals(ctx)
	if err != nil {
		return err
	}
	if shares.Staking.IsPositive() {
		if err := k.mint(ctx, params, &totals, shares.Staking); err != nil {
			return err
		}
		totals.ToStaking = totals.ToStaking.Add(shares.Staking)
		if err := k.bank.SendCoinsFromModuleToModule(ctx, types.ModuleName, k.feeCollector, coins(params, shares.Staking)); err != nil {
			return fmt.Errorf("failed to pay the stakers' share: %w", err)
		}
	}
	if shares.Community.IsPositive() {
		if err := k.mint(ctx, params, &totals, shares.Community); err != nil {
			return err
		}
		totals.ToCommunity = totals.ToCommunity.Add(shares.Community)
		sender := k.accounts.GetModuleAddress(types.ModuleName)
		if err := k.pool.FundCommunityPool(ctx, coins(params, shares.Community), sender); err != nil {
			return fmt.Errorf("failed to pay the community's share: %w", err)
		}
	}
	return k.setTotals(ctx, totals)
}

// mint makes coins for the module's account and counts them in totals, which the caller writes.
func (k *Keeper) mint(ctx context.Context, params types.Params, totals *types.Totals, amount sdkmath.Int) error {
	if err := k.bank.MintCoins(ctx, types.ModuleName, coins(params, amount)); err != nil {
		return fmt.Errorf("failed to mint %s: %w", amount, err)
	}
	totals.Minted = totals.Minted.Add(amount)
	return nil
}

// perSecond returns the present emission of a second.
func (k *Keeper) perSecond(ctx context.Context, params types.Params, emission types.Emission) sdkmath.Int {
	return params.PerSecond(sdk.UnwrapSDKContext(ctx).BlockTime().Sub(emission.StartedAt))
}

// SealedPledge returns the pledge that so many sealed bytes take now, in aipdm.
func (k *Keeper) SealedPledge(ctx context.Context, sizeBytes uint64) (sdkmath.Int, error) {
	params, emission, err := k.present(ctx)
	if err != nil {
		return sdkmath.Int{}, err
	}
	supply := k.bank.GetSupply(ctx, params.Denom).Amount
	return params.SealedPledge(k.perSecond(ctx, params, emission), supply, sizeBytes, emission.SealedBytes), nil
}

// RewardEstimate returns the storage reward that so many sealed bytes would gather in a time of d at present, in aipdm.
func (k *Keeper) RewardEstimate(ctx context.Context, sizeBytes uint64, d time.Duration) (sdkmath.Int, error) {
	params, emission, err := k.present(ctx)
	if err != nil {
		return sdkmath.Int{}, err
	}
	return params.ExpectedReward(k.perSecond(ctx, params, emission), sizeBytes, emission.SealedBytes, max(d, 0)), nil
}

func (k *Keeper) present(ctx context.Context) (types.Params, types.Emission, error) {
	params, err := k.Params(ctx)
	if err != nil {
		return types.Params{}, types.Emission{}, err
	}
	emission, err := k.Emission(ctx)
	return params, emission, err
}
