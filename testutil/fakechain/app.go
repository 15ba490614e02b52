package fakechain

import (
	"context"
	"fmt"
	"sync"

	abci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/evm/crypto/ethsecp256k1"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	addresscodec "github.com/cosmos/cosmos-sdk/codec/address"
	"github.com/cosmos/cosmos-sdk/codec/legacy"
	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	"github.com/cosmos/cosmos-sdk/x/auth/ante"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/x/anchor"
	anchorkeeper "github.com/ipdm-network/ipdm/x/anchor/keeper"
	anchortypes "github.com/ipdm-network/ipdm/x/anchor/types"
	beaconkeeper "github.com/ipdm-network/ipdm/x/beacon/keeper"
	beacontypes "github.com/ipdm-network/ipdm/x/beacon/types"
	"github.com/ipdm-network/ipdm/x/incentive"
	incentivekeeper "github.com/ipdm-network/ipdm/x/incentive/keeper"
	incentivetypes "github.com/ipdm-network/ipdm/x/incentive/types"
	marketkeeper "github.com/ipdm-network/ipdm/x/market/keeper"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	"github.com/ipdm-network/ipdm/x/porep"
	porepkeeper "github.com/ipdm-network/ipdm/x/porep/keeper"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// keepers are the modules of the chain.
type keepers struct {
	account   authkeeper.AccountKeeper
	bank      bankkeeper.BaseKeeper
	anchor    *anchorkeeper.Keeper
	beacon    *beaconkeeper.Keeper
	incentive *incentivekeeper.Keeper
	market    *marketkeeper.Keeper
	porep     *porepkeeper.Keeper
}

const (
	mintAccount      = "mint"
	communityAccount = "community"
)

// communityPool is the account that shares for the community are sent to.
type communityPool struct{ bank bankkeeper.BaseKeeper }

// FundCommunityPool implements incentivetypes.CommunityPool.
func (p communityPool) FundCommunityPool(ctx context.Context, amount sdk.Coins, sender sdk.AccAddress) error {
	return p.bank.SendCoinsFromAccountToModule(ctx, sender, communityAccount, amount)
}

// registerKeyType makes the ante handler able to measure eth_secp256k1 keys, as the real application does.
var registerKeyType = sync.OnceFunc(func() {
	legacy.Cdc.RegisterConcrete(&ethsecp256k1.PubKey{}, ethsecp256k1.PubKeyName, nil)
})

// newApp makes the application. judge records verdicts on seals before a block's transactions.
func newApp(encoding *chain.Encoding, options Options, judge func(sdk.Context) error) (*baseapp.BaseApp, *keepers, error) {
	registerKeyType()
	app := baseapp.NewBaseApp("fakechain", log.NewNopLogger(), dbm.NewMemDB(), encoding.TxConfig.TxDecoder(),
		baseapp.SetChainID(options.ChainID))
	app.SetInterfaceRegistry(encoding.Registry)
	app.SetTxEncoder(encoding.TxConfig.TxEncoder())

	keys := storetypes.NewKVStoreKeys(authtypes.StoreKey, banktypes.StoreKey, anchortypes.StoreKey, beacontypes.StoreKey,
		incentivetypes.StoreKey, markettypes.StoreKey, poreptypes.StoreKey)
	app.MountKVStores(keys)
	k, err := newKeepers(encoding, keys)
	if err != nil {
		return nil, nil, err
	}
	router := module.NewConfigurator(encoding.Codec, app.MsgServiceRouter(), app.GRPCQueryRouter())
	authtypes.RegisterQueryServer(router.QueryServer(), authkeeper.NewQueryServer(k.account))
	banktypes.RegisterQueryServer(router.QueryServer(), k.bank)
	banktypes.RegisterMsgServer(router.MsgServer(), bankkeeper.NewMsgServerImpl(k.bank))
	beacontypes.RegisterQueryServer(router.QueryServer(), beaconkeeper.NewQueryServer(k.beacon))
	anchor.NewAppModule(k.anchor).RegisterServices(router)
	porep.NewAppModule(k.porep).RegisterServices(router)
	incentive.NewAppModule(k.incentive).RegisterServices(router)
	markettypes.RegisterQueryServer(router.QueryServer(), marketkeeper.NewQueryServer(k.market))
	markettypes.RegisterMsgServer(router.MsgServer(), marketkeeper.NewMsgServer(k.market))

	handler, err := ante.NewAnteHandler(ante.HandlerOptions{
		AccountKeeper: k.account, BankKeeper: k.bank, SignModeHandler: encoding.TxConfig.SignModeHandler(), SigGasConsumer: signatureGas,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("failed to make the ante handler: %w", err)
	}
	app.SetAnteHandler(handler)
	app.SetInitChainer(func(ctx sdk.Context, _ *abci.RequestInitChain) (*abci.ResponseInitChain, error) {
		return &abci.ResponseInitChain{}, k.initGenesis(ctx, options)
	})
	app.SetPreBlocker(func(ctx sdk.Context, request *abci.RequestFinalizeBlock) (*sdk.ResponsePreBlock, error) {
		if err := k.beacon.Advance(ctx, request.Height, request.ProposerAddress, nil); err != nil {
			return nil, err
		}
		return &sdk.ResponsePreBlock{}, judge(ctx)
	})
	app.SetBeginBlocker(func(ctx sdk.Context) (sdk.BeginBlock, error) {
		if err := k.incentive.BeginBlock(ctx); err != nil {
			return sdk.BeginBlock{}, err
		}
		if err := k.porep.BeginBlock(ctx); err != nil {
			return sdk.BeginBlock{}, err
		}
		return sdk.BeginBlock{}, k.market.BeginBlock(ctx)
	})
	if err := app.LoadLatestVersion(); err != nil {
		return nil, nil, fmt.Errorf("failed to load the state: %w", err)
	}
	return app, k, nil
}

func newKeepers(encoding *chain.Encoding, keys map[string]*storetypes.KVStoreKey) (*keepers, error) {
	service := func(name string) *storetypes.KVStoreKey { return keys[name] }
	addresses := addresscodec.NewBech32Codec(chain.AddressPrefix)
	authority, err := addresses.BytesToString(authtypes.NewModuleAddress("gov"))
	if err != nil {
		return nil, fmt.Errorf("failed to format the authority: %w", err)
	}
	k := &keepers{}
	k.account = authkeeper.NewAccountKeeper(encoding.Codec, runtime.NewKVStoreService(service(authtypes.StoreKey)),
		authtypes.ProtoBaseAccount, map[string][]string{
			authtypes.FeeCollectorName: nil, mintAccount: {authtypes.Minter},
			markettypes.EscrowAccount: nil, markettypes.PledgeAccount: nil, poreptypes.DepositAccount: nil, communityAccount: nil,
			incentivetypes.ModuleName: {authtypes.Minter, authtypes.Burner},
		}, addresses, chain.AddressPrefix, authority)
	k.bank = bankkeeper.NewBaseKeeper(encoding.Codec, runtime.NewKVStoreService(service(banktypes.StoreKey)), k.account, nil,
		authority, log.NewNopLogger())
	if k.anchor, err = anchorkeeper.New(encoding.Codec, runtime.NewKVStoreService(service(anchortypes.StoreKey)), addresses,
		authority); err != nil {
		return nil, err
	}
	if k.beacon, err = beaconkeeper.New(encoding.Codec, runtime.NewKVStoreService(service(beacontypes.StoreKey)), nil,
		addresscodec.NewBech32Codec(chain.AddressPrefix+"valoper"), addresscodec.NewBech32Codec(chain.AddressPrefix+"valcons"),
		authority); err != nil {
		return nil, err
	}
	if k.incentive, err = incentivekeeper.New(encoding.Codec, runtime.NewKVStoreService(service(incentivetypes.StoreKey)), k.account,
		k.bank, communityPool{k.bank}, authtypes.FeeCollectorName, authority); err != nil {
		return nil, err
	}
	if k.porep, err = porepkeeper.New(encoding.Codec, runtime.NewKVStoreService(service(poreptypes.StoreKey)), addresses,
		porepkeeper.Deps{Beacon: k.beacon, Bank: k.bank, Rewards: k.incentive, Validators: onlyValidator{}, Accounts: k.account}, authority); err != nil {
		return nil, err
	}
	if k.market, err = marketkeeper.New(encoding.Codec, runtime.NewKVStoreService(service(markettypes.StoreKey)), k.account, k.bank,
		k.porep, k.incentive, k.beacon, authority); err != nil {
		return nil, err
	}
	k.porep.SetHooks(k.market, k.market)
	return k, nil
}

func (k *keepers) initGenesis(ctx sdk.Context, options Options) error {
	k.account.InitGenesis(ctx, *authtypes.DefaultGenesisState())
	k.bank.InitGenesis(ctx, banktypes.DefaultGenesisState())
	if err := k.anchor.InitGenesis(ctx, *anchortypes.DefaultGenesis()); err != nil {
		return err
	}
	if err := k.beacon.InitGenesis(ctx, *beacontypes.DefaultGenesis()); err != nil {
		return err
	}
	incentiveGenesis := incentivetypes.DefaultGenesis()
	incentiveGenesis.Params = incentivetypes.LocalnetParams()
	if err := k.incentive.InitGenesis(ctx, *incentiveGenesis); err != nil {
		return err
	}
	porepGenesis := poreptypes.DefaultGenesis()
	porepGenesis.Params = options.Porep
	if err := k.porep.InitGenesis(ctx, *porepGenesis); err != nil {
		return err
	}
	marketGenesis := markettypes.DefaultGenesis()
	marketGenesis.Params = options.Market
	if err := k.market.InitGenesis(ctx, *marketGenesis); err != nil {
		return err
	}
	for address, amount := range options.Funds {
		raw, err := chain.ParseAddress(address)
		if err != nil {
			return err
		}
		coins := sdk.NewCoins(sdk.NewCoin(chain.BaseDenom, amount))
		if err := k.bank.MintCoins(ctx, mintAccount, coins); err != nil {
			return err
		}
		if err := k.bank.SendCoinsFromModuleToAccount(ctx, mintAccount, raw, coins); err != nil {
			return err
		}
	}
	return nil
}

// signatureGas accepts both account key types.
func signatureGas(meter storetypes.GasMeter, sig signing.SignatureV2, params authtypes.Params) error {
	if _, ok := sig.PubKey.(*ethsecp256k1.PubKey); ok {
		meter.ConsumeGas(21_000, "eth_secp256k1")
		return nil
	}
	return ante.DefaultSigVerificationGasConsumer(meter, sig, params)
}
