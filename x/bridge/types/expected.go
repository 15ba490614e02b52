package types

import (
	"context"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/ipdm-network/ipdm/x/anchor/trie"
)

// Staking is what the bridge asks of x/staking.
type Staking interface {
	GetValidator(ctx context.Context, operator sdk.ValAddress) (stakingtypes.Validator, error)
	IterateBondedValidatorsByPower(ctx context.Context, each func(index int64, validator stakingtypes.ValidatorI) (stop bool)) error
	PowerReduction(ctx context.Context) sdkmath.Int
}

// Anchors is what the bridge asks of x/anchor.
type Anchors interface {
	AnchorRoot(ctx context.Context) (trie.Root, error)
}
