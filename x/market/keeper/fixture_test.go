package keeper_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"os"
	"testing"
	"time"

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

	"github.com/ipdm-network/ipdm/x/internal/cidtext"
	"github.com/ipdm-network/ipdm/x/market/keeper"
	"github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

const (
	denom   = "aipdm"
	chainID = "ipdm-test"
	peerID  = "12D3KooWGRUhVfNuXhSnAdG6vVqY1vJ5xhJZ9bWgEMgbUuTHPYfR"
	gib     = uint64(types.GiB)
	// wealth is what every account begins with, in aipdm.
	wealth = 1_000_000_000_000_000_000
	// perGiB is the pledge behind one GiB, in aipdm.
	perGiB = 1_000_000_000_000_000
	// maxSealed is the size of the largest sector, provingPeriod the time between two windows.
	maxSealed     = 32 * gib
	provingPeriod = 10 * time.Second
)

var (
	client    = sdk.AccAddress("client______________")
	authority = sdk.AccAddress("gov_________________")
	start     = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	errBroken = errors.New("broken for the test")
)

func TestMain(m *testing.M) {
	sdk.GetConfig().SetBech32PrefixForAccount("ipdm", "ipdmpub")
	os.Exit(m.Run())
}

// heightBeacon gives another value in every block.
type heightBeacon struct{ err error }

func (b *heightBeacon) Latest(ctx context.Context) ([32]byte, error) {
	var text [8]byte
	binary.BigEndian.PutUint64(text[:], uint64(sdk.UnwrapSDKContext(ctx).BlockHeight()))
	return sha256.Sum256(text[:]), b.err
}

func (b *heightBeacon) At(ctx context.Context, height int64) ([32]byte, error) {
	return b.Latest(sdk.UnwrapSDKContext(ctx).WithBlockHeight(height))
}

// fakePorep keeps units in memory. While frozen it queues changes, as x/porep does around a window.
type fakePorep struct {
	hooks  poreptypes.UnitHooks
	frozen bool
	nextID uint64
	units  map[uint64]poreptypes.Unit
	proven map[string]time.Duration
	// provenSealed is that of the sealed class.
	provenSealed map[string]time.Duration
	// unearned is the part of every provider's next window that is over.
	unearned time.Duration
	// lapsed are the sectors that came to nothing.
	lapsed  map[uint64]bool
	queue   []func(ctx context.Context) error
	invalid error
	fail    error
}

func (p *fakePorep) change(ctx context.Context, apply func(ctx context.Context) error) error {
	if p.fail != nil {
		return p.fail
	}
	if p.frozen {
		p.queue = append(p.queue, apply)
		return nil
	}
	return apply(ctx)
}

func (p *fakePorep) AddUnit(ctx context.Context, u poreptypes.NewUnit) (uint64, error) {
	p.nextID++
	unit := poreptypes.Unit{
		Id: p.nextID, Provider: u.Provider, Class: u.Class, DealId: u.DealID, ReplicaIndex: u.ReplicaIndex,
		CommD: u.CommD, SizeBytes: u.SizeBytes,
	}
	p.units[unit.Id] = unit
	return unit.Id, p.change(ctx, func(ctx context.Context) error { return p.hooks.UnitActivated(ctx, unit) })
}

func (p *fakePorep) RemoveUnit(ctx context.Context, id uint64) error {
	unit, found := p.units[id]
	if !found {
		return poreptypes.ErrUnknownUnit
	}
	return p.change(ctx, func(ctx context.Context) error {
		delete(p.units, id)
		return p.hooks.UnitReleased(ctx, unit)
	})
}

func (p *fakePorep) Unit(_ context.Context, id uint64) (poreptypes.Unit, error) {
	unit, found := p.units[id]
	if !found {
		return poreptypes.Unit{}, poreptypes.ErrUnknownUnit
	}
	return unit, nil
}

func (p *fakePorep) ProvenTime(_ context.Context, provider string, class poreptypes.Class) (time.Duration, error) {
	if class == poreptypes.CLASS_SEALED {
		return p.provenSealed[provider], nil
	}
	return p.proven[provider], nil
}

func (p *fakePorep) UnearnedTime(context.Context, string, poreptypes.Class) (time.Duration, error) {
	return p.unearned, nil
}

func (p *fakePorep) Sealing(_ context.Context, sectorID, _ uint64, _ uint32) (bool, error) {
	return !p.lapsed[sectorID], p.fail
}

func (p *fakePorep) ProvingPeriod(context.Context) (time.Duration, error) { return provingPeriod, nil }

func (p *fakePorep) MaxSealedBytes(context.Context) (uint64, error) { return maxSealed, nil }

// fakeIncentive burns the whole of every slash, but for the reporter's part, and remembers them.
type fakeIncentive struct {
	bank    bankkeeper.BaseKeeper
	pledge  sdkmath.Int // of a sealed GiB
	reward  sdkmath.Int // of a sealed GiB and second
	slashes []slash
}

// SealedBytesChanged and SealedWindowClosed make it what x/porep needs as well.
func (i *fakeIncentive) SealedBytesChanged(context.Context, string, uint64) error { return nil }

