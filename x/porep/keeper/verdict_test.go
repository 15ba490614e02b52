package keeper_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdkmath "cosmossdk.io/math"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

func TestVerdictsThatAreNoNews(t *testing.T) {
	s := newSealer(t)
	id, sealID := s.submitted(nil)
	s.vote(sealID, true, 0)
	before := s.fixture.sector(id)
	s.vote(sealID, true, 0)
	s.vote(sealID, false, 0)
	s.vote(sealID+1, true, 0)
	s.vote(0, true, 0)
	require.Equal(t, before, s.fixture.sector(id), "a validator has one verdict, and there is no other seal")

	record := func(voter int, power int64) error {
		return s.keeper.RecordVerdict(s.ctx, validator(voter), power, 5, sealID, true)
	}
	require.ErrorIs(t, record(9, 10), types.ErrUnknownValidator)
	require.ErrorIs(t, record(1, 0), types.ErrVerdict)
	require.ErrorIs(t, record(1, -5), types.ErrVerdict)
	require.Equal(t, before, s.fixture.sector(id))
}

// Exactly two thirds of the power are not more than two thirds, and exactly one third not more than one.
func TestThresholds(t *testing.T) {
	for name, tt := range map[string]struct {
		yes, no []int
		want    types.SectorStatus
	}{
		"two thirds":             {[]int{0, 1}, nil, types.SECTOR_STATUS_VERIFYING},
		"one third":              {nil, []int{2}, types.SECTOR_STATUS_VERIFYING},
		"two thirds against one": {[]int{0, 1}, []int{2}, types.SECTOR_STATUS_VERIFYING},
		"all":                    {[]int{0, 1, 2}, nil, types.SECTOR_STATUS_DISPUTABLE},
		"two against one":        {[]int{2}, []int{0, 1}, types.SECTOR_STATUS_DROPPED},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSealer(t)
			s.staking.power = map[string]int64{}
			for i := range 3 {
				s.staking.power[string(validator(i))] = 10
			}
			id, sealID := s.submitted(nil)
			s.vote(sealID, true, tt.yes...)
			s.vote(sealID, false, tt.no...)
			s.tick()
			require.Equal(t, tt.want, s.fixture.sector(id).Status)
		})
	}
}

// Voters that are gone, or cannot be paid, leave their part in the deposit.
func TestVotersThatCannotBePaid(t *testing.T) {
	s := newSealer(t)
	id, sealID := s.submitted(nil)
	s.vote(sealID, true, 0, 1, 2)
	delete(s.staking.power, string(validator(0)))
	s.bank.refuses = string(operator(validator(1)))
	s.tick()
	share := types.Share(ipdm, 200).QuoRaw(3)
	require.Equal(t, types.SECTOR_STATUS_DISPUTABLE, s.fixture.sector(id).Status)
	require.Equal(t, ipdm.Sub(share), s.fixture.sector(id).Deposit)
	require.Equal(t, share, s.bank.of(s.ctx, operator(validator(2))))
}

// A section of a vote extension carries verdicts on many seals at once.
func TestApplyVerdicts(t *testing.T) {
	s := newSealer(t)
	id, sealID := s.submitted(nil)
	section := func(verdicts ...types.Verdict) []byte {
		b, err := types.EncodeVerdicts(verdicts)
		require.NoError(t, err)
		return b
	}
	good := section(types.Verdict{SealID: sealID, Valid: true}, types.Verdict{SealID: sealID + 900, Valid: false})
	for i := range 3 {
		require.NoError(t, s.keeper.ApplyVerdicts(s.ctx, validator(i), 10, 7, good))
	}
	require.NoError(t, s.keeper.ApplyVerdicts(s.ctx, validator(3), 10, 7, nil))
	require.ErrorIs(t, s.keeper.ApplyVerdicts(s.ctx, validator(3), 10, 7, good[1:]), types.ErrVerdict)
	require.ErrorIs(t, s.keeper.ApplyVerdicts(s.ctx, validator(8), 10, 7, good), types.ErrUnknownValidator)
	s.tick()
	require.Equal(t, types.SECTOR_STATUS_DISPUTABLE, s.fixture.sector(id).Status)
	votes, err := s.queries.SealVotes(s.ctx, &types.QuerySealVotesRequest{SealId: sealID})
	require.NoError(t, err)
	require.Len(t, votes.Votes, 3)
	require.Equal(t, int64(7), votes.Votes[0].Height)
}

// What a vote writes does not grow with the pieces of the sector, and a seal that is resolved costs one look.
func TestAVerdictCostsLittle(t *testing.T) {
	s := newSealer(t)
	_, sealID := s.submitted(nil)
	cost := func(voter int, sealID uint64) uint64 {
		before := s.ctx.GasMeter().GasConsumed()
		require.NoError(t, s.keeper.RecordVerdict(s.ctx, validator(voter), 10, 7, sealID, true))
		return s.ctx.GasMeter().GasConsumed() - before
	}
	require.Less(t, cost(0, sealID), uint64(40_000))
	require.Less(t, cost(0, 77), uint64(1_500))
}

func TestPendingSealsOfAValidator(t *testing.T) {
	s := newSealer(t)
	_, sealID := s.submitted(nil)
	pending := func(request *types.QueryPendingSealsRequest) []types.PendingSeal {
		r, err := s.queries.PendingSeals(s.ctx, request)
		require.NoError(t, err)
		return r.Seals
	}
	s.vote(sealID, true, 1)
	require.Len(t, pending(&types.QueryPendingSealsRequest{}), 1)
	require.Len(t, pending(&types.QueryPendingSealsRequest{Validator: validator(0).String()}), 1)
	require.Empty(t, pending(&types.QueryPendingSealsRequest{Validator: validator(1).String()}))
	require.Len(t, pending(&types.QueryPendingSealsRequest{Pagination: &query.PageRequest{Limit: 1}}), 1)
	_, err := s.queries.PendingSeals(s.ctx, &types.QueryPendingSealsRequest{Validator: "x"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}

// However large the powers are, no sum of them overflows.
func TestHugePowers(t *testing.T) {
	s := newSealer(t)
	id, sealID := s.submitted(nil)
	for i := range 4 {
		s.staking.power[string(validator(i))] = math.MaxInt64 / 32
	}
	for i := range 3 {
		require.NoError(t, s.keeper.RecordVerdict(s.ctx, validator(i), math.MaxInt64/32, 7, sealID, true))
	}
	s.tick()
	require.Equal(t, types.SECTOR_STATUS_DISPUTABLE, s.fixture.sector(id).Status)
	require.Equal(t, types.Share(ipdm, 200).QuoRaw(3), s.bank.of(s.ctx, operator(validator(2))).Add(sdkmath.ZeroInt()))
}
