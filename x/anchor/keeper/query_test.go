package keeper_test

import (
	"testing"

	"github.com/cosmos/cosmos-sdk/types/query"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

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
