package keeper

import (
	"context"
	"fmt"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/incentive/types"
)

// DistributeSlash splits an amount that a module account holds: part is burned, part goes to the client that was wronged or, without
// one, to the community pool, and part to the reporter or, without one, is burned as well. Client and reporter are addresses in
// text or empty; whoever cannot be paid counts as absent. It fails with ErrInvalidAmount, and when the account has not so much.
func (k *Keeper) DistributeSlash(ctx context.Context, fromModule string, amount sdkmath.Int, client, reporter string) error {
	if amount.IsNil() || !amount.IsPositive() {
		return types.ErrInvalidAmount.Wrapf("slash of %s", amount)
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	totals, err := k.Totals(ctx)
	if err != nil {
		return err
	}
	shares := params.SplitSlash(amount)
	event := &types.EventSlashDistributed{
		Amount: amount.String(), ToClient: "0", ToCommunity: "0", ToReporter: "0", Client: client, Reporter: reporter,
	}
	if to, ok := k.payable(reporter); ok && shares.Reporter.IsPositive() {
		if err := k.bank.SendCoinsFromModuleToAccount(ctx, fromModule, to, coins(params, shares.Reporter)); err != nil {
			return fmt.Errorf("failed to pay the reporter: %w", err)
		}
		event.ToReporter = shares.Reporter.String()
	} else {
		shares.Burn = shares.Burn.Add(shares.Reporter)
	}
	if err := k.payRepair(ctx, params, fromModule, client, shares.Repair, event); err != nil {
		return err
	}
	if shares.Burn.IsPositive() {
		if err := k.bank.SendCoinsFromModuleToModule(ctx, fromModule, types.ModuleName, coins(params, shares.Burn)); err != nil {
			return fmt.Errorf("failed to take %s from %s: %w", shares.Burn, fromModule, err)
		}
		if err := k.bank.BurnCoins(ctx, types.ModuleName, coins(params, shares.Burn)); err != nil {
			return fmt.Errorf("failed to burn %s: %w", shares.Burn, err)
		}
	}
	event.Burned = shares.Burn.String()
	totals.Burned = totals.Burned.Add(shares.Burn)
	totals.Slashed = totals.Slashed.Add(amount)
	if err := k.setTotals(ctx, totals); err != nil {
		return err
	}
	return emit(ctx, event)
}

// payRepair pays the share of the client, or of the community.
func (k *Keeper) payRepair(
	ctx context.Context, params types.Params, fromModule, client string, amount sdkmath.Int, event *types.EventSlashDistributed,
) error {
	if !amount.IsPositive() {
		return nil
	}
	if to, ok := k.payable(client); ok {
		if err := k.bank.SendCoinsFromModuleToAccount(ctx, fromModule, to, coins(params, amount)); err != nil {
			return fmt.Errorf("failed to pay the client: %w", err)
		}
		event.ToClient = amount.String()
		return nil
	}
	if err := k.pool.FundCommunityPool(ctx, coins(params, amount), k.accounts.GetModuleAddress(fromModule)); err != nil {
		return fmt.Errorf("failed to pay the community: %w", err)
	}
	event.ToCommunity = amount.String()
	return nil
}

// payable returns the address of someone who can be paid.
func (k *Keeper) payable(who string) (sdk.AccAddress, bool) {
	if who == "" {
		return nil, false
	}
	address, err := k.address(who)
	if err != nil || k.bank.BlockedAddr(address) {
		return nil, false
	}
	return address, true
}