func (i *fakeIncentive) SealedWindowClosed(context.Context, string, bool) (sdkmath.Int, error) {
	return sdkmath.ZeroInt(), nil
}

type slash struct {
	amount           int64
	client, reporter string
}

func (i *fakeIncentive) SealedPledge(_ context.Context, sizeBytes uint64) (sdkmath.Int, error) {
	return types.Backing(i.pledge, sizeBytes), nil
}

func (i *fakeIncentive) RewardEstimate(_ context.Context, sizeBytes uint64, d time.Duration) (sdkmath.Int, error) {
	return types.Backing(i.reward, sizeBytes).MulRaw(int64(d / time.Second)), nil
}

func (i *fakeIncentive) DistributeSlash(ctx context.Context, module string, amount sdkmath.Int, client, reporter string) error {
	i.slashes = append(i.slashes, slash{amount.Int64(), client, reporter})
	return i.bank.BurnCoins(ctx, module, sdk.NewCoins(sdk.NewCoin(denom, amount)))
}

func (p *fakePorep) VerifyActivation(_ context.Context, seed, _ []byte, _ uint64, _ uint32, _ []byte) error {
	if len(seed) != 32 {
		return errors.New("no seed")
	}
	return p.invalid
}

func (p *fakePorep) thaw(t testing.TB, ctx context.Context) {
	t.Helper()
	p.frozen = false
	queue := p.queue
	p.queue = nil
	for _, apply := range queue {
		require.NoError(t, apply(ctx))
	}
}

type fixture struct {
	ctx       sdk.Context
	cdc       codec.Codec
	keys      map[string]*storetypes.KVStoreKey
	stores    storetypes.CommitMultiStore
	accounts  authkeeper.AccountKeeper
	bank      bankkeeper.BaseKeeper
	porep     *fakePorep
	incentive *fakeIncentive
	beacon    *heightBeacon
	keeper    *keeper.Keeper
	msgs      types.MsgServer
	query     types.QueryServer
}

// newFixture returns a market over real accounts and balances with a fake x/porep. Prices are small numbers of aipdm.
func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := newBase(t)
	f.porep = &fakePorep{
		units: map[uint64]poreptypes.Unit{}, proven: map[string]time.Duration{}, provenSealed: map[string]time.Duration{},
		lapsed: map[uint64]bool{},
	}
	f.build(t, f.porep)
	f.porep.hooks = f.keeper
	gs := types.DefaultGenesis()
	gs.Params = testParams()
	require.NoError(t, gs.Validate())
	require.NoError(t, f.keeper.InitGenesis(f.ctx, *gs))
	return f
}

func newBase(t testing.TB) *fixture {
	t.Helper()
	keys := storetypes.NewKVStoreKeys(authtypes.StoreKey, banktypes.StoreKey, types.StoreKey, poreptypes.StoreKey)
	f := &fixture{keys: keys, beacon: &heightBeacon{}}
	f.stores = store.NewCommitMultiStore(dbm.NewMemDB(), log.NewNopLogger())
	for _, key := range keys {
		f.stores.MountStoreWithDB(key, storetypes.StoreTypeIAVL, nil)
	}
	require.NoError(t, f.stores.LoadLatestVersion())
	header := cmtproto.Header{ChainID: chainID, Height: 10, Time: start}
	f.ctx = sdk.NewContext(f.stores, header, false, log.NewNopLogger()).WithChainID(chainID)
	registry := codectestutil.CodecOptions{AccAddressPrefix: "ipdm"}.NewInterfaceRegistry()
	authtypes.RegisterInterfaces(registry)
	f.cdc = codec.NewProtoCodec(registry)
	f.accounts = authkeeper.NewAccountKeeper(f.cdc, runtime.NewKVStoreService(keys[authtypes.StoreKey]),
		authtypes.ProtoBaseAccount, map[string][]string{
			"faucet": {authtypes.Minter}, types.EscrowAccount: nil, types.PledgeAccount: {authtypes.Burner},
		}, address.NewBech32Codec("ipdm"), "ipdm", authority.String())
	f.bank = bankkeeper.NewBaseKeeper(f.cdc, runtime.NewKVStoreService(keys[banktypes.StoreKey]), f.accounts,
		map[string]bool{}, authority.String(), log.NewNopLogger())
	require.NoError(t, f.bank.SetParams(f.ctx, banktypes.DefaultParams()))
	f.incentive = &fakeIncentive{bank: f.bank, pledge: sdkmath.NewInt(3 * perGiB), reward: sdkmath.NewInt(1_000)}
	f.fund(t, client)
	return f
}

func (f *fixture) build(t testing.TB, porep types.PorepKeeper) {
	t.Helper()
	var err error
	f.keeper, err = keeper.New(f.cdc, runtime.NewKVStoreService(f.keys[types.StoreKey]), f.accounts, f.bank, porep,
		f.incentive, f.beacon, authority.String())
	require.NoError(t, err)
	f.msgs, f.query = keeper.NewMsgServer(f.keeper), keeper.NewQueryServer(f.keeper)
}

