package keeper_test

import (
	"testing"
	"time"

	"github.com/cosmos/cosmos-sdk/types/query"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/x/internal/cidtext"
	"github.com/ipdm-network/ipdm/x/market/types"
)

func TestQuote(t *testing.T) {
	f := newFixture(t)
	req := &types.QueryQuoteRequest{SizeBytes: gib, OpenReplicas: 2, Duration: time.Hour}
	_, err := f.query.Quote(f.ctx, req)
	require.Equal(t, codes.FailedPrecondition, status.Code(err), "nobody is there")
	for n, price := range []int64{50, 10, 30, 20} {
		f.register(t, n, price)
	}
	res, err := f.query.Quote(f.ctx, req)
	require.NoError(t, err)
	require.Equal(t, int64(20), res.MaxPricePerGibHour.Int64(), "the two cheapest ask 10 and 20")
	require.Equal(t, int64(40), res.Escrow.Int64())
	require.Equal(t, uint32(4), res.Providers)

	req.MaxPricePerGibHour = "30"
	res, err = f.query.Quote(f.ctx, req)
	require.NoError(t, err)
	require.Equal(t, int64(60), res.Escrow.Int64())
	require.Equal(t, uint32(3), res.Providers)

	msg := order(2)
	msg.MaxPricePerGibHour, msg.Duration = res.MaxPricePerGibHour, req.Duration
	deal, _ := f.deal(t, f.create(t, msg))
	require.Equal(t, res.Escrow, deal.Deposited, "the quote is the price")

	for _, bad := range []*types.QueryQuoteRequest{
		nil,
		{},
		{SizeBytes: maxSealed + 1, SealedReplicas: 1, Duration: time.Hour},
		{SizeBytes: gib, OpenReplicas: 1, Duration: time.Hour, MaxPricePerGibHour: "x"},
		{SizeBytes: gib, OpenReplicas: 1, Duration: time.Hour, MaxPricePerGibHour: "0"},
	} {
		_, err = f.query.Quote(f.ctx, bad)
		require.Equal(t, codes.InvalidArgument, status.Code(err))
	}
}

func TestListings(t *testing.T) {
	f := newFixture(t)
	account := f.register(t, 0, 1)
	f.register(t, 1, 1)
	other := order(1)
	other.Root = cidtext.New(cidtext.Raw, [32]byte{9})
	f.create(t, order(1))
	f.create(t, other)
	f.create(t, order(2))
	f.assignAll(t)

	deals := func(req *types.QueryDealsRequest) []uint64 {
		res, err := f.query.Deals(f.ctx, req)
		require.NoError(t, err)
		var ids []uint64
		for _, deal := range res.Deals {
			ids = append(ids, deal.Id)
		}
		return ids
	}
	require.Equal(t, []uint64{1, 2, 3}, deals(&types.QueryDealsRequest{}))
	require.Equal(t, []uint64{2, 3}, deals(&types.QueryDealsRequest{Pagination: &query.PageRequest{Offset: 1}}))
	require.Equal(t, []uint64{2}, deals(&types.QueryDealsRequest{Root: other.Root}))
	require.Equal(t, []uint64{1, 2, 3}, deals(&types.QueryDealsRequest{Client: client.String()}))
	require.Empty(t, deals(&types.QueryDealsRequest{Client: account.String()}))

	providers, err := f.query.Providers(f.ctx, &types.QueryProvidersRequest{Pagination: &query.PageRequest{Limit: 1}})
	require.NoError(t, err)
	require.Len(t, providers.Providers, 1)
	require.NotNil(t, providers.Pagination.NextKey)

	held := 0
	for n := range 2 {
		res, err := f.query.Assignments(f.ctx, &types.QueryAssignmentsRequest{Provider: providerAddress(n).String()})
		require.NoError(t, err)
		for _, assignment := range res.Assignments {
			require.Equal(t, providerAddress(n).String(), assignment.Replica.Provider)
			require.Equal(t, assignment.Deal.Id, assignment.Replica.DealId)
			held++
		}
	}
	require.Equal(t, 4, held)

	_, err = f.query.Deals(f.ctx, &types.QueryDealsRequest{Client: client.String(), Root: other.Root})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = f.query.Deals(f.ctx, &types.QueryDealsRequest{Client: "x"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = f.query.Deal(f.ctx, &types.QueryDealRequest{Id: 99})
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = f.query.Provider(f.ctx, &types.QueryProviderRequest{Address: client.String()})
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = f.query.Assignments(f.ctx, &types.QueryAssignmentsRequest{Provider: "x"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}
