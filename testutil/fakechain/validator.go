package fakechain

import (
	"context"
	"errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// validator is the address and the account of the one validator, who has all the power.
var validator = authtypes.NewModuleAddress("fakechain validator")

// onlyValidator is what the modules know of the validators.
type onlyValidator struct{}

var _ poreptypes.Validators = onlyValidator{}

// TotalPower implements poreptypes.Validators.
func (onlyValidator) TotalPower(context.Context) (int64, error) { return 1, nil }

// Operator implements poreptypes.Validators.
func (onlyValidator) Operator(_ context.Context, address sdk.ConsAddress) (sdk.AccAddress, error) {
	if !address.Equals(sdk.ConsAddress(validator)) {
		return nil, errors.New("no such validator")
	}
	return validator, nil
}

// Punish implements poreptypes.Validators.
func (onlyValidator) Punish(context.Context, sdk.ConsAddress, int64, int64, uint32) error { return nil }

// Judge makes the validator give a verdict on every seal proof from now on. The verdict is the same for all; what was not judged before
// waits for it.
func (c *Chain) Judge(valid bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.verdict = &valid
}

// Recuse makes the validator give no verdicts from now on.
func (c *Chain) Recuse() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.verdict = nil
}

// judge records the validator's verdict on what waits for one, as the votes of a block do. The caller holds mu.
func (c *Chain) judge(ctx sdk.Context) error {
	if c.verdict == nil {
		return nil
	}
	pending, err := porepQueries(c.keepers).PendingSeals(ctx, &poreptypes.QueryPendingSealsRequest{})
	if err != nil {
		return err
	}
	for _, seal := range pending.Seals {
		err := c.keepers.porep.RecordVerdict(ctx, sdk.ConsAddress(validator), 1, ctx.BlockHeight(), seal.SealId, *c.verdict)
		if err != nil {
			return err
		}
	}
	return nil
}
