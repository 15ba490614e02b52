package keeper

import (
	"context"
	"fmt"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
)

// Hooks follow x/staking.
type Hooks struct{ keeper *Keeper }

var _ stakingtypes.StakingHooks = Hooks{}

// Hooks returns what x/staking is to call.
func (k *Keeper) Hooks() Hooks { return Hooks{k} }

// AfterValidatorRemoved forgets the key of a validator that exists no longer.
func (h Hooks) AfterValidatorRemoved(ctx context.Context, consensusAddress sdk.ConsAddress, _ sdk.ValAddress) error {
	if err := h.keeper.keys.Remove(ctx, consensusAddress); err != nil {
		return fmt.Errorf("failed to remove the key of %X: %w", consensusAddress.Bytes(), err)
	}
	return nil
}

// AfterValidatorCreated does nothing.
func (Hooks) AfterValidatorCreated(context.Context, sdk.ValAddress) error { return nil }

// BeforeValidatorModified does nothing.
func (Hooks) BeforeValidatorModified(context.Context, sdk.ValAddress) error { return nil }

// AfterValidatorBonded does nothing.
func (Hooks) AfterValidatorBonded(context.Context, sdk.ConsAddress, sdk.ValAddress) error { return nil }

// AfterValidatorBeginUnbonding does nothing.
func (Hooks) AfterValidatorBeginUnbonding(context.Context, sdk.ConsAddress, sdk.ValAddress) error {
	return nil
}

// BeforeDelegationCreated does nothing.
func (Hooks) BeforeDelegationCreated(context.Context, sdk.AccAddress, sdk.ValAddress) error {
	return nil
}

// BeforeDelegationSharesModified does nothing.
func (Hooks) BeforeDelegationSharesModified(context.Context, sdk.AccAddress, sdk.ValAddress) error {
	return nil
}

// BeforeDelegationRemoved does nothing.
func (Hooks) BeforeDelegationRemoved(context.Context, sdk.AccAddress, sdk.ValAddress) error {
	return nil
}

// AfterDelegationModified does nothing.
func (Hooks) AfterDelegationModified(context.Context, sdk.AccAddress, sdk.ValAddress) error {
	return nil
}

// BeforeValidatorSlashed does nothing.
func (Hooks) BeforeValidatorSlashed(context.Context, sdk.ValAddress, sdkmath.LegacyDec) error {
	return nil
}

// AfterUnbondingInitiated does nothing.
func (Hooks) AfterUnbondingInitiated(context.Context, uint64) error { return nil }
