package app

import (
	"fmt"

	"github.com/spf13/cast"

	"cosmossdk.io/core/store"
	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/server"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	authzkeeper "github.com/cosmos/cosmos-sdk/x/authz/keeper"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensuskeeper "github.com/cosmos/cosmos-sdk/x/consensus/keeper"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	distrkeeper "github.com/cosmos/cosmos-sdk/x/distribution/keeper"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	epochskeeper "github.com/cosmos/cosmos-sdk/x/epochs/keeper"
	epochstypes "github.com/cosmos/cosmos-sdk/x/epochs/types"
	evidencekeeper "github.com/cosmos/cosmos-sdk/x/evidence/keeper"
	evidencetypes "github.com/cosmos/cosmos-sdk/x/evidence/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"
	feegrantkeeper "github.com/cosmos/cosmos-sdk/x/feegrant/keeper"
	govkeeper "github.com/cosmos/cosmos-sdk/x/gov/keeper"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	slashingkeeper "github.com/cosmos/cosmos-sdk/x/slashing/keeper"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingkeeper "github.com/cosmos/cosmos-sdk/x/staking/keeper"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	upgradekeeper "github.com/cosmos/cosmos-sdk/x/upgrade/keeper"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	"github.com/ipdm-network/ipdm/app/abci"
	"github.com/ipdm-network/ipdm/app/params"
	anchorkeeper "github.com/ipdm-network/ipdm/x/anchor/keeper"
	anchortypes "github.com/ipdm-network/ipdm/x/anchor/types"
	beaconkeeper "github.com/ipdm-network/ipdm/x/beacon/keeper"
	beacontypes "github.com/ipdm-network/ipdm/x/beacon/types"
	bridgekeeper "github.com/ipdm-network/ipdm/x/bridge/keeper"
	bridgetypes "github.com/ipdm-network/ipdm/x/bridge/types"
	incentivekeeper "github.com/ipdm-network/ipdm/x/incentive/keeper"
	incentivetypes "github.com/ipdm-network/ipdm/x/incentive/types"
	marketkeeper "github.com/ipdm-network/ipdm/x/market/keeper"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	porepkeeper "github.com/ipdm-network/ipdm/x/porep/keeper"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// storeNames are the persistent stores of the application. A new module adds
// its store here and, on a running chain, in the upgrade that brings it.
var storeNames = []string{
	authtypes.StoreKey,
	authzkeeper.StoreKey,
	banktypes.StoreKey,
	consensustypes.StoreKey,
	distrtypes.StoreKey,
	epochstypes.StoreKey,
	evidencetypes.StoreKey,
	feegrant.StoreKey,
	govtypes.StoreKey,
	slashingtypes.StoreKey,
	stakingtypes.StoreKey,
	upgradetypes.StoreKey,
	abci.StoreKey,
	anchortypes.StoreKey,
	beacontypes.StoreKey,
	bridgetypes.StoreKey,
	incentivetypes.StoreKey,
	markettypes.StoreKey,
	poreptypes.StoreKey,
}

// moduleAccountPermissions says what each module account may do to the supply.
var moduleAccountPermissions = map[string][]string{
	authtypes.FeeCollectorName:     nil,
	distrtypes.ModuleName:          nil,
	stakingtypes.BondedPoolName:    {authtypes.Burner, authtypes.Staking},
	stakingtypes.NotBondedPoolName: {authtypes.Burner, authtypes.Staking},
	govtypes.ModuleName:            {authtypes.Burner},
	bridgetypes.ModuleName:         {authtypes.Minter, authtypes.Burner},
	markettypes.EscrowAccount:      nil,
	markettypes.PledgeAccount:      nil,
	poreptypes.DepositAccount:      nil,
	incentivetypes.ModuleName:      {authtypes.Minter, authtypes.Burner},
}

// Keepers are the keepers of all modules.
type Keepers struct {
	Account      authkeeper.AccountKeeper
	Authz        authzkeeper.Keeper
	Bank         bankkeeper.BaseKeeper
	Consensus    consensuskeeper.Keeper
	Distribution distrkeeper.Keeper
	Epochs       *epochskeeper.Keeper
	Evidence     *evidencekeeper.Keeper
	FeeGrant     feegrantkeeper.Keeper
	Gov          *govkeeper.Keeper
	Slashing     slashingkeeper.Keeper
	Staking      *stakingkeeper.Keeper
	Upgrade      *upgradekeeper.Keeper

	// VoteExtensions is the record of the vote-extension pipeline.
	VoteExtensions *abci.Record

	// Anchor keeps the records of manifests.
	Anchor *anchorkeeper.Keeper
	// Beacon keeps the randomness.
	Beacon *beaconkeeper.Keeper
	// Bridge keeps signers and checkpoints.
	Bridge *bridgekeeper.Keeper
	// Incentive keeps the emission and splits slashes.
	Incentive *incentivekeeper.Keeper
	// Porep keeps what providers prove.
	Porep *porepkeeper.Keeper
	// Market keeps providers, deals and the money between them.
	Market *marketkeeper.Keeper
}

// stores are the keys of the stores that the application mounts.
type stores struct {
	persistent map[string]*storetypes.KVStoreKey
	objects    map[string]*storetypes.ObjectStoreKey
}

func newStores() stores {
	return stores{
		persistent: storetypes.NewKVStoreKeys(storeNames...),
		objects:    storetypes.NewObjectStoreKeys(banktypes.ObjectStoreKey),
	}
}

// Authority is the address that may change parameters: the governance module.
func Authority() sdk.AccAddress { return authtypes.NewModuleAddress(govtypes.ModuleName) }

// newKeepers makes the keepers, in the order of their dependencies, and sets
// the parameter store of the base application.
func newKeepers(
	base *baseapp.BaseApp, enc EncodingConfig, keys stores, appOpts servertypes.AppOptions, logger log.Logger,
) (Keepers, error) {
	var k Keepers
	cdc, authority := enc.Codec, Authority().String()
	service := func(name string) store.KVStoreService { return runtime.NewKVStoreService(keys.persistent[name]) }

	k.Consensus = consensuskeeper.NewKeeper(cdc, service(consensustypes.StoreKey), authority, runtime.EventService{})
	base.SetParamStore(k.Consensus.ParamsStore)

	k.Account = authkeeper.NewAccountKeeper(cdc, service(authtypes.StoreKey), authtypes.ProtoBaseAccount,
		moduleAccountPermissions, AccountAddressCodec(), params.AccountPrefix, authority)
	k.Bank = bankkeeper.NewBaseKeeper(cdc, service(banktypes.StoreKey), k.Account, blockedAddresses(), authority, logger).
		WithObjStoreKey(keys.objects[banktypes.ObjectStoreKey])
	k.Staking = stakingkeeper.NewKeeper(cdc, service(stakingtypes.StoreKey), k.Account, k.Bank, authority,
		ValidatorAddressCodec(), ConsensusAddressCodec())
	k.Distribution = distrkeeper.NewKeeper(cdc, service(distrtypes.StoreKey), k.Account, k.Bank, k.Staking,
		authtypes.FeeCollectorName, authority)
	k.Slashing = slashingkeeper.NewKeeper(cdc, enc.Amino, service(slashingtypes.StoreKey), k.Staking, authority)
	var err error
	if k.Beacon, err = beaconkeeper.New(cdc, service(beacontypes.StoreKey), k.Staking, ValidatorAddressCodec(),
		ConsensusAddressCodec(), authority); err != nil {
		return Keepers{}, fmt.Errorf("failed to make the beacon keeper: %w", err)
	}
	if k.Anchor, err = anchorkeeper.New(cdc, service(anchortypes.StoreKey), AccountAddressCodec(), authority); err != nil {
		return Keepers{}, fmt.Errorf("failed to make the anchor keeper: %w", err)
	}
	if k.Bridge, err = bridgekeeper.New(cdc, service(bridgetypes.StoreKey), bridgekeeper.Deps{
		Staking: k.Staking, Validators: validators{k.Staking, k.Slashing}, Anchors: k.Anchor, Bank: k.Bank,
	}, bridgekeeper.Addresses{
		Operators: ValidatorAddressCodec(), Consensus: ConsensusAddressCodec(), Accounts: AccountAddressCodec(),
	}, authority); err != nil {
		return Keepers{}, fmt.Errorf("failed to make the bridge keeper: %w", err)
	}
	k.Staking.SetHooks(stakingtypes.NewMultiStakingHooks(
		k.Distribution.Hooks(), k.Slashing.Hooks(), k.Beacon.Hooks(), k.Bridge.Hooks()))

	k.FeeGrant = feegrantkeeper.NewKeeper(cdc, service(feegrant.StoreKey), k.Account)
	k.Authz = authzkeeper.NewKeeper(service(authzkeeper.StoreKey), cdc, base.MsgServiceRouter(), k.Account)
	k.Evidence = evidencekeeper.NewKeeper(cdc, service(evidencetypes.StoreKey), k.Staking, k.Slashing,
		AccountAddressCodec(), runtime.ProvideCometInfoService())
	k.Gov = govkeeper.NewKeeper(cdc, service(govtypes.StoreKey), k.Account, k.Bank, k.Distribution,
		base.MsgServiceRouter(), govtypes.DefaultConfig(), authority,
		govkeeper.NewDefaultCalculateVoteResultsAndVotingPower(k.Staking))
	k.Upgrade = upgradekeeper.NewKeeper(skippedUpgrades(appOpts), service(upgradetypes.StoreKey), cdc,
		cast.ToString(appOpts.Get(flags.FlagHome)), base, authority)

	epochs := epochskeeper.NewKeeper(service(epochstypes.StoreKey), cdc)
	k.Epochs = &epochs
	k.Epochs.SetHooks(epochstypes.NewMultiEpochHooks())

	if err := k.addOwn(cdc, service, authority); err != nil {
		return Keepers{}, err
	}
	return k, nil
}

// addOwn makes the keepers of this project's modules.
func (k *Keepers) addOwn(cdc codec.Codec, service func(string) store.KVStoreService, authority string) (err error) {
	if k.VoteExtensions, err = abci.NewRecord(service(abci.StoreKey)); err != nil {
		return fmt.Errorf("failed to open the vote extension record: %w", err)
	}
	k.Incentive, err = incentivekeeper.New(cdc, service(incentivetypes.StoreKey), k.Account, k.Bank, k.Distribution,
		authtypes.FeeCollectorName, authority)
	if err != nil {
		return fmt.Errorf("failed to make the incentive keeper: %w", err)
	}
	k.Porep, err = porepkeeper.New(cdc, service(poreptypes.StoreKey), AccountAddressCodec(), porepkeeper.Deps{
		Beacon: k.Beacon, Bank: k.Bank, Rewards: k.Incentive, Validators: validators{k.Staking, k.Slashing}, Accounts: k.Account,
	}, authority)
	if err != nil {
		return fmt.Errorf("failed to make the porep keeper: %w", err)
	}
	k.Market, err = marketkeeper.New(cdc, service(markettypes.StoreKey), k.Account, k.Bank, k.Porep, k.Incentive, k.Beacon, authority)
	if err != nil {
		return fmt.Errorf("failed to make the market keeper: %w", err)
	}
	k.Porep.SetHooks(k.Market, k.Market)
	return nil
}

// blockedAddresses are the module accounts that must not receive transfers from
// users. Governance is not among them: it takes deposits.
func blockedAddresses() map[string]bool {
	blocked := make(map[string]bool, len(moduleAccountPermissions))
	for name := range moduleAccountPermissions {
		if name != govtypes.ModuleName {
			blocked[authtypes.NewModuleAddress(name).String()] = true
		}
	}
	return blocked
}

// skippedUpgrades are the heights whose upgrades the operator chose to skip.
func skippedUpgrades(appOpts servertypes.AppOptions) map[int64]bool {
	skipped := make(map[int64]bool)
	for _, height := range cast.ToIntSlice(appOpts.Get(server.FlagUnsafeSkipUpgrades)) {
		skipped[int64(height)] = true
	}
	return skipped
}
