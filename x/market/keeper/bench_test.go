package keeper_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/market/types"
)

// BenchmarkBeginBlockNothingDue shows that a block costs the same with 10^3 and 10^5 deals of which none has anything
// due.
func BenchmarkBeginBlockNothingDue(b *testing.B) {
	for _, deals := range []int{1_000, 100_000} {
		b.Run(fmt.Sprintf("deals=%d", deals), func(b *testing.B) {
			f := newBase(b)
			f.porep = &fakePorep{}
			f.build(b, f.porep)
			gs := types.DefaultGenesis()
			gs.Params = testParams()
			fill(gs, deals, f.ctx.BlockTime())
			require.NoError(b, f.keeper.InitGenesis(f.ctx, *gs))
			f.stores.Commit()
			b.ReportAllocs()
			for b.Loop() {
				if err := f.keeper.BeginBlock(f.ctx); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// fill adds pending deals whose replicas are next drawn in an hour.
func fill(gs *types.GenesisState, deals int, now time.Time) {
	msg := order(1)
	later := now.Add(time.Hour)
	for n := range uint64(deals) {
		deal := types.Deal{
			Id: n + 1, Client: msg.Client, Root: msg.Root, Manifest: msg.Manifest, Layout: msg.Layout, CommD: msg.CommD,
			SizeBytes: msg.SizeBytes, Replicas: msg.Replicas, Duration: msg.Duration, Source: msg.Source,
			MaxPricePerGibHour: msg.MaxPricePerGibHour, Status: types.DEAL_STATUS_PENDING, CreatedAt: now,
			Deposited: msg.MaxPricePerGibHour, Paid: msg.MaxPricePerGibHour, Refunded: msg.MaxPricePerGibHour,
		}
		gs.Deals = append(gs.Deals, deal)
		gs.Replicas = append(gs.Replicas, types.Replica{
			DealId: deal.Id, Status: types.REPLICA_STATUS_UNASSIGNED, Deadline: &later, Class: 1,
			Budget: msg.MaxPricePerGibHour, PricePerGibHour: msg.MaxPricePerGibHour,
		})
		gs.Due = append(gs.Due, types.Due{At: later, Kind: types.DUE_KIND_ASSIGN, DealId: deal.Id})
	}
	gs.NextDealId = uint64(deals) + 1
}
