package keeper_test

import (
	"context"
	"encoding/binary"
	"os"
	"testing"
	"time"

	corestore "cosmossdk.io/core/store"
	"cosmossdk.io/log/v2"
	sdkmath "cosmossdk.io/math"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/store/v2"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/incentive/keeper"
	"github.com/ipdm-network/ipdm/x/incentive/types"
)

const (
	denom = "aipdm"
	gib   = uint64(1) << 30
	// deposits is a module account of another module, which slashes are taken from; community is that of the community pool.
	deposits, community = "deposits", "community"
	// wealth is what exists at the start, in aipdm.
	wealth = 1_000_000_000_000
)

var (
	authority = sdk.AccAddress("gov_________________")
	start     = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

func TestMain(m *testing.M) {
	sdk.GetConfig().SetBech32PrefixForAccount("ipdm", "ipdmpub")
	os.Exit(m.Run())
}

// counter counts what passes through a store.
type counter struct {
	corestore.KVStoreService
	reads, writes int
}

func (c *counter) OpenKVStore(ctx context.Context) corestore.KVStore {
	return countedStore{c.KVStoreService.OpenKVStore(ctx), c}
}

type countedStore struct {
	corestore.KVStore
	count *counter
}

func (s countedStore) Get(key []byte) ([]byte, error) {
	s.count.reads++
	return s.KVStore.Get(key)
}

func (s countedStore) Has(key []byte) (bool, error) {
	s.count.reads++
	return s.KVStore.Has(key)
}

func (s countedStore) Set(key, value []byte) error {
	s.count.writes++
	return s.KVStore.Set(key, value)
}

func (s countedStore) Iterator(from, to []byte) (corestore.Iterator, error) {
	s.count.reads += 1_000_000 // there is no reason to walk anything
	return s.KVStore.Iterator(from, to)
}

// pool pays into a module account, as x/distribution does.
type pool struct{ bank bankkeeper.BaseKeeper }

func (p pool) FundCommunityPool(ctx context.Context, amount sdk.Coins, sender sdk.AccAddress) error {
	return p.bank.SendCoinsFromAccountToModule(ctx, sender, community, amount)
}

type fixture struct {
	ctx    sdk.Context
	bank   bankkeeper.BaseKeeper
	store  *counter
	keeper *keeper.Keeper
	msgs   types.MsgServer
	query  types.QueryServer
}

// newFixture returns the module over real accounts and balances. It emits 10,000 aipdm a second without halving, of which 6,000 go to
// storage, however few bytes are sealed; a reward vests by three quarters in an hour.
func newFixture(t testing.TB) *fixture {
	t.Helper()
	return newFixtureWith(t, testParams())
}

func newFixtureWith(t testing.TB, params types.Params) *fixture {
	t.Helper()
	f := newBase(t)
	gs := types.DefaultGenesis()
	gs.Params = params
	require.NoError(t, f.keeper.InitGenesis(f.ctx, *gs))
	return f
}

func testParams() types.Params {
	params := types.DefaultParams()
	params.EmissionPerSecond = sdkmath.NewInt(10_000)
	params.HalfLife = 0
	params.VestingTime = time.Hour
	params.PledgeFloorPerGib = sdkmath.NewInt(5)
	params.BaselineBytes = 1
	return params
}

func newBase(t testing.TB) *fixture {
	t.Helper()
	keys := storetypes.NewKVStoreKeys(authtypes.StoreKey, banktypes.StoreKey, types.StoreKey)
	stores := store.NewCommitMultiStore(dbm.NewMemDB(), log.NewNopLogger())
	for _, key := range keys {
		stores.MountStoreWithDB(key, storetypes.StoreTypeIAVL, nil)
	}
	require.NoError(t, stores.LoadLatestVersion())
	f := &fixture{store: &counter{KVStoreService: runtime.NewKVStoreService(keys[types.StoreKey])}}
	f.ctx = sdk.NewContext(stores, cmtproto.Header{ChainID: "ipdm-test", Height: 10, Time: start}, false, log.NewNopLogger())
	registry := codectestutil.CodecOptions{AccAddressPrefix: "ipdm"}.NewInterfaceRegistry()
	authtypes.RegisterInterfaces(registry)
	cdc := codec.NewProtoCodec(registry)
	accounts := authkeeper.NewAccountKeeper(cdc, runtime.NewKVStoreService(keys[authtypes.StoreKey]), authtypes.ProtoBaseAccount,
		map[string][]string{
			"faucet": {authtypes.Minter}, types.ModuleName: {authtypes.Minter, authtypes.Burner},
			authtypes.FeeCollectorName: nil, deposits: nil, community: nil,
		}, address.NewBech32Codec("ipdm"), "ipdm", authority.String())
	blocked := map[string]bool{authtypes.NewModuleAddress(deposits).String(): true}
	f.bank = bankkeeper.NewBaseKeeper(cdc, runtime.NewKVStoreService(keys[banktypes.StoreKey]), accounts, blocked,
		authority.String(), log.NewNopLogger())
	require.NoError(t, f.bank.SetParams(f.ctx, banktypes.DefaultParams()))
	f.fund(t, deposits, wealth)
	var err error
	f.keeper, err = keeper.New(cdc, f.store, accounts, f.bank, pool{f.bank}, authtypes.FeeCollectorName, authority.String())
	require.NoError(t, err)
	f.msgs, f.query = keeper.NewMsgServer(f.keeper), keeper.NewQueryServer(f.keeper)
	return f
}

// fund makes coins for a module account.
func (f *fixture) fund(t testing.TB, module string, amount int64) {
	t.Helper()
	coins := sdk.NewCoins(sdk.NewInt64Coin(denom, amount))
	require.NoError(t, f.bank.MintCoins(f.ctx, "faucet", coins))
	require.NoError(t, f.bank.SendCoinsFromModuleToModule(f.ctx, "faucet", module, coins))
}

// pass begins the next block after the given time, and checks everything that must be true of any.
func (f *fixture) pass(t testing.TB, after time.Duration) {
	t.Helper()
	f.ctx = f.ctx.WithBlockHeight(f.ctx.BlockHeight() + 1).WithBlockTime(f.ctx.BlockTime().Add(after)).
		WithEventManager(sdk.NewEventManager())
	require.NoError(t, f.keeper.BeginBlock(f.ctx))
	f.check(t)
}

func (f *fixture) check(t testing.TB) {
	t.Helper()
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
	totals := f.totals(t)
	supply := f.bank.GetSupply(f.ctx, denom).Amount
	require.Equal(t, totals.Minted.Sub(totals.Burned).AddRaw(wealth).String(), supply.String(), "supply = genesis + minted - burned")
}

func (f *fixture) seal(t testing.TB, provider string, bytes uint64) {
	t.Helper()
	require.NoError(t, f.keeper.SealedBytesChanged(f.ctx, provider, bytes))
	f.check(t)
}

// close closes a window of the provider and returns what it forfeited.
func (f *fixture) close(t testing.TB, provider string, clean bool) int64 {
	t.Helper()
	forfeited, err := f.keeper.SealedWindowClosed(f.ctx, provider, clean)
	require.NoError(t, err)
	f.check(t)
	return forfeited.Int64()
}

func (f *fixture) account(t testing.TB, provider string) types.Account {
	t.Helper()
	account, err := f.keeper.Account(f.ctx, provider)
	require.NoError(t, err)
	return account
}

func (f *fixture) totals(t testing.TB) types.Totals {
	t.Helper()
	totals, err := f.keeper.Totals(f.ctx)
	require.NoError(t, err)
	return totals
}

func (f *fixture) held(module string) int64 { return f.owns(authtypes.NewModuleAddress(module)) }

func (f *fixture) owns(account sdk.AccAddress) int64 {
	return f.bank.GetBalance(f.ctx, account, denom).Amount.Int64()
}

func provider(n int) string { return providerAddress(n).String() }

func providerAddress(n int) sdk.AccAddress {
	address := make([]byte, 20)
	binary.BigEndian.PutUint64(address, uint64(n)+1)
	return address
}
