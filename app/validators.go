package app

import (
	"context"
	"errors"
	"fmt"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	slashingkeeper "github.com/cosmos/cosmos-sdk/x/slashing/keeper"
	stakingkeeper "github.com/cosmos/cosmos-sdk/x/staking/keeper"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// validators is what x/porep asks of the validators, answered by x/staking and
// x/slashing.
type validators struct {
	staking  *stakingkeeper.Keeper
	slashing slashingkeeper.Keeper
}

var _ poreptypes.Validators = validators{}

// TotalPower is the voting power of the validators of the last block.
func (v validators) TotalPower(ctx context.Context) (int64, error) {
	power, err := v.staking.GetLastTotalPower(ctx)
	if err != nil {
		return 0, fmt.Errorf("failed to read the total voting power: %w", err)
	}
	if !power.IsInt64() {
		return 0, fmt.Errorf("total voting power %s does not fit into 64 bits", power)
	}
	return power.Int64(), nil
}

// Operator is the account of a validator's operator.
func (v validators) Operator(ctx context.Context, address sdk.ConsAddress) (sdk.AccAddress, error) {
	validator, err := v.staking.GetValidatorByConsAddr(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("failed to find validator %s: %w", address, err)
	}
	operator, err := ValidatorAddressCodec().StringToBytes(validator.OperatorAddress)
	if err != nil {
		return nil, fmt.Errorf("failed to read the operator of validator %s: %w", address, err)
	}
	return operator, nil
}

// Punish slashes and jails a validator for what it said at height, unless it is
// out of reach: gone, unbonded or tombstoned.
func (v validators) Punish(ctx context.Context, address sdk.ConsAddress, height, power int64, bps uint32) error {
	validator, err := v.staking.GetValidatorByConsAddr(ctx, address)
	if errors.Is(err, stakingtypes.ErrNoValidatorFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("failed to find validator %s: %w", address, err)
	}
	if validator.IsUnbonded() || v.slashing.IsTombstoned(ctx, address) {
		return nil
	}
	fraction := sdkmath.LegacyNewDec(int64(bps)).QuoInt64(10_000)
	// The stake that voted at a height is that of the validator update delay before it.
	if err := v.slashing.Slash(ctx, address, fraction, power, height-sdk.ValidatorUpdateDelay); err != nil {
		return fmt.Errorf("failed to slash validator %s: %w", address, err)
	}
	if validator.IsJailed() {
		return nil
	}
	if err := v.slashing.Jail(ctx, address); err != nil {
		return fmt.Errorf("failed to jail validator %s: %w", address, err)
	}
	return nil
}
