package keeper_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/market/types"
)

// A provider that offers open replicas only is passed over for sealed ones.
func TestOpenOnlyProvidersAreNotDrawnForSealedReplicas(t *testing.T) {
	f := newFixture(t)
	var open []string
	for n := range 4 {
		account := f.register(t, n, 3_600)
		if n == 3 {
			continue
		}
		open = append(open, account.String())
		offer := ask(3_600)
		offer.OpenOnly = true
		_, err := f.msgs.UpdateProvider(f.ctx, &types.MsgUpdateProvider{
			Provider: account.String(), Ask: offer, Endpoint: endpoint(), Accepting: true,
		})
		require.NoError(t, err)
	}
	seals := providerAddress(3).String()
	for range 10 {
		id := f.create(t, sealedOrder(0, 1))
		_, replicas := f.deal(t, id)
		for replicas[0].Status == types.REPLICA_STATUS_UNASSIGNED {
			f.block(t, time.Second)
			_, replicas = f.deal(t, id)
		}
		require.Equal(t, seals, replicas[0].Provider)
	}
	id := f.create(t, order(3))
	holders := map[string]bool{}
	for len(holders) < 3 {
		f.block(t, time.Second)
		_, replicas := f.deal(t, id)
		for _, replica := range replicas {
			if replica.Provider != "" {
				holders[replica.Provider] = true
			}
		}
	}
	require.Subset(t, append(open, seals), slices.Collect(maps.Keys(holders)), "they take open ones like all others")

	res, err := f.query.Quote(f.ctx, &types.QueryQuoteRequest{SizeBytes: gib, OpenReplicas: 3, SealedReplicas: 1, Duration: time.Hour})
	require.NoError(t, err, "the open ones need not be sealed")
	require.Equal(t, uint32(4), res.Providers)
	require.Equal(t, uint32(1), res.SealedProviders)
	_, err = f.query.Quote(f.ctx, &types.QueryQuoteRequest{SizeBytes: gib, OpenReplicas: 1, SealedReplicas: 2, Duration: time.Hour})
	require.ErrorContains(t, err, "1 now take sealed replicas, 2 are wanted")
}

// The quote for both classes is the price at which the sealed replicas find takers too.
func TestQuoteOfBothClasses(t *testing.T) {
	f := newFixture(t)
	for n, price := range []int64{10, 20, 30, 40} {
		account := f.register(t, n, price)
		if n == 3 {
			continue
		}
		offer := ask(price)
		offer.OpenOnly = true
		_, err := f.msgs.UpdateProvider(f.ctx, &types.MsgUpdateProvider{
			Provider: account.String(), Ask: offer, Endpoint: endpoint(), Accepting: true,
		})
		require.NoError(t, err)
	}
	for _, tt := range []struct {
		open, sealed uint32
		want         int64
	}{{1, 0, 10}, {3, 0, 30}, {1, 1, 40}, {0, 1, 40}} {
		res, err := f.query.Quote(f.ctx, &types.QueryQuoteRequest{
			SizeBytes: gib, OpenReplicas: tt.open, SealedReplicas: tt.sealed, Duration: time.Hour,
		})
		require.NoError(t, err)
		require.Equal(t, tt.want, res.MaxPricePerGibHour.Int64())
	}
}
