package types

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
)

// Staking finds validators by their operator.
type Staking interface {
	GetValidator(ctx context.Context, operator sdk.ValAddress) (stakingtypes.Validator, error)
}
