package keeper_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/market/types"
)

func TestDueItemsAreCappedAndCarriedOver(t *testing.T) {
	f := newFixture(t)
	params := testParams()
	params.MaxDuePerBlock = 3
	_, err := f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority.String(), Params: params})
	require.NoError(t, err)
	for range 10 {
		f.create(t, order(1))
	}
	f.ctx = f.ctx.WithBlockTime(f.ctx.BlockTime().Add(time.Hour)) // all are past their deadline
	for _, want := range []int{7, 4, 1, 0} {
		f.block(t, time.Second)
		res, err := f.query.Deals(f.ctx, &types.QueryDealsRequest{})
		require.NoError(t, err)
		open := 0
		for _, deal := range res.Deals {
			if deal.Running() {
				open++
			}
		}
		require.Equal(t, want, open)
	}
	require.Equal(t, int64(wealth), f.balance(client))
}

func TestFailedItemLeavesNoTraceAndIsTriedAgain(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 3_600)
	id := f.activeDeal(t, 1)
	f.porep.fail = errBroken
	f.block(t, 10*time.Hour)
	deal, _ := f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_ACTIVE, deal.Status, "the failed end changed nothing")
	failed := false
	for _, event := range f.ctx.EventManager().Events() {
		failed = failed || strings.Contains(event.Type, "EventDueFailed")
	}
	require.True(t, failed)

	f.porep.fail = nil
	f.block(t, time.Second)
	deal, _ = f.deal(t, id)
	require.Equal(t, types.DEAL_STATUS_ENDED, deal.Status)
}

func TestMissingRandomnessDelaysAssignment(t *testing.T) {
	f := newFixture(t)
	f.register(t, 0, 3_600)
	f.beacon.err = errBroken
	id := f.create(t, order(1))
	f.assignAll(t)
	_, replicas := f.deal(t, id)
	require.Equal(t, types.REPLICA_STATUS_UNASSIGNED, replicas[0].Status)
	f.beacon.err = nil
	f.block(t, time.Second)
	_, replicas = f.deal(t, id)
	require.Equal(t, types.REPLICA_STATUS_ASSIGNED, replicas[0].Status)
}
