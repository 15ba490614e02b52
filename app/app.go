package app

import (
	"encoding/json"
	"fmt"

	cmtabci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"

	"cosmossdk.io/log/v2"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
	reflectionv1 "cosmossdk.io/api/cosmos/reflection/v1"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/baseapp/txnrunner"
	"github.com/cosmos/cosmos-sdk/runtime/services"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/version"

	"github.com/ipdm-network/ipdm/app/abci"
	"github.com/ipdm-network/ipdm/app/beaconkey"
	"github.com/ipdm-network/ipdm/app/bridgesign"
	"github.com/ipdm-network/ipdm/app/inbound"
	"github.com/ipdm-network/ipdm/app/params"
	"github.com/ipdm-network/ipdm/app/verdict"
)

// App is the IPDM chain: an ABCI application that CometBFT drives. CometBFT
// serialises the calls of the consensus connection; queries may run beside them.
type App struct {
	*baseapp.BaseApp

	// Encoding holds the codecs.
	Encoding EncodingConfig
	// Keepers are the keepers of the modules.
	Keepers Keepers

	stores       stores
	modules      *module.Manager
	basics       module.BasicManager
	configurator module.Configurator
	preBlocker   *abci.PreBlocker
	outbox       *abci.Outbox
}

var _ servertypes.Application = (*App)(nil)

// Options are the parts of the application that vary between uses of it.
type Options struct {
	// SkipLoading leaves the newest version of the state unloaded: the caller
	// will load another one, or only wants the codecs.
	SkipLoading bool
	// Sources are what this node says in its vote extensions.
	Sources []abci.Source
	// BeaconKeys are the VRF keys of this node, nil if it has none.
	BeaconKeys *beaconkey.Ring
	// Upgrades replaces the list of known upgrades if it is not nil.
	Upgrades []Upgrade
}

// New makes the application on the given database. Close it after use.
func New(
	logger log.Logger, db dbm.DB, appOpts servertypes.AppOptions, opts Options, baseOpts ...func(*baseapp.BaseApp),
) (*App, error) {
	enc, err := NewEncodingConfig()
	if err != nil {
		return nil, err
	}

	baseOpts = append(baseOpts, baseapp.SetOptimisticExecution())
	base := baseapp.NewBaseApp(params.AppName, logger, db, enc.TxConfig.TxDecoder(), baseOpts...)
	base.SetVersion(version.Version)
	base.SetInterfaceRegistry(enc.InterfaceRegistry)
	base.SetTxEncoder(enc.TxConfig.TxEncoder())

	app := &App{BaseApp: base, Encoding: enc, stores: newStores()}
	if app.Keepers, err = newKeepers(base, enc, app.stores, appOpts, logger); err != nil {
		return nil, fmt.Errorf("failed to make the keepers: %w", err)
	}
	if err := app.registerModules(); err != nil {
		return nil, err
	}
	if err := app.setHandlers(logger, opts); err != nil {
		return nil, err
	}

	app.MountKVStores(app.stores.persistent)
	app.MountObjectStores(app.stores.objects)

	if opts.SkipLoading {
		return app, nil
	}
	if err := app.load(opts); err != nil {
		app.outbox.Close()
		return nil, err
	}
	return app, nil
}

// load prepares a due upgrade and loads the newest state.
func (app *App) load(opts Options) error {
	known := upgrades
	if opts.Upgrades != nil {
		known = opts.Upgrades
	}
	if err := app.setUpgrades(known); err != nil {
		return err
	}
	if err := app.LoadLatestVersion(); err != nil {
		return fmt.Errorf("failed to load the newest state: %w", err)
	}
	app.outbox.Committed(app.LastBlockHeight())
	return nil
}

// registerModules makes the modules and connects their services.
func (app *App) registerModules() error {
	app.modules = app.newManager()
	app.basics = newBasics(app.modules)
	app.basics.RegisterLegacyAminoCodec(app.Encoding.Amino)
	app.basics.RegisterInterfaces(app.Encoding.InterfaceRegistry)

	app.configurator = module.NewConfigurator(app.Encoding.Codec, app.MsgServiceRouter(), app.GRPCQueryRouter())
	if err := app.modules.RegisterServices(app.configurator); err != nil {
		return fmt.Errorf("failed to register the services of the modules: %w", err)
	}

	autocliv1.RegisterQueryServer(app.GRPCQueryRouter(), services.NewAutoCLIQueryService(app.modules.Modules))
	reflection, err := services.NewReflectionService()
	if err != nil {
		return fmt.Errorf("failed to make the reflection service: %w", err)
	}
	reflectionv1.RegisterReflectionServiceServer(app.GRPCQueryRouter(), reflection)
	return nil
}

