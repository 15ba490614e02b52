package keeper_test

import (
	"os"
	"testing"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"
	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/anchor/keeper"
	"github.com/ipdm-network/ipdm/x/anchor/types"
	"github.com/ipdm-network/ipdm/x/internal/cidtext"
)

var (
	alice     = sdk.AccAddress("alice_______________")
	bob       = sdk.AccAddress("bob_________________")
	authority = sdk.AccAddress("gov_________________")
	start     = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

func TestMain(m *testing.M) {
	sdk.GetConfig().SetBech32PrefixForAccount("ipdm", "ipdmpub")
	os.Exit(m.Run())
}

type fixture struct {
	ctx    sdk.Context
	keeper *keeper.Keeper
	msgs   types.MsgServer
	query  types.QueryServer
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	key := storetypes.NewKVStoreKey(types.StoreKey)
	ctx := testutil.DefaultContextWithDB(t, key, storetypes.NewTransientStoreKey("transient")).Ctx
	ctx = ctx.WithBlockHeader(cmtproto.Header{Height: 7, Time: start})
	cdc := codectestutil.CodecOptions{AccAddressPrefix: "ipdm"}.NewCodec()
	k, err := keeper.New(cdc, runtime.NewKVStoreService(key), address.NewBech32Codec("ipdm"), authority.String())
	require.NoError(t, err)
	require.NoError(t, k.InitGenesis(ctx, *types.DefaultGenesis()))
	return &fixture{ctx: ctx, keeper: k, msgs: keeper.NewMsgServer(k), query: keeper.NewQueryServer(k)}
}

func (f *fixture) anchor(t testing.TB, owner sdk.AccAddress, entries ...types.Entry) uint32 {
	t.Helper()
	res, err := f.msgs.Anchor(f.ctx, &types.MsgAnchor{Owner: owner.String(), Entries: entries})
	require.NoError(t, err)
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
	return res.Anchored
}

func manifest(n byte) string { return cidtext.New(cidtext.DagCBOR, [32]byte{n}) }

func root(n byte) string { return cidtext.New(cidtext.DagPB, [32]byte{n, 1}) }

func entry(n byte) types.Entry {
	return types.Entry{
		Manifest: manifest(n), Root: root(n), SizeBytes: 1_000, BlockCount: 2,
		Tags: []string{"kind=report", "year=2026"}, ContentType: "text/plain",
	}
}
