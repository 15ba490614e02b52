package keeper

import (
	"context"
	"fmt"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/incentive/types"
)

// CheckInvariants walks all accounts and fails with ErrInvariant unless: the module's account holds what is payable and what vests; earned
// is what was paid, is payable and vests; what was minted went to one of the three shares; the accounts' sealed bytes add up; no
// account is ahead of the index; and none has more vesting entries than steps of the vesting time. It is for tests and simulation.
func (k *Keeper) CheckInvariants(ctx context.Context) error {
	params, emission, err := k.present(ctx)
	if err != nil {
		return err
	}
	totals, err := k.Totals(ctx)
	if err != nil {
		return err
	}
	owed, earned, bytes := sdkmath.ZeroInt(), sdkmath.ZeroInt(), uint64(0)
	err = k.providers.Walk(ctx, nil, func(_ sdk.AccAddress, a types.Account) (bool, error) {
		owed = owed.Add(a.Payable).Add(a.Unvested())
		earned = earned.Add(a.Earned)
		bytes += a.SealedBytes
		switch {
		case !a.Earned.Equal(a.Paid.Add(a.Payable).Add(a.Unvested())):
			return true, types.ErrInvariant.Wrapf("%s has earned %s, paid %s, payable %s, vesting %s", a.Provider, a.Earned, a.Paid, a.Payable, a.Unvested())
		case a.Index.GT(emission.Index):
			return true, types.ErrInvariant.Wrapf("%s is ahead of the index", a.Provider)
		case len(a.Vesting) > types.MaxVestingEntries:
			return true, types.ErrInvariant.Wrapf("%s has %d vesting entries", a.Provider, len(a.Vesting))
		}
		return false, nil
	})
	if err != nil {
		return fmt.Errorf("failed to check the accounts: %w", err)
	}
	held := k.bank.GetBalance(ctx, k.accounts.GetModuleAddress(types.ModuleName), params.Denom).Amount
	switch {
	case !held.Equal(owed):
		return types.ErrInvariant.Wrapf("the module holds %s, want %s", held, owed)
	case bytes != emission.SealedBytes:
		return types.ErrInvariant.Wrapf("accounts have %d sealed bytes, want %d", bytes, emission.SealedBytes)
	case !earned.Equal(totals.ToStorage):
		return types.ErrInvariant.Wrapf("accounts have earned %s, want %s", earned, totals.ToStorage)
	case !totals.Minted.Equal(totals.ToStorage.Add(totals.ToStaking).Add(totals.ToCommunity)):
		return types.ErrInvariant.Wrapf("minted %s is not the sum of its shares", totals.Minted)
	}
	return nil
}
