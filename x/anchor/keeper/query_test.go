package keeper_test

import (
	"testing"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/x/anchor/trie"
	"github.com/ipdm-network/ipdm/x/anchor/types"
)

func TestQueries(t *testing.T) {
	f := newFixture(t)
	for n := byte(1); n <= 5; n++ {
		e := entry(n)
		e.Root = root(1)
		e.Tags = []string{"kind=report"}
		if n == 5 {
			e.Root, e.Tags = root(2), []string{"kind=report2"}
		}
		f.anchor(t, alice, e)
	}
	f.anchor(t, bob, entry(9))

	one, err := f.query.Manifest(f.ctx, &types.QueryManifestRequest{Manifest: manifest(3)})
	require.NoError(t, err)
	require.Equal(t, manifest(3), one.Record.Manifest)

	var found []string
	page := &query.PageRequest{Limit: 3}
	for {
		res, err := f.query.ByRoot(f.ctx, &types.QueryByRootRequest{Root: root(1), Pagination: page})
		require.NoError(t, err)
		for _, record := range res.Records {
			found = append(found, record.Manifest)
		}
		if res.Pagination.NextKey == nil {
			break
		}
		page.Key = res.Pagination.NextKey
	}
	require.ElementsMatch(t, []string{manifest(1), manifest(2), manifest(3), manifest(4)}, found)

	owned, err := f.query.ByOwner(f.ctx, &types.QueryByOwnerRequest{Owner: alice.String()})
	require.NoError(t, err)
	require.Len(t, owned.Records, 5)

	tagged, err := f.query.ByTag(f.ctx, &types.QueryByTagRequest{Tag: "kind=report"})
	require.NoError(t, err)
	require.Len(t, tagged.Records, 5, "a tag that only begins alike is not listed")

	params, err := f.query.Params(f.ctx, &types.QueryParamsRequest{})
	require.NoError(t, err)
	require.Equal(t, types.DefaultParams(), params.Params)
}

func TestQueriesRefuse(t *testing.T) {
	f := newFixture(t)
	_, err := f.query.Manifest(f.ctx, &types.QueryManifestRequest{Manifest: manifest(1)})
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = f.query.Manifest(f.ctx, nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = f.query.ByRoot(f.ctx, &types.QueryByRootRequest{Root: "x"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = f.query.ByOwner(f.ctx, &types.QueryByOwnerRequest{Owner: "x"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = f.query.ByTag(f.ctx, &types.QueryByTagRequest{Tag: "a=\x00"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = f.query.ByRoot(f.ctx, &types.QueryByRootRequest{
		Root: root(1), Pagination: &query.PageRequest{Key: []byte("x"), Offset: 1},
	})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}

func TestProof(t *testing.T) {
	f := newFixture(t)
	second := entry(2)
	second.Supersedes = manifest(1)
	f.anchor(t, alice, entry(1), second)
	for n := byte(3); n < 40; n++ {
		f.anchor(t, bob, entry(n))
	}
	_, err := f.msgs.Tombstone(f.ctx, &types.MsgTombstone{Owner: bob.String(), Manifest: manifest(3)})
	require.NoError(t, err)
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))

	for name, want := range map[string]struct {
		manifest               byte
		superseded, tombstoned bool
		owner                  sdk.AccAddress
		version                uint64
	}{
		"superseded": {manifest: 1, superseded: true, owner: alice, version: 1},
		"second":     {manifest: 2, owner: alice, version: 2},
		"tombstoned": {manifest: 3, tombstoned: true, owner: bob, version: 1},
		"plain":      {manifest: 30, owner: bob, version: 1},
	} {
		t.Run(name, func(t *testing.T) {
			res, err := f.query.Proof(f.ctx, &types.QueryProofRequest{Manifest: manifest(want.manifest)})
			require.NoError(t, err)
			require.EqualValues(t, 7, res.Height)
			require.Equal(t, [32]byte{want.manifest}, [32]byte(res.Key))
			v, err := trie.Verify(trie.Root(res.Root), trie.Key(res.Key), res.Nodes)
			require.NoError(t, err)
			require.Equal(t, res.Value, v.Encode())
			owner := append(make([]byte, 32-len(want.owner)), want.owner...)
			require.Equal(t, trie.Value{
				Superseded: want.superseded, Tombstoned: want.tombstoned, Codec: trie.DagPB, RootDigest: [32]byte{want.manifest, 1},
				Owner: [32]byte(owner), SizeBytes: 1_000, Height: 7, TimeMillis: uint64(start.UnixMilli()), VersionCount: want.version,
			}, v)
		})
	}
	_, err = f.query.Proof(f.ctx, &types.QueryProofRequest{Manifest: manifest(99)})
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = f.query.Proof(f.ctx, &types.QueryProofRequest{Manifest: root(1)})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}

func TestRepeatedAnchorLeavesTheTrie(t *testing.T) {
	f := newFixture(t)
	empty, err := f.keeper.AnchorRoot(f.ctx)
	require.NoError(t, err)
	require.Equal(t, trie.EmptyRoot, empty)
	f.anchor(t, alice, entry(1))
	before, err := f.keeper.AnchorRoot(f.ctx)
	require.NoError(t, err)
	require.NotEqual(t, empty, before)
	require.Zero(t, f.anchor(t, alice, entry(1)))
	after, err := f.keeper.AnchorRoot(f.ctx)
	require.NoError(t, err)
	require.Equal(t, before, after)
}
