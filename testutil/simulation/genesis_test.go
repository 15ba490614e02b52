package simulation_test

import (
	"encoding/json"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/ipdm-network/ipdm/app"
	"github.com/ipdm-network/ipdm/app/params"
	incentivetypes "github.com/ipdm-network/ipdm/x/incentive/types"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

const (
	balanceIPDM  = 10_000
	votingPeriod = 5 * time.Second
)

// genesis is a state with one validator, whose stake is the first account's, and with accounts of equal wealth.
func (c *chain) genesis(accounts []*account) app.GenesisState {
	c.Helper()
	state := c.app.DefaultGenesis()
	stake := params.IPDM(stakeIPDM)
	pub, err := cryptocodec.FromCmtPubKeyInterface(c.validator.PubKey())
	require.NoError(c, err)
	packed, err := codectypes.NewAnyWithValue(pub)
	require.NoError(c, err)
	operator := sdk.ValAddress(c.validator.PubKey().Address()).String()
	edit(c, state, stakingtypes.ModuleName, &stakingtypes.GenesisState{}, func(gs *stakingtypes.GenesisState) {
		gs.Validators = []stakingtypes.Validator{{
			OperatorAddress: operator, ConsensusPubkey: packed, Status: stakingtypes.Unbonded,
			Tokens: stake.Amount, DelegatorShares: sdkmath.LegacyNewDecFromInt(stake.Amount), MinSelfDelegation: sdkmath.OneInt(),
			Commission: stakingtypes.NewCommission(sdkmath.LegacyZeroDec(), sdkmath.LegacyZeroDec(), sdkmath.LegacyZeroDec()),
		}}
		gs.Delegations = []stakingtypes.Delegation{
			stakingtypes.NewDelegation(accounts[0].text, operator, sdkmath.LegacyNewDecFromInt(stake.Amount)),
		}
	})

	var known authtypes.GenesisAccounts
	balances := []banktypes.Balance{{
		Address: authtypes.NewModuleAddress(stakingtypes.NotBondedPoolName).String(), Coins: sdk.NewCoins(stake),
	}}
	for i, a := range accounts {
		a.number = uint64(i)
		known = append(known, authtypes.NewBaseAccount(a.address, nil, a.number, 0))
		balances = append(balances, banktypes.Balance{Address: a.text, Coins: sdk.NewCoins(params.IPDM(balanceIPDM))})
	}
	state[authtypes.ModuleName] = c.app.Encoding.Codec.MustMarshalJSON(authtypes.NewGenesisState(authtypes.DefaultParams(), known))
	edit(c, state, banktypes.ModuleName, &banktypes.GenesisState{}, func(gs *banktypes.GenesisState) { gs.Balances = balances })
	edit(c, state, govtypes.ModuleName, &govv1.GenesisState{}, func(gs *govv1.GenesisState) {
		voting, expedited := votingPeriod, votingPeriod/2
		gs.Params.VotingPeriod, gs.Params.ExpeditedVotingPeriod = &voting, &expedited
		gs.Params.MinDeposit = sdk.NewCoins(params.IPDM(1))
	})
	return state
}

// setOwnParams replaces the parameters of this project's modules.
func (c *chain) setOwnParams(state app.GenesisState, porep poreptypes.Params, market markettypes.Params, incentive incentivetypes.Params) {
	c.Helper()
	edit(c, state, poreptypes.ModuleName, &poreptypes.GenesisState{}, func(gs *poreptypes.GenesisState) { gs.Params = porep })
	edit(c, state, markettypes.ModuleName, &markettypes.GenesisState{}, func(gs *markettypes.GenesisState) { gs.Params = market })
	edit(c, state, incentivetypes.ModuleName, &incentivetypes.GenesisState{}, func(gs *incentivetypes.GenesisState) { gs.Params = incentive })
}

// start begins the chain with a state.
func (c *chain) start(state app.GenesisState) {
	c.Helper()
	raw, err := json.Marshal(state)
	require.NoError(c, err)
	c.begin(raw, app.DefaultConsensusParams().ToProto(), 1, genesisTime)
}

func edit[G proto.Message](c *chain, state app.GenesisState, module string, gs G, change func(G)) {
	c.Helper()
	c.app.Encoding.Codec.MustUnmarshalJSON(state[module], gs)
	change(gs)
	state[module] = c.app.Encoding.Codec.MustMarshalJSON(gs)
}
