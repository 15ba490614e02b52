package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

func TestSectorQueries(t *testing.T) {
	s := busySealer(t)
	all, err := s.queries.Sectors(s.ctx, &types.QuerySectorsRequest{Provider: s.address})
	require.NoError(t, err)
	require.Len(t, all.Sectors, 3)
	require.Equal(t, int64(10), all.Sectors[1].Proof.NoPower, "with the verdicts so far")
	page, err := s.queries.Sectors(s.ctx, &types.QuerySectorsRequest{
		Provider: s.address, Pagination: &query.PageRequest{Key: nil, Limit: 2},
	})
	require.NoError(t, err)
	require.Len(t, page.Sectors, 2)
	require.NotEmpty(t, page.Pagination.NextKey)
	none, err := s.queries.Sectors(s.ctx, &types.QuerySectorsRequest{Provider: s.fixture.address("nobody")})
	require.NoError(t, err)
	require.Empty(t, none.Sectors)

	r, err := s.queries.SealChallenges(s.ctx, &types.QuerySealChallengesRequest{Id: 2})
	require.NoError(t, err)
	require.Len(t, r.Nodes, 176)
	require.Equal(t, s.fixture.sector(2).Seed, r.Seed)
	votes, err := s.queries.SealVotes(s.ctx, &types.QuerySealVotesRequest{SealId: 2, Pagination: &query.PageRequest{Limit: 1}})
	require.NoError(t, err)
	require.Len(t, votes.Votes, 1)
	require.Len(t, s.openChallenges(s.address), 1)
	challenges, err := s.queries.Challenges(s.ctx, &types.QueryChallengesRequest{Provider: s.address, Class: types.CLASS_SEALED})
	require.NoError(t, err)
	require.Len(t, challenges.Challenges, 16)
	for _, c := range challenges.Challenges {
		unit := s.unit(c.UnitId)
		require.Equal(t, uint64(1), c.SectorId)
		require.Equal(t, unit.StartNode+c.Offset/32, c.Node)
		require.Equal(t, s.sector.statement.CommRLast[:], c.CommRLast)
		require.Equal(t, uint64(1)<<17, c.Nodes)
	}
}

func TestSectorQueriesOfNothing(t *testing.T) {
	s := newSealer(t)
	id, err := s.preCommit(s.commitment())
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		call func() error
		want codes.Code
	}{
		"unknown sector": {func() error {
			_, err := s.queries.Sector(s.ctx, &types.QuerySectorRequest{Id: 77})
			return err
		}, codes.NotFound},
		"sectors of no address": {func() error {
			_, err := s.queries.Sectors(s.ctx, &types.QuerySectorsRequest{Provider: "x"})
			return err
		}, codes.InvalidArgument},
		"challenges of an unknown sector": {func() error {
			_, err := s.queries.SealChallenges(s.ctx, &types.QuerySealChallengesRequest{Id: 77})
			return err
		}, codes.NotFound},
		"challenges before they are drawn": {func() error {
			_, err := s.queries.SealChallenges(s.ctx, &types.QuerySealChallengesRequest{Id: id})
			return err
		}, codes.NotFound},
		"unit challenges of no address": {func() error {
			_, err := s.queries.UnitChallenges(s.ctx, &types.QueryUnitChallengesRequest{Provider: ""})
			return err
		}, codes.InvalidArgument},
		"a class that is none": {func() error {
			_, err := s.queries.Provider(s.ctx, &types.QueryProviderRequest{Provider: s.address, Class: 9})
			return err
		}, codes.InvalidArgument},
		"the map of a class without units": {func() error {
			_, err := s.queries.Provider(s.ctx, &types.QueryProviderRequest{Provider: s.address, Class: types.CLASS_SEALED})
			return err
		}, codes.NotFound},
		"no sector request":         {func() error { _, err := s.queries.Sector(s.ctx, nil); return err }, codes.InvalidArgument},
		"no sectors request":        {func() error { _, err := s.queries.Sectors(s.ctx, nil); return err }, codes.InvalidArgument},
		"no seal challenge request": {func() error { _, err := s.queries.SealChallenges(s.ctx, nil); return err }, codes.InvalidArgument},
		"no pending seals request":  {func() error { _, err := s.queries.PendingSeals(s.ctx, nil); return err }, codes.InvalidArgument},
		"no votes request":          {func() error { _, err := s.queries.SealVotes(s.ctx, nil); return err }, codes.InvalidArgument},
		"no demands request":        {func() error { _, err := s.queries.Demands(s.ctx, nil); return err }, codes.InvalidArgument},
		"no challenges request":     {func() error { _, err := s.queries.UnitChallenges(s.ctx, nil); return err }, codes.InvalidArgument},
	} {
		require.Equal(t, tt.want, status.Code(tt.call()), name)
	}
}