func testParams() types.Params {
	params := types.LocalnetParams()
	params.PledgePerGib = sdkmath.NewInt(perGiB)
	params.MinPledge = sdkmath.NewInt(100)
	params.LapseFee = sdkmath.NewInt(7)
	return params
}

func (f *fixture) fund(t testing.TB, account sdk.AccAddress) {
	t.Helper()
	amount := sdk.NewCoins(sdk.NewInt64Coin(denom, wealth))
	require.NoError(t, f.bank.MintCoins(f.ctx, "faucet", amount))
	require.NoError(t, f.bank.SendCoinsFromModuleToAccount(f.ctx, "faucet", account, amount))
}

// block begins the next block, after the given time.
func (f *fixture) block(t testing.TB, after time.Duration) {
	t.Helper()
	f.ctx = f.ctx.WithBlockHeight(f.ctx.BlockHeight() + 1).WithBlockTime(f.ctx.BlockTime().Add(after)).
		WithEventManager(sdk.NewEventManager())
	require.NoError(t, f.keeper.BeginBlock(f.ctx))
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
}

func providerAddress(n int) sdk.AccAddress {
	text := make([]byte, 20)
	binary.BigEndian.PutUint64(text, uint64(n)+1)
	return text
}

func endpoint() types.Endpoint {
	return types.Endpoint{PeerId: peerID, Multiaddrs: []string{"/ip4/192.0.2.1/udp/4001/quic-v1"}}
}

func ask(price int64) types.Ask {
	return types.Ask{PricePerGibHour: sdkmath.NewInt(price), CapacityBytes: 100 * gib}
}

// register opens provider n with a pledge that backs 100 GiB.
func (f *fixture) register(t testing.TB, n int, price int64) sdk.AccAddress {
	t.Helper()
	account := providerAddress(n)
	f.fund(t, account)
	_, err := f.msgs.RegisterProvider(f.ctx, &types.MsgRegisterProvider{
		Provider: account.String(), Ask: ask(price), Endpoint: endpoint(), Region: "eu", Pledge: sdkmath.NewInt(100 * perGiB),
	})
	require.NoError(t, err)
	return account
}

// order is a deal of 1 GiB for 10 hours at up to 3,600 aipdm per GiB-hour, which is one a second.
func order(replicas uint32) *types.MsgCreateDeal {
	return &types.MsgCreateDeal{
		Client: client.String(), Root: cidtext.New(cidtext.DagPB, [32]byte{1}),
		Manifest: cidtext.New(cidtext.DagCBOR, [32]byte{2}), Layout: cidtext.New(cidtext.DagCBOR, [32]byte{3}),
		CommD: make([]byte, 32), SizeBytes: gib, Replicas: types.Replicas{Open: replicas}, Duration: 10 * time.Hour,
		MaxPricePerGibHour: sdkmath.NewInt(3_600), Source: endpoint(),
	}
}

func (f *fixture) create(t testing.TB, msg *types.MsgCreateDeal) uint64 {
	t.Helper()
	res, err := f.msgs.CreateDeal(f.ctx, msg)
	require.NoError(t, err)
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
	return res.DealId
}

func (f *fixture) deal(t testing.TB, id uint64) (types.Deal, []types.Replica) {
	t.Helper()
	res, err := f.query.Deal(f.ctx, &types.QueryDealRequest{Id: id})
	require.NoError(t, err)
	return res.Deal, res.Replicas
}

// assignAll goes on to the block that draws providers for a deal that was just created or left.
func (f *fixture) assignAll(t testing.TB) {
	t.Helper()
	f.block(t, time.Second)
	f.block(t, time.Second)
}

func (f *fixture) activate(t testing.TB, replica types.Replica) {
	t.Helper()
	_, err := f.msgs.ActivateReplica(f.ctx, &types.MsgActivateReplica{
		Provider: replica.Provider, DealId: replica.DealId, Index: replica.Index, Proof: []byte{1},
	})
	require.NoError(t, err)
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
}

// activeDeal creates, assigns and activates a deal.
func (f *fixture) activeDeal(t testing.TB, replicas uint32) uint64 {
	t.Helper()
	id := f.create(t, order(replicas))
	f.assignAll(t)
	_, assigned := f.deal(t, id)
	for _, replica := range assigned {
		f.activate(t, replica)
	}
	deal, _ := f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_ACTIVE, deal.Status)
	return id
}

func (f *fixture) balance(account sdk.AccAddress) int64 {
	return f.bank.GetBalance(f.ctx, account, denom).Amount.Int64()
}

func (f *fixture) provider(t testing.TB, address string) types.Provider {
	t.Helper()
	provider, err := f.keeper.Provider(f.ctx, address)
	require.NoError(t, err)
	return provider
}

func (f *fixture) mint(t testing.TB, module string, amount sdkmath.Int) {
	t.Helper()
	coins := sdk.NewCoins(sdk.NewCoin(denom, amount))
	require.NoError(t, f.bank.MintCoins(f.ctx, "faucet", coins))
	require.NoError(t, f.bank.SendCoinsFromModuleToModule(f.ctx, "faucet", module, coins))
}
