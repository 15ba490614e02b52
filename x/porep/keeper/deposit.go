package keeper

import (
	"context"
	"fmt"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// lock takes a deposit or a bond from an account.
func (k *Keeper) lock(ctx context.Context, params types.Params, from string, amount sdkmath.Int) error {
	address, err := k.addresses.StringToBytes(from)
	if err != nil {
		return types.ErrInvalidAddress.Wrapf("%q: %s", from, err)
	}
	coins := sdk.NewCoins(sdk.NewCoin(params.Denom, amount))
	if err := k.Bank.SendCoinsFromAccountToModule(ctx, address, types.DepositAccount, coins); err != nil {
		return fmt.Errorf("failed to lock %s of %s: %w", coins, from, err)
	}
	return nil
}

// unlock pays what is locked, or part of it, to an account.
func (k *Keeper) unlock(ctx context.Context, to string, amount sdkmath.Int) error {
	address, err := k.addresses.StringToBytes(to)
	if err != nil {
		return types.ErrInvalidAddress.Wrapf("%q: %s", to, err)
	}
	return k.unlockTo(ctx, address, amount)
}

func (k *Keeper) unlockTo(ctx context.Context, to sdk.AccAddress, amount sdkmath.Int) error {
	if !amount.IsPositive() {
		return nil
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	coins := sdk.NewCoins(sdk.NewCoin(params.Denom, amount))
	if err := k.Bank.SendCoinsFromModuleToAccount(ctx, types.DepositAccount, to, coins); err != nil {
		return fmt.Errorf("failed to pay %s: %w", coins, err)
	}
	return nil
}

// forfeit takes an amount from the deposit of a sector, which the caller writes, for whoever reported its provider, and others.
func (k *Keeper) forfeit(ctx context.Context, sector *types.Sector, amount sdkmath.Int, reporter string) error {
	sector.Deposit = sector.Deposit.Sub(amount)
	if !amount.IsPositive() {
		return nil
	}
	if err := k.Rewards.DistributeSlash(ctx, types.DepositAccount, amount, "", reporter); err != nil {
		return fmt.Errorf("failed to distribute the deposit of sector %d: %w", sector.Id, err)
	}
	return nil
}

// giveBack returns what is left of the deposit of a sector, which the caller writes, to its provider.
func (k *Keeper) giveBack(ctx context.Context, sector *types.Sector) error {
	amount := sector.Deposit
	sector.Deposit = sdkmath.ZeroInt()
	return k.unlock(ctx, sector.Provider, amount)
}
