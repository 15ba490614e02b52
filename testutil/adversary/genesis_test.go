package adversary_test

import (
	"encoding/json"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/ipdm-network/ipdm/app"
	"github.com/ipdm-network/ipdm/app/params"
	incentivetypes "github.com/ipdm-network/ipdm/x/incentive/types"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

const (
	denom = params.BaseDenom
	// stakeIPDM is what stands behind each validator, wealthIPDM what everybody else begins with.
	stakeIPDM  = 1_000
	wealthIPDM = 10_000
)

// genesis is a state with the validators and accounts and the parameters of a localnet, of which edit may change those of proofs.
func (w *world) genesis(edit func(*poreptypes.Params)) json.RawMessage {
	w.Helper()
	state := w.app.DefaultGenesis()
	stake := params.IPDM(stakeIPDM)
	known := authtypes.GenesisAccounts{}
	for i, a := range w.accounts {
		a.number = uint64(i)
		known = append(known, authtypes.NewBaseAccount(a.address, nil, a.number, 0))
	}
	var validators []stakingtypes.Validator
	var delegations []stakingtypes.Delegation
	for i, v := range w.validators {
		pub, err := cryptocodec.FromCmtPubKeyInterface(v.key.PubKey())
		require.NoError(w, err)
		packed, err := codectypes.NewAnyWithValue(pub)
		require.NoError(w, err)
		operator := v.operator()
		known = append(known, authtypes.NewBaseAccount(sdk.AccAddress(operator), nil, uint64(len(w.accounts)+i), 0))
		validators = append(validators, stakingtypes.Validator{
			OperatorAddress: operator.String(), ConsensusPubkey: packed, Status: stakingtypes.Unbonded,
			Tokens: stake.Amount, DelegatorShares: sdkmath.LegacyNewDecFromInt(stake.Amount), MinSelfDelegation: sdkmath.OneInt(),
			Commission: stakingtypes.NewCommission(sdkmath.LegacyZeroDec(), sdkmath.LegacyZeroDec(), sdkmath.LegacyZeroDec()),
		})
		delegations = append(delegations, stakingtypes.NewDelegation(
			sdk.AccAddress(operator).String(), operator.String(), sdkmath.LegacyNewDecFromInt(stake.Amount)))
	}
	balances := []banktypes.Balance{{
		Address: authtypes.NewModuleAddress(stakingtypes.NotBondedPoolName).String(),
		Coins:   sdk.NewCoins(sdk.NewCoin(denom, stake.Amount.MulRaw(int64(len(validators))))),
	}}
	for _, a := range w.accounts {
		balances = append(balances, banktypes.Balance{Address: a.text, Coins: sdk.NewCoins(params.IPDM(wealthIPDM))})
	}
	state[authtypes.ModuleName] = w.app.Encoding.Codec.MustMarshalJSON(authtypes.NewGenesisState(authtypes.DefaultParams(), known))
	editState(w, state, stakingtypes.ModuleName, &stakingtypes.GenesisState{}, func(gs *stakingtypes.GenesisState) {
		gs.Validators, gs.Delegations = validators, delegations
	})
	editState(w, state, banktypes.ModuleName, &banktypes.GenesisState{}, func(gs *banktypes.GenesisState) { gs.Balances = balances })
	editState(w, state, poreptypes.ModuleName, &poreptypes.GenesisState{}, func(gs *poreptypes.GenesisState) {
		gs.Params = poreptypes.LocalnetParams()
		if edit != nil {
			edit(&gs.Params)
		}
	})
	editState(w, state, markettypes.ModuleName, &markettypes.GenesisState{}, func(gs *markettypes.GenesisState) {
		gs.Params = markettypes.LocalnetParams()
	})
	editState(w, state, incentivetypes.ModuleName, &incentivetypes.GenesisState{}, func(gs *incentivetypes.GenesisState) {
		gs.Params = incentivetypes.LocalnetParams()
	})
	raw, err := json.Marshal(state)
	require.NoError(w, err)
	return raw
}

func editState[G proto.Message](w *world, state app.GenesisState, module string, gs G, change func(G)) {
	w.Helper()
	w.app.Encoding.Codec.MustUnmarshalJSON(state[module], gs)
	change(gs)
	state[module] = w.app.Encoding.Codec.MustMarshalJSON(gs)
}

// operator is the account that stands behind the validator.
func (v *validator) operator() sdk.ValAddress { return sdk.ValAddress(v.address()) }
