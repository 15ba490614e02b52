package genesis

import (
	"fmt"

	"github.com/cometbft/cometbft/crypto"

	sdkmath "cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/ipdm-network/ipdm/app"
)

// Validator is one of a genesis state.
type Validator struct {
	Key      crypto.PubKey
	Operator sdk.ValAddress
	// Delegator is whose the stake is.
	Delegator sdk.AccAddress
}

// Bond puts validators with a stake each into a state, and returns the balance that backs them.
func Bond(cdc codec.Codec, state app.GenesisState, stake sdk.Coin, validators ...Validator) (banktypes.Balance, error) {
	shares := sdkmath.LegacyNewDecFromInt(stake.Amount)
	var bonded []stakingtypes.Validator
	var delegations []stakingtypes.Delegation
	for _, v := range validators {
		pub, err := cryptocodec.FromCmtPubKeyInterface(v.Key)
		if err != nil {
			return banktypes.Balance{}, fmt.Errorf("failed to convert a validator's key: %w", err)
		}
		packed, err := codectypes.NewAnyWithValue(pub)
		if err != nil {
			return banktypes.Balance{}, fmt.Errorf("failed to pack a validator's key: %w", err)
		}
		operator := v.Operator.String()
		bonded = append(bonded, stakingtypes.Validator{
			OperatorAddress: operator, ConsensusPubkey: packed, Status: stakingtypes.Unbonded,
			Tokens: stake.Amount, DelegatorShares: shares, MinSelfDelegation: sdkmath.OneInt(),
			Commission: stakingtypes.NewCommission(sdkmath.LegacyZeroDec(), sdkmath.LegacyZeroDec(), sdkmath.LegacyZeroDec()),
		})
		delegations = append(delegations, stakingtypes.NewDelegation(v.Delegator.String(), operator, shares))
	}
	Edit(cdc, state, stakingtypes.ModuleName, &stakingtypes.GenesisState{}, func(gs *stakingtypes.GenesisState) {
		gs.Validators, gs.Delegations = bonded, delegations
	})
	return banktypes.Balance{
		Address: authtypes.NewModuleAddress(stakingtypes.NotBondedPoolName).String(),
		Coins:   sdk.NewCoins(sdk.NewCoin(stake.Denom, stake.Amount.MulRaw(int64(len(validators))))),
	}, nil
}
