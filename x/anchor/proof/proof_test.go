package proof

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtbytes "github.com/cometbft/cometbft/libs/bytes"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"
	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"github.com/ipdm-network/ipdm/x/anchor/keeper"
	"github.com/ipdm-network/ipdm/x/anchor/types"
	"github.com/ipdm-network/ipdm/x/internal/cidtext"
)

func TestMain(m *testing.M) {
	sdk.GetConfig().SetBech32PrefixForAccount("ipdm", "ipdmpub")
	os.Exit(m.Run())
}

// node is a node with x/anchor in a real multistore, at height 1 with a header of height 2.
type node struct {
	grpc.ClientConnInterface

	stores  storetypes.CommitMultiStore
	queries types.QueryServer
	ctx     sdk.Context
	change  func(*types.QueryProofResponse) // makes it a liar
}

func manifest(n byte) string { return cidtext.New(cidtext.DagCBOR, [32]byte{n}) }

func newNode(t testing.TB) *node {
	key := storetypes.NewKVStoreKey(types.StoreKey)
	test := testutil.DefaultContextWithDB(t, key, storetypes.NewTransientStoreKey("transient"))
	alice := sdk.AccAddress("alice_______________").String()
	k, err := keeper.New(codectestutil.CodecOptions{AccAddressPrefix: "ipdm"}.NewCodec(), runtime.NewKVStoreService(key), address.NewBech32Codec("ipdm"), alice)
	require.NoError(t, err)
	ctx := test.Ctx.WithBlockHeight(1)
	require.NoError(t, k.InitGenesis(ctx, *types.DefaultGenesis()))
	msg := &types.MsgAnchor{Owner: alice}
	for n := byte(1); n < 30; n++ {
		msg.Entries = append(msg.Entries, types.Entry{Manifest: manifest(n), Root: cidtext.New(cidtext.Raw, [32]byte{n, 1}), SizeBytes: uint64(n)})
	}
	_, err = keeper.NewMsgServer(k).Anchor(ctx, msg)
	require.NoError(t, err)
	test.CMS.Commit()
	return &node{stores: test.CMS, queries: keeper.NewQueryServer(k), ctx: ctx}
}

func (n *node) Status(context.Context) (*coretypes.ResultStatus, error) {
	return &coretypes.ResultStatus{SyncInfo: coretypes.SyncInfo{LatestBlockHeight: 2}}, nil
}

func (n *node) ABCIQueryWithOptions(_ context.Context, path string, data cmtbytes.HexBytes, opts rpcclient.ABCIQueryOptions) (*coretypes.ResultABCIQuery, error) {
	stores, ok := n.stores.(storetypes.Queryable)
	if !ok {
		return nil, errors.New("the store cannot be queried")
	}
	response, err := stores.Query(&storetypes.RequestQuery{Path: strings.TrimPrefix(path, "/store"), Data: data, Height: opts.Height, Prove: opts.Prove})
	if err != nil {
		return nil, err
	}
	return &coretypes.ResultABCIQuery{Response: abci.ResponseQuery(*response)}, nil
}

func (n *node) Commit(_ context.Context, height *int64) (*coretypes.ResultCommit, error) {
	if *height != 2 {
		return nil, errors.New("only the header of height 2 is here")
	}
	return &coretypes.ResultCommit{SignedHeader: cmttypes.SignedHeader{
		Header: &cmttypes.Header{ChainID: "ipdm-test-1", AppHash: n.stores.LastCommitID().Hash},
	}}, nil
}

func (n *node) Invoke(_ context.Context, method string, args, reply any, _ ...grpc.CallOption) error {
	if method != "/ipdm.anchor.v1.Query/Proof" {
		return errors.New("unexpected call of " + method)
	}
	request, asks := args.(*types.QueryProofRequest)
	response, answers := reply.(*types.QueryProofResponse)
	if !asks || !answers {
		return errors.New("unexpected messages")
	}
	result, err := n.queries.Proof(n.ctx, request)
	if err != nil {
		return err
	}
	if n.change != nil {
		n.change(result)
	}
	*response = *result
	return nil
}

func fetched(t *testing.T) File {
	t.Helper()
	n := newNode(t)
	f, err := Fetch(t.Context(), n, n, manifest(7), 0)
	require.NoError(t, err)
	return f
}

