package keeper

import (
	"context"
	"errors"
	"fmt"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/incentive/types"
)

// SealedBytesChanged gathers what the provider's bytes were worth so far and reckons with the new number from now on.
func (k *Keeper) SealedBytesChanged(ctx context.Context, provider string, bytes uint64) error {
	emission, err := k.Emission(ctx)
	if err != nil {
		return err
	}
	account, err := k.accrued(ctx, provider, emission)
	if err != nil {
		return err
	}
	if account.SealedBytes > emission.SealedBytes {
		return types.ErrInvariant.Wrapf("%s has %d of %d sealed bytes", provider, account.SealedBytes, emission.SealedBytes)
	}
	emission.SealedBytes = emission.SealedBytes - account.SealedBytes + bytes
	account.SealedBytes = bytes
	if err := k.setEmission(ctx, emission); err != nil {
		return err
	}
	return k.setAccount(ctx, account)
}

// SealedWindowClosed mints what the provider has gathered since its last window when this one was clean. Otherwise that is never minted; it
// returns how much it was.
func (k *Keeper) SealedWindowClosed(ctx context.Context, provider string, clean bool) (sdkmath.Int, error) {
	params, emission, err := k.present(ctx)
	if err != nil {
		return sdkmath.Int{}, err
	}
	account, err := k.accrued(ctx, provider, emission)
	if err != nil {
		return sdkmath.Int{}, err
	}
	totals, err := k.Totals(ctx)
	if err != nil {
		return sdkmath.Int{}, err
	}
	// Entries that have vested leave the account here, so that it stays small whether or not anybody claims.
	account.Release(sdk.UnwrapSDKContext(ctx).BlockTime())
	amount, rest := types.Whole(account.Pending)
	forfeited := sdkmath.ZeroInt()
	var event sdk.Msg
	if clean {
		account.Pending = rest
		if amount.IsPositive() {
			if err := k.mint(ctx, params, &totals, amount); err != nil {
				return sdkmath.Int{}, err
			}
			totals.ToStorage = totals.ToStorage.Add(amount)
		}
		immediate := account.Vest(params, sdk.UnwrapSDKContext(ctx).BlockTime(), amount)
		event = &types.EventRewardEarned{Provider: provider, Amount: amount.String(), Immediate: immediate.String()}
	} else {
		account.Pending, forfeited = sdkmath.ZeroInt(), amount
		account.Forfeited = account.Forfeited.Add(amount)
		totals.Forfeited = totals.Forfeited.Add(amount)
		event = &types.EventRewardForfeited{Provider: provider, Amount: amount.String()}
	}
	if err := k.setTotals(ctx, totals); err != nil {
		return sdkmath.Int{}, err
	}
	if err := k.setAccount(ctx, account); err != nil {
		return sdkmath.Int{}, err
	}
	return forfeited, emit(ctx, event)
}

// accrued returns the provider's account, up to the present index.
func (k *Keeper) accrued(ctx context.Context, provider string, emission types.Emission) (types.Account, error) {
	account, err := k.Account(ctx, provider)
	if errors.Is(err, types.ErrNoAccount) {
		return types.NewAccount(provider, emission.Index), nil
	}
	if err != nil {
		return types.Account{}, err
	}
	account.Accrue(emission.Index)
	return account, nil
}

// claim pays what is payable. It fails with ErrNoAccount or ErrNothingToClaim.
func (k *Keeper) claim(ctx context.Context, provider string) (sdkmath.Int, error) {
	params, err := k.Params(ctx)
	if err != nil {
		return sdkmath.Int{}, err
	}
	account, err := k.Account(ctx, provider)
	if err != nil {
		return sdkmath.Int{}, err
	}
	account.Release(sdk.UnwrapSDKContext(ctx).BlockTime())
	amount := account.Payable
	if !amount.IsPositive() {
		return sdkmath.Int{}, types.ErrNothingToClaim.Wrapf("%s are still to vest", account.Unvested())
	}
	account.Payable, account.Paid = sdkmath.ZeroInt(), account.Paid.Add(amount)
	address, err := k.address(provider)
	if err != nil {
		return sdkmath.Int{}, err
	}
	if err := k.bank.SendCoinsFromModuleToAccount(ctx, types.ModuleName, address, coins(params, amount)); err != nil {
		return sdkmath.Int{}, fmt.Errorf("failed to pay %s to %s: %w", amount, provider, err)
	}
	if err := k.setAccount(ctx, account); err != nil {
		return sdkmath.Int{}, err
	}
	return amount, emit(ctx, &types.EventRewardsClaimed{Provider: provider, Amount: amount.String()})
}
