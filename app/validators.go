package app

import (
	"context"
	"errors"
	"fmt"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	evidencetypes "github.com/cosmos/cosmos-sdk/x/evidence/types"
	slashingkeeper "github.com/cosmos/cosmos-sdk/x/slashing/keeper"
	stakingkeeper "github.com/cosmos/cosmos-sdk/x/staking/keeper"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	bridgetypes "github.com/ipdm-network/ipdm/x/bridge/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// validators is what x/porep and x/bridge ask of the validators, answered by
// x/staking and x/slashing.
type validators struct {
	staking  *stakingkeeper.Keeper
	slashing slashingkeeper.Keeper
}

var (
	_ poreptypes.Validators  = validators{}
	_ bridgetypes.Validators = validators{}
)

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

// Power is the voting power of a validator in the last block, 0 if it had none.
func (v validators) Power(ctx context.Context, address sdk.ConsAddress) (int64, error) {
	validator, err := v.staking.GetValidatorByConsAddr(ctx, address)
	if errors.Is(err, stakingtypes.ErrNoValidatorFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("failed to find validator %s: %w", address, err)
	}
	operator, err := ValidatorAddressCodec().StringToBytes(validator.OperatorAddress)
	if err != nil {
		return 0, fmt.Errorf("failed to read the operator of validator %s: %w", address, err)
	}
	power, err := v.staking.GetLastValidatorPower(ctx, operator)
	if err != nil {
		return 0, fmt.Errorf("failed to read the power of validator %s: %w", address, err)
	}
	return power, nil
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
	return v.jail(ctx, address)
}

func (v validators) jail(ctx context.Context, address sdk.ConsAddress) error {
	if err := v.slashing.Jail(ctx, address); err != nil {
		return fmt.Errorf("failed to jail validator %s: %w", address, err)
	}
	return nil
}

// Active tells whether a validator takes part in consensus: bonded, and not
// jailed.
func (v validators) Active(ctx context.Context, address sdk.ConsAddress) (bool, error) {
	validator, err := v.staking.GetValidatorByConsAddr(ctx, address)
	if errors.Is(err, stakingtypes.ErrNoValidatorFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("failed to find validator %s: %w", address, err)
	}
	return validator.IsBonded() && !validator.IsJailed(), nil
}

// Jail jails an active validator. It can be unjailed after the time that
// x/slashing asks for downtime.
func (v validators) Jail(ctx context.Context, address sdk.ConsAddress) error {
	if err := v.jail(ctx, address); err != nil {
		return err
	}
	duration, err := v.slashing.DowntimeJailDuration(ctx)
	if err != nil {
		return fmt.Errorf("failed to read the time in jail: %w", err)
	}
	if err := v.slashing.JailUntil(ctx, address, sdk.UnwrapSDKContext(ctx).BlockTime().Add(duration)); err != nil {
		return fmt.Errorf("failed to set the time in jail of validator %s: %w", address, err)
	}
	return nil
}

// Tombstone punishes a validator for what it said at height, and for ever,
// unless it is out of reach: gone, unbonded or tombstoned. It tells whether it
// was not. It slashes no more than the stake that the validator has now.
func (v validators) Tombstone(ctx context.Context, address sdk.ConsAddress, height, power int64, bps uint32) (punished bool, err error) {
	validator, err := v.staking.GetValidatorByConsAddr(ctx, address)
	if errors.Is(err, stakingtypes.ErrNoValidatorFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("failed to find validator %s: %w", address, err)
	}
	if validator.IsUnbonded() || v.slashing.IsTombstoned(ctx, address) {
		return false, nil
	}
	power = min(power, validator.GetConsensusPower(v.staking.PowerReduction(ctx)))
	if err := v.Punish(ctx, address, height, power, bps); err != nil {
		return false, err
	}
	if err := v.slashing.JailUntil(ctx, address, evidencetypes.DoubleSignJailEndTime); err != nil {
		return false, fmt.Errorf("failed to jail validator %s for ever: %w", address, err)
	}
	if err := v.slashing.Tombstone(ctx, address); err != nil {
		return false, fmt.Errorf("failed to tombstone validator %s: %w", address, err)
	}
	return true, nil
}
