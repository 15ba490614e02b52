package app

import (
	"encoding/json"
	"time"

	cmttypes "github.com/cometbft/cometbft/types"

	sdkmath "cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/x/bank"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	"github.com/cosmos/cosmos-sdk/x/gov"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	"github.com/cosmos/cosmos-sdk/x/slashing"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	"github.com/cosmos/cosmos-sdk/x/staking"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/ipdm-network/ipdm/app/params"
)

const (
	// unbondingTime is how long stake stays slashable after it is withdrawn.
	unbondingTime = 21 * 24 * time.Hour

	// evidenceMaxAgeBlocks is unbondingTime in blocks of half a second.
	evidenceMaxAgeBlocks = 3_628_800

	// maxBlockBytes is the largest block.
	maxBlockBytes = 4 << 20

	// maxBlockGas is the most gas that the transactions of a block may want.
	maxBlockGas = 100_000_000
)

// GenesisState is the genesis of all modules, by name.
type GenesisState map[string]json.RawMessage

// DefaultGenesis returns the genesis state of a new chain without accounts and
// validators.
func (app *App) DefaultGenesis() GenesisState {
	return app.basics.DefaultGenesis(app.Encoding.Codec)
}

// DefaultConsensusParams returns the consensus parameters of a new chain: vote
// extensions from the first block on, and evidence that counts for as long as
// the stake behind it can be slashed.
func DefaultConsensusParams() *cmttypes.ConsensusParams {
	p := cmttypes.DefaultConsensusParams()
	p.Block.MaxBytes = maxBlockBytes
	p.Block.MaxGas = maxBlockGas
	p.Evidence.MaxAgeNumBlocks = evidenceMaxAgeBlocks
	p.Evidence.MaxAgeDuration = unbondingTime
	p.Validator.PubKeyTypes = []string{cmttypes.ABCIPubKeyTypeEd25519}
	p.ABCI.VoteExtensionsEnableHeight = 1
	return p
}

// newBasics collects what the modules offer without state, with the default
// genesis of this chain where it differs from that of the SDK.
func newBasics(manager *module.Manager) module.BasicManager {
	basicOf := func(name string) module.AppModuleBasic { return manager.Modules[name].(module.AppModuleBasic) }
	return module.NewBasicManagerFromManager(manager, map[string]module.AppModuleBasic{
		genutiltypes.ModuleName:  genutil.NewAppModuleBasic(genutiltypes.DefaultMessageValidator),
		banktypes.ModuleName:     bankBasic{basicOf(banktypes.ModuleName).(bank.AppModule)},
		govtypes.ModuleName:      govBasic{basicOf(govtypes.ModuleName).(gov.AppModule)},
		slashingtypes.ModuleName: slashingBasic{basicOf(slashingtypes.ModuleName).(slashing.AppModule)},
		stakingtypes.ModuleName:  stakingBasic{basicOf(stakingtypes.ModuleName).(staking.AppModule)},
	})
}

type bankBasic struct{ bank.AppModule }

// DefaultGenesis describes the coin to wallets.
func (bankBasic) DefaultGenesis(cdc codec.JSONCodec) json.RawMessage {
	state := banktypes.DefaultGenesisState()
	state.DenomMetadata = []banktypes.Metadata{{
		Description: "The coin of the IPDM network",
		DenomUnits: []*banktypes.DenomUnit{
			{Denom: params.BaseDenom, Exponent: 0},
			{Denom: params.DisplayDenom, Exponent: params.DenomDecimals},
		},
		Base:    params.BaseDenom,
		Display: params.DisplayDenom,
		Name:    "IPDM",
		Symbol:  "IPDM",
	}}
	return cdc.MustMarshalJSON(state)
}

type govBasic struct{ gov.AppModule }

// DefaultGenesis asks for deposits that mean something with 18 decimals.
func (govBasic) DefaultGenesis(cdc codec.JSONCodec) json.RawMessage {
	state := govv1.DefaultGenesisState()
	state.Params.MinDeposit = sdk.NewCoins(params.IPDM(1_000))
	state.Params.ExpeditedMinDeposit = sdk.NewCoins(params.IPDM(5_000))
	return cdc.MustMarshalJSON(state)
}

type slashingBasic struct{ slashing.AppModule }

// DefaultGenesis jails a validator that misses 95% of 10,000 blocks: more than
// an hour in production, so that a crash and a restart cost nothing.
func (slashingBasic) DefaultGenesis(cdc codec.JSONCodec) json.RawMessage {
	state := slashingtypes.DefaultGenesisState()
	state.Params.SignedBlocksWindow = 10_000
	state.Params.MinSignedPerWindow = sdkmath.LegacyNewDecWithPrec(5, 2)
	return cdc.MustMarshalJSON(state)
}

type stakingBasic struct{ staking.AppModule }

// DefaultGenesis keeps no historical headers: nothing on this chain reads them,
// and the SDK would write the whole validator set into state every block.
func (stakingBasic) DefaultGenesis(cdc codec.JSONCodec) json.RawMessage {
	state := stakingtypes.DefaultGenesisState()
	state.Params.BondDenom = params.BaseDenom
	state.Params.UnbondingTime = unbondingTime
	state.Params.HistoricalEntries = 0
	return cdc.MustMarshalJSON(state)
}
