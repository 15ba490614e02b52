package adversary_test

import (
	"encoding/json"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/ipdm-network/ipdm/app/params"
	incentivetypes "github.com/ipdm-network/ipdm/x/incentive/types"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"

	"github.com/ipdm-network/ipdm/testutil/genesis"
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
	known := authtypes.GenesisAccounts{}
	for i, a := range w.accounts {
		a.number = uint64(i)
		known = append(known, authtypes.NewBaseAccount(a.address, nil, a.number, 0))
	}
	var validators []genesis.Validator
	for i, v := range w.validators {
		operator := sdk.AccAddress(v.operator())
		known = append(known, authtypes.NewBaseAccount(operator, nil, uint64(len(w.accounts)+i), 0))
		validators = append(validators, genesis.Validator{Key: v.key.PubKey(), Operator: v.operator(), Delegator: operator})
	}
	cdc := w.app.Encoding.Codec
	pool, err := genesis.Bond(cdc, state, params.IPDM(stakeIPDM), validators...)
	require.NoError(w, err)
	balances := []banktypes.Balance{pool}
	for _, a := range w.accounts {
		balances = append(balances, banktypes.Balance{Address: a.text, Coins: sdk.NewCoins(params.IPDM(wealthIPDM))})
	}
	state[authtypes.ModuleName] = cdc.MustMarshalJSON(authtypes.NewGenesisState(authtypes.DefaultParams(), known))
	genesis.Edit(cdc, state, banktypes.ModuleName, &banktypes.GenesisState{}, func(gs *banktypes.GenesisState) { gs.Balances = balances })
	genesis.Edit(cdc, state, poreptypes.ModuleName, &poreptypes.GenesisState{}, func(gs *poreptypes.GenesisState) {
		gs.Params = poreptypes.LocalnetParams()
		if edit != nil {
			edit(&gs.Params)
		}
	})
	genesis.Edit(cdc, state, markettypes.ModuleName, &markettypes.GenesisState{}, func(gs *markettypes.GenesisState) {
		gs.Params = markettypes.LocalnetParams()
	})
	genesis.Edit(cdc, state, incentivetypes.ModuleName, &incentivetypes.GenesisState{}, func(gs *incentivetypes.GenesisState) {
		gs.Params = incentivetypes.LocalnetParams()
	})
	raw, err := json.Marshal(state)
	require.NoError(w, err)
	return raw
}

// operator is the account that stands behind the validator.
func (v *validator) operator() sdk.ValAddress { return sdk.ValAddress(v.address()) }
