package simulation_test

import (
	"encoding/json"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/ipdm-network/ipdm/app"
	"github.com/ipdm-network/ipdm/app/params"
	incentivetypes "github.com/ipdm-network/ipdm/x/incentive/types"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"

	"github.com/ipdm-network/ipdm/testutil/genesis"
)

const (
	balanceIPDM  = 10_000
	votingPeriod = 5 * time.Second
)

// genesis is a state with one validator, whose stake is the first account's, and with accounts of equal wealth.
func (c *chain) genesis(accounts []*account) app.GenesisState {
	c.Helper()
	state := c.app.DefaultGenesis()
	cdc := c.app.Encoding.Codec
	pool, err := genesis.Bond(cdc, state, params.IPDM(stakeIPDM), genesis.Validator{
		Key: c.validator.PubKey(), Operator: sdk.ValAddress(c.validator.PubKey().Address()), Delegator: accounts[0].address,
	})
	require.NoError(c, err)

	var known authtypes.GenesisAccounts
	balances := []banktypes.Balance{pool}
	for i, a := range accounts {
		a.number = uint64(i)
		known = append(known, authtypes.NewBaseAccount(a.address, nil, a.number, 0))
		balances = append(balances, banktypes.Balance{Address: a.text, Coins: sdk.NewCoins(params.IPDM(balanceIPDM))})
	}
	state[authtypes.ModuleName] = cdc.MustMarshalJSON(authtypes.NewGenesisState(authtypes.DefaultParams(), known))
	genesis.Edit(cdc, state, banktypes.ModuleName, &banktypes.GenesisState{}, func(gs *banktypes.GenesisState) { gs.Balances = balances })
	genesis.Edit(cdc, state, govtypes.ModuleName, &govv1.GenesisState{}, func(gs *govv1.GenesisState) {
		voting, expedited := votingPeriod, votingPeriod/2
		gs.Params.VotingPeriod, gs.Params.ExpeditedVotingPeriod = &voting, &expedited
		gs.Params.MinDeposit = sdk.NewCoins(params.IPDM(1))
	})
	return state
}

// setOwnParams replaces the parameters of this project's modules.
func (c *chain) setOwnParams(state app.GenesisState, porep poreptypes.Params, market markettypes.Params, incentive incentivetypes.Params) {
	c.Helper()
	genesis.Edit(c.app.Encoding.Codec, state, poreptypes.ModuleName, &poreptypes.GenesisState{}, func(gs *poreptypes.GenesisState) { gs.Params = porep })
	genesis.Edit(c.app.Encoding.Codec, state, markettypes.ModuleName, &markettypes.GenesisState{}, func(gs *markettypes.GenesisState) { gs.Params = market })
	genesis.Edit(c.app.Encoding.Codec, state, incentivetypes.ModuleName, &incentivetypes.GenesisState{}, func(gs *incentivetypes.GenesisState) { gs.Params = incentive })
}

// start begins the chain with a state.
func (c *chain) start(state app.GenesisState) {
	c.Helper()
	raw, err := json.Marshal(state)
	require.NoError(c, err)
	c.begin(raw, app.DefaultConsensusParams().ToProto(), 1, genesisTime)
}