func TestFileRoundTrip(t *testing.T) {
	f := fetched(t)
	require.EqualValues(t, 1, f.Height)
	raw, err := json.Marshal(f)
	require.NoError(t, err)
	back, err := Decode(raw)
	require.NoError(t, err)
	require.Equal(t, f, back)
	value, err := back.Verify()
	require.NoError(t, err)
	require.EqualValues(t, 7, value.SizeBytes)
	require.Equal(t, [32]byte{7, 1}, value.RootDigest)
}

func TestVerifyRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(f *File)
		says   string
	}{
		"another manifest":   {func(f *File) { f.Manifest = manifest(8) }, "invalid proof"},
		"no manifest":        {func(f *File) { f.Manifest = "x" }, "manifest"},
		"a root":             {func(f *File) { f.Manifest = cidtext.New(cidtext.Raw, [32]byte{7}) }, "is no manifest"},
		"another app hash":   {func(f *File) { f.AppHash[0] ^= 1 }, "is not part of the state with the app hash"},
		"no app hash":        {func(f *File) { f.AppHash = nil }, "is not part of the state"},
		"another root":       {func(f *File) { f.AnchorRoot[3] ^= 1 }, "invalid proof"},
		"short root":         {func(f *File) { f.AnchorRoot = f.AnchorRoot[1:] }, "31 bytes"},
		"another value":      {func(f *File) { f.Value[40] ^= 1 }, "not the one that its nodes lead to"},
		"another node":       {func(f *File) { f.Nodes[1][9] ^= 1 }, "invalid proof"},
		"no nodes":           {func(f *File) { f.Nodes = nil }, "invalid proof"},
		"another height":     {func(f *File) { f.Height = 3 }, "in the header of 4"},
		"no state proof":     {func(f *File) { f.StateProof = nil }, "not part of the state"},
		"broken state proof": {func(f *File) { f.StateProof = f.StateProof[:40] }, "state proof"},
	} {
		t.Run(name, func(t *testing.T) {
			f := fetched(t)
			tt.change(&f)
			_, err := f.Verify()
			require.ErrorIs(t, err, ErrInvalid)
			require.ErrorContains(t, err, tt.says)
		})
	}
}

func TestFetchRefuses(t *testing.T) {
	n := newNode(t)
	_, err := Fetch(t.Context(), n, n, manifest(99), 0)
	require.ErrorContains(t, err, "not anchored")
	_, err = Fetch(t.Context(), n, n, manifest(7), 2)
	require.ErrorContains(t, err, "heights with a known app hash are 1 to 1")
	n.change = func(r *types.QueryProofResponse) { r.Value[50] ^= 1 }
	_, err = Fetch(t.Context(), n, n, manifest(7), 1)
	require.ErrorIs(t, err, ErrInvalid)
	require.ErrorContains(t, err, "the node's answer is wrong")
}

func TestDecodeRefuses(t *testing.T) {
	f := fetched(t)
	raw, err := json.Marshal(f)
	require.NoError(t, err)
	for name, text := range map[string]string{
		"empty":         "",
		"no JSON":       "proof",
		"version":       strings.Replace(string(raw), `"version":1`, `"version":2`, 1),
		"unknown field": strings.Replace(string(raw), `{`, `{"x":1,`, 1),
		"two":           string(raw) + string(raw),
		"no hex":        strings.Replace(string(raw), `"app_hash":"0x`, `"app_hash":"`, 1),
		"huge":          strings.Repeat(" ", MaxFileBytes) + string(raw),
	} {
		_, err := Decode([]byte(text))
		require.ErrorIs(t, err, ErrInvalid, name)
	}
}

func FuzzDecode(f *testing.F) {
	n := newNode(f)
	good, err := Fetch(f.Context(), n, n, manifest(7), 0)
	require.NoError(f, err)
	raw, err := json.Marshal(good)
	require.NoError(f, err)
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		file, err := Decode(raw)
		if err != nil {
			return
		}
		_, _ = file.Verify() // must not panic
		again, err := json.Marshal(file)
		require.NoError(t, err)
		_, err = Decode(again)
		require.NoError(t, err)
	})
}
