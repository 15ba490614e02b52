// Package stakinghooks has hooks of x/staking that do nothing, for modules to embed that follow some of what happens to validators
// (paper section 3.4).
package stakinghooks

import (
	"context"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
)

// None does nothing.
type None struct{}

var _ stakingtypes.StakingHooks = None{}

// AfterValidatorRemoved does nothing.
func (None) AfterValidatorRemoved(context.Context, sdk.ConsAddress, sdk.ValAddress) error { return nil }

// AfterValidatorCreated does nothing.
func (None) AfterValidatorCreated(context.Context, sdk.ValAddress) error { return nil }

// BeforeValidatorModified does nothing.
func (None) BeforeValidatorModified(context.Context, sdk.ValAddress) error { return nil }

// AfterValidatorBonded does nothing.
func (None) AfterValidatorBonded(context.Context, sdk.ConsAddress, sdk.ValAddress) error { return nil }

// AfterValidatorBeginUnbonding does nothing.
func (None) AfterValidatorBeginUnbonding(context.Context, sdk.ConsAddress, sdk.ValAddress) error {
	return nil
}

// BeforeDelegationCreated does nothing.
func (None) BeforeDelegationCreated(context.Context, sdk.AccAddress, sdk.ValAddress) error {
	return nil
}

// BeforeDelegationSharesModified does nothing.
func (None) BeforeDelegationSharesModified(context.Context, sdk.AccAddress, sdk.ValAddress) error {
	return nil
}

// BeforeDelegationRemoved does nothing.
func (None) BeforeDelegationRemoved(context.Context, sdk.AccAddress, sdk.ValAddress) error {
	return nil
}

// AfterDelegationModified does nothing.
func (None) AfterDelegationModified(context.Context, sdk.AccAddress, sdk.ValAddress) error {
	return nil
}

// BeforeValidatorSlashed does nothing.
func (None) BeforeValidatorSlashed(context.Context, sdk.ValAddress, sdkmath.LegacyDec) error {
	return nil
}

// AfterUnbondingInitiated does nothing.
func (None) AfterUnbondingInitiated(context.Context, uint64) error { return nil }
