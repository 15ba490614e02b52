package types

import (
	"context"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/ipdm-network/ipdm/x/anchor/trie"
)

// Staking is what the bridge asks of x/staking.
type Staking interface {
	GetValidator(ctx context.Context, operator sdk.ValAddress) (stakingtypes.Validator, error)
	IterateBondedValidatorsByPower(ctx context.Context, each func(index int64, validator stakingtypes.ValidatorI) (stop bool)) error
	PowerReduction(ctx context.Context) sdkmath.Int
}

// Validators punishes them.
type Validators interface {
	// Active tells whether a validator takes part in consensus: bonded, and not jailed.
	Active(ctx context.Context, address sdk.ConsAddress) (bool, error)
	// Jail jails an active validator.
	Jail(ctx context.Context, address sdk.ConsAddress) error
	// Tombstone slashes a validator by a part of its stake in 1/10000 and keeps it from ever validating again, unless it is out of
	// reach: gone, unbonded or tombstoned. It tells whether it was not. The stake is that of power, or what the validator has now if
	// that is less, and what has begun to unbond since height.
	Tombstone(ctx context.Context, address sdk.ConsAddress, height, power int64, bps uint32) (punished bool, err error)
	// TotalPower is the voting power of all validators.
	TotalPower(ctx context.Context) (int64, error)
	// Power is the voting power of a validator, 0 if it has none.
	Power(ctx context.Context, address sdk.ConsAddress) (int64, error)
}

// Bank moves value.
type Bank interface {
	SendCoinsFromAccountToModule(ctx context.Context, from sdk.AccAddress, module string, coins sdk.Coins) error
	SendCoinsFromModuleToAccount(ctx context.Context, module string, to sdk.AccAddress, coins sdk.Coins) error
	MintCoins(ctx context.Context, module string, coins sdk.Coins) error
	BurnCoins(ctx context.Context, module string, coins sdk.Coins) error
	// BlockedAddr tells whether an account may not receive value.
	BlockedAddr(address sdk.AccAddress) bool
	// IsSendEnabledCoins fails if governance lets none of a denomination be sent.
	IsSendEnabledCoins(ctx context.Context, coins ...sdk.Coin) error
	SetDenomMetaData(ctx context.Context, metadata banktypes.Metadata)
	GetBalance(ctx context.Context, address sdk.AccAddress, denom string) sdk.Coin
	GetSupply(ctx context.Context, denom string) sdk.Coin
}

// Anchors is what the bridge asks of x/anchor.
type Anchors interface {
	AnchorRoot(ctx context.Context) (trie.Root, error)
}