// setHandlers connects the ABCI methods: the chain's own in app/abci, the
// modules through the manager.
func (app *App) setHandlers(logger log.Logger, opts Options) error {
	ante, err := newAnteHandler(&app.Keepers, app.Encoding.TxConfig)
	if err != nil {
		return err
	}
	handlers := []abci.SectionHandler{
		verdict.NewHandler(app.Keepers.Porep), bridgesign.NewHandler(app.Keepers.Bridge), inbound.NewHandler(app.Keepers.Bridge),
	}
	if app.preBlocker, err = abci.NewPreBlocker(app.Keepers.VoteExtensions, app.Keepers.Beacon, handlers...); err != nil {
		return fmt.Errorf("failed to make the pre-blocker: %w", err)
	}
	if app.outbox, err = abci.NewOutbox(logger, opts.Sources...); err != nil {
		return fmt.Errorf("failed to make the vote extension outbox: %w", err)
	}

	selector := abci.NewMempoolSelector(app.Mempool(), app.BaseApp)
	processRest := baseapp.NewDefaultProposalHandler(app.Mempool(), app.BaseApp).ProcessProposalHandler()
	app.SetPrepareProposal(abci.PrepareProposal(app.Keepers.Staking, app.Keepers.Beacon, opts.BeaconKeys, selector))
	app.SetProcessProposal(abci.ProcessProposal(app.Keepers.Staking, app.Keepers.Beacon, app.BaseApp, processRest))
	app.SetExtendVoteHandler(abci.ExtendVote(app.outbox))
	app.SetVerifyVoteExtensionHandler(abci.VerifyVoteExtension())
	app.SetBlockSTMTxRunner(abci.NewTxRunner(txnrunner.NewDefaultRunner(app.Encoding.TxConfig.TxDecoder())))

	app.SetAnteHandler(ante)
	app.SetInitChainer(app.initChain)
	app.SetPreBlocker(app.preBlock)
	app.SetBeginBlocker(app.modules.BeginBlock)
	app.SetEndBlocker(app.modules.EndBlock)
	app.SetPrepareCheckStater(app.afterCommit)
	return nil
}

// initChain sets the state up from genesis.
func (app *App) initChain(ctx sdk.Context, req *cmtabci.RequestInitChain) (*cmtabci.ResponseInitChain, error) {
	var state GenesisState
	if err := json.Unmarshal(req.AppStateBytes, &state); err != nil {
		return nil, fmt.Errorf("failed to parse the genesis state: %w", err)
	}
	if err := app.Keepers.Upgrade.SetModuleVersionMap(ctx, app.modules.GetVersionMap()); err != nil {
		return nil, fmt.Errorf("failed to record the module versions: %w", err)
	}
	return app.modules.InitGenesis(ctx, app.Encoding.Codec, state)
}

// preBlock lets the modules run first, since one of them carries out upgrades,
// and then applies what the block injects.
func (app *App) preBlock(ctx sdk.Context, req *cmtabci.RequestFinalizeBlock) (*sdk.ResponsePreBlock, error) {
	resp, err := app.modules.PreBlock(ctx)
	if err != nil {
		return nil, fmt.Errorf("failed to run the modules before the block: %w", err)
	}
	if err := app.preBlocker.PreBlock(ctx, req); err != nil {
		return nil, fmt.Errorf("failed to apply the injection: %w", err)
	}
	return resp, nil
}

// afterCommit runs once the block is on disk.
func (app *App) afterCommit(ctx sdk.Context) {
	if err := app.modules.PrepareCheckState(ctx); err != nil {
		app.Logger().Error("failed to prepare the check state", "height", ctx.BlockHeight(), "err", err)
	}
	app.outbox.Committed(ctx.BlockHeight())
}

// CheckTx implements the ABCI method. It refuses injections, which only a
// proposer may put in a block.
func (app *App) CheckTx(req *cmtabci.RequestCheckTx) (*cmtabci.ResponseCheckTx, error) {
	if abci.IsInjection(req.Tx) {
		err := sdkerrors.ErrInvalidRequest.Wrap("injections are not transactions")
		return sdkerrors.ResponseCheckTxWithEvents(err, 0, 0, nil, false), nil
	}
	return app.BaseApp.CheckTx(req)
}

// LoadHeight loads the state of the given height instead of the newest.
func (app *App) LoadHeight(height int64) error {
	if err := app.LoadVersion(height); err != nil {
		return fmt.Errorf("failed to load the state of height %d: %w", height, err)
	}
	return nil
}

// Modules returns the modules by name, for the command line.
func (app *App) Modules() *module.Manager { return app.modules }

// Basics returns what the modules offer without state: genesis and codecs.
func (app *App) Basics() module.BasicManager { return app.basics }

// Close ends the goroutines of the application and closes its database. It may
// be called more than once.
func (app *App) Close() error {
	app.outbox.Close()
	return app.BaseApp.Close()
}
