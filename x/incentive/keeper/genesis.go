package keeper

import (
	"context"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/incentive/types"
)

// InitGenesis writes a genesis state. The emission of a new chain begins at its genesis time. It fails with what Validate fails
// with, and when the module's account does not hold what it owes.
func (k *Keeper) InitGenesis(goCtx context.Context, gs types.GenesisState) error {
	ctx := sdk.UnwrapSDKContext(goCtx)
	if err := gs.Validate(); err != nil {
		return err
	}
	if k.accounts.GetModuleAccount(ctx, types.ModuleName) == nil {
		return fmt.Errorf("failed to make module account %s", types.ModuleName)
	}
	if err := k.params.Set(ctx, gs.Params); err != nil {
		return fmt.Errorf("failed to write the parameters: %w", err)
	}
	if err := k.setTotals(ctx, gs.Totals); err != nil {
		return err
	}
	if gs.Emission.StartedAt.IsZero() {
		gs.Emission.StartedAt, gs.Emission.LastTime = ctx.BlockTime(), ctx.BlockTime()
	}
	if err := k.setEmission(ctx, gs.Emission); err != nil {
		return err
	}
	for _, account := range gs.Accounts {
		if err := k.setAccount(ctx, account); err != nil {
			return err
		}
	}
	return k.CheckInvariants(ctx)
}

// ExportGenesis returns the whole state, accounts in the order of their addresses.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, emission, err := k.present(ctx)
	if err != nil {
		return nil, err
	}
	totals, err := k.Totals(ctx)
	if err != nil {
		return nil, err
	}
	gs := &types.GenesisState{Params: params, Totals: totals, Emission: emission}
	err = k.providers.Walk(ctx, nil, func(_ sdk.AccAddress, account types.Account) (bool, error) {
		gs.Accounts = append(gs.Accounts, account)
		return false, nil
	})
	if err != nil {
		return nil, fmt.Errorf("failed to read the accounts: %w", err)
	}
	return gs, nil
}
