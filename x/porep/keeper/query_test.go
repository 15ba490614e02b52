package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/ipdm-network/ipdm/x/internal/page"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

func TestQueriesPage(t *testing.T) {
	f := newFixture(t)
	p, other := f.address("p"), f.address("other")
	for range page.MaxLimit/100 + 15 {
		f.add(p, 10)
	}
	f.add(other, 10)
	var ids []uint64
	request := &types.QueryUnitsRequest{Provider: p, Pagination: &query.PageRequest{Limit: 10}}
	for pages := 1; ; pages++ {
		r, err := f.queries.Units(f.ctx, request)
		require.NoError(t, err)
		require.LessOrEqual(t, len(r.Units), 10)
		for _, unit := range r.Units {
			require.Equal(t, p, unit.Provider)
			ids = append(ids, unit.Id)
		}
		if len(r.Pagination.NextKey) == 0 {
			require.Equal(t, 3, pages)
			break
		}
		request.Pagination.Key = r.Pagination.NextKey
	}
	require.Len(t, ids, 25)
	require.IsIncreasing(t, ids)

	faults, err := f.queries.Faults(f.ctx, &types.QueryFaultsRequest{Provider: p})
	require.NoError(t, err)
	require.Empty(t, faults.Units)
}

func TestQueriesOfNothing(t *testing.T) {
	f := newFixture(t)
	nobody := f.address("nobody")
	for name, tt := range map[string]struct {
		call func() error
		want codes.Code
	}{
		"unknown provider": {func() error {
			_, err := f.queries.Provider(f.ctx, &types.QueryProviderRequest{Provider: nobody})
			return err
		}, codes.NotFound},
		"no address": {func() error {
			_, err := f.queries.Provider(f.ctx, &types.QueryProviderRequest{Provider: "cosmos1xyz"})
			return err
		}, codes.InvalidArgument},
		"unknown challenges": {func() error {
			_, err := f.queries.Challenges(f.ctx, &types.QueryChallengesRequest{Provider: nobody})
			return err
		}, codes.NotFound},
		"units of no address": {func() error {
			_, err := f.queries.Units(f.ctx, &types.QueryUnitsRequest{})
			return err
		}, codes.InvalidArgument},
		"faults of no address": {func() error {
			_, err := f.queries.Faults(f.ctx, &types.QueryFaultsRequest{Provider: "x"})
			return err
		}, codes.InvalidArgument},
		"unknown unit": {func() error {
			_, err := f.queries.Unit(f.ctx, &types.QueryUnitRequest{Id: 1})
			return err
		}, codes.NotFound},
		"no request": {func() error { _, err := f.queries.Unit(f.ctx, nil); return err }, codes.InvalidArgument},
	} {
		require.Equal(t, tt.want, status.Code(tt.call()), name)
	}
	units, err := f.queries.Units(f.ctx, &types.QueryUnitsRequest{Provider: nobody})
	require.NoError(t, err)
	require.Empty(t, units.Units)
	params, err := f.queries.Params(f.ctx, &types.QueryParamsRequest{})
	require.NoError(t, err)
	require.Equal(t, types.LocalnetParams(), params.Params)
}

func TestChallengesOfAClosedWindow(t *testing.T) {
	f := newFixture(t)
	p := f.address("p")
	f.add(p, 1000)
	f.open(p)
	require.Len(t, f.challenges(p), 16)
	f.close(p)
	require.Empty(t, f.challenges(p))
}
