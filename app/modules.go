package app

import (
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/x/auth"
	authsims "github.com/cosmos/cosmos-sdk/x/auth/simulation"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/auth/vesting"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	authzmodule "github.com/cosmos/cosmos-sdk/x/authz/module"
	"github.com/cosmos/cosmos-sdk/x/bank"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/consensus"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	distr "github.com/cosmos/cosmos-sdk/x/distribution"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	"github.com/cosmos/cosmos-sdk/x/epochs"
	epochstypes "github.com/cosmos/cosmos-sdk/x/epochs/types"
	"github.com/cosmos/cosmos-sdk/x/evidence"
	evidencetypes "github.com/cosmos/cosmos-sdk/x/evidence/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"
	feegrantmodule "github.com/cosmos/cosmos-sdk/x/feegrant/module"
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	"github.com/cosmos/cosmos-sdk/x/gov"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	"github.com/cosmos/cosmos-sdk/x/slashing"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	"github.com/cosmos/cosmos-sdk/x/staking"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	"github.com/cosmos/cosmos-sdk/x/upgrade"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	"github.com/ipdm-network/ipdm/x/anchor"
	anchortypes "github.com/ipdm-network/ipdm/x/anchor/types"
	"github.com/ipdm-network/ipdm/x/beacon"
	beacontypes "github.com/ipdm-network/ipdm/x/beacon/types"
	"github.com/ipdm-network/ipdm/x/bridge"
	bridgetypes "github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/incentive"
	incentivetypes "github.com/ipdm-network/ipdm/x/incentive/types"
	"github.com/ipdm-network/ipdm/x/market"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	"github.com/ipdm-network/ipdm/x/porep"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// A new module adds one line to newManager and its name to each of the orders
// below that it takes part in. The manager refuses to start when an order
// forgets a module that has work to do in it.

// preBlockOrder runs before anything else in a block.
var preBlockOrder = []string{
	upgradetypes.ModuleName,
	authtypes.ModuleName,
}

// beginBlockOrder: incentive mints what distribution then pays on; distribution
// pays out what slashing could otherwise take; porep closes its windows before
// the market settles what became due.
var beginBlockOrder = []string{
	incentivetypes.ModuleName,
	distrtypes.ModuleName,
	slashingtypes.ModuleName,
	evidencetypes.ModuleName,
	stakingtypes.ModuleName,
	authz.ModuleName,
	epochstypes.ModuleName,
	poreptypes.ModuleName,
	markettypes.ModuleName,
}

// endBlockOrder: bank is first, so that everyone after it sees the balances
// that were credited during the block; bridge is last, since its checkpoints
// are of what the others leave.
var endBlockOrder = []string{
	banktypes.ModuleName,
	govtypes.ModuleName,
	stakingtypes.ModuleName,
	feegrant.ModuleName,
	bridgetypes.ModuleName,
}

// genesisOrder: accounts and balances first; genutil after staking, because its
// transactions create the first validators.
var genesisOrder = []string{
	authtypes.ModuleName,
	banktypes.ModuleName,
	distrtypes.ModuleName,
	stakingtypes.ModuleName,
	slashingtypes.ModuleName,
	govtypes.ModuleName,
	evidencetypes.ModuleName,
	authz.ModuleName,
	feegrant.ModuleName,
	vestingtypes.ModuleName,
	upgradetypes.ModuleName,
	consensustypes.ModuleName,
	epochstypes.ModuleName,
	beacontypes.ModuleName,
	anchortypes.ModuleName,
	bridgetypes.ModuleName,
	incentivetypes.ModuleName,
	poreptypes.ModuleName,
	markettypes.ModuleName,
	genutiltypes.ModuleName,
}

// newManager makes the modules and sets the orders in which they run.
func (app *App) newManager() *module.Manager {
	cdc, registry, k := app.Encoding.Codec, app.Encoding.InterfaceRegistry, &app.Keepers
	manager := module.NewManager(
		genutil.NewAppModule(k.Account, k.Staking, app, app.Encoding.TxConfig),
		auth.NewAppModule(cdc, k.Account, authsims.RandomGenesisAccounts, nil),
		vesting.NewAppModule(k.Account, k.Bank),
		bank.NewAppModule(cdc, k.Bank, k.Account, nil),
		feegrantmodule.NewAppModule(cdc, k.Account, k.Bank, k.FeeGrant, registry),
		authzmodule.NewAppModule(cdc, k.Authz, k.Account, k.Bank, registry),
		gov.NewAppModule(cdc, k.Gov, k.Account, k.Bank, nil),
		slashing.NewAppModule(cdc, k.Slashing, k.Account, k.Bank, k.Staking, nil, registry),
		distr.NewAppModule(cdc, k.Distribution, k.Account, k.Bank, k.Staking, nil),
		staking.NewAppModule(cdc, k.Staking, k.Account, k.Bank, nil),
		upgrade.NewAppModule(k.Upgrade, AccountAddressCodec()),
		evidence.NewAppModule(*k.Evidence),
		consensus.NewAppModule(cdc, k.Consensus),
		epochs.NewAppModule(k.Epochs),
		beacon.NewAppModule(k.Beacon),
		anchor.NewAppModule(k.Anchor),
		bridge.NewAppModule(k.Bridge),
		incentive.NewAppModule(k.Incentive),
		porep.NewAppModule(k.Porep),
		market.NewAppModule(k.Market),
	)
	manager.SetOrderPreBlockers(preBlockOrder...)
	manager.SetOrderBeginBlockers(beginBlockOrder...)
	manager.SetOrderEndBlockers(endBlockOrder...)
	manager.SetOrderInitGenesis(genesisOrder...)
	manager.SetOrderExportGenesis(genesisOrder...)
	return manager
}
