package keeper_test

import (
	"strings"
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"
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

// spam makes deals that nobody takes at their price.
func (f *fixture) spam(t *testing.T, deals int) {
	t.Helper()
	for range deals {
		msg := order(1)
		msg.MaxPricePerGibHour = sdkmath.OneInt()
		f.create(t, msg)
	}
}

func (f *fixture) setParams(t *testing.T, change func(*types.Params)) {
	t.Helper()
	params := testParams()
	change(&params)
	_, err := f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority.String(), Params: params})
	require.NoError(t, err)
}

func TestDrawsDelayNeitherLapseNorEnd(t *testing.T) {
	f := newFixture(t)
	f.setParams(t, func(p *types.Params) { p.MaxDuePerBlock = 2 })
	account := f.register(t, 0, 3_600).String()
	ending := f.activeDeal(t, 1)
	f.block(t, 10*time.Hour-30*time.Second)
	f.spam(t, 50)
	lapsing := f.create(t, order(1))
	for replica := (types.Replica{}); replica.Provider == ""; {
		f.block(t, time.Millisecond)
		_, replicas := f.deal(t, lapsing)
		replica = replicas[0]
	}
	f.spam(t, 50)
	f.block(t, 2*time.Minute)
	deal, _ := f.deal(t, ending)
	require.Equal(t, types.DEAL_STATUS_ENDED, deal.Status)
	require.Equal(t, int64(7), f.provider(t, account).Slashed.Int64(), "the assignment lapsed in the same block")
}

// The draws for a replica that nobody takes become rare, but do not stop.
func TestPauseBetweenDrawsDoublesUpToACap(t *testing.T) {
	f := newFixture(t)
	f.setParams(t, func(p *types.Params) { p.AssignmentTimeout = time.Hour })
	f.register(t, 0, 3_600)
	f.spam(t, 1)
	f.assignAll(t)
	var pauses []int
	for range 10 {
		gs, err := f.keeper.ExportGenesis(f.ctx)
		require.NoError(t, err)
		require.Len(t, gs.Due, 1)
		pauses = append(pauses, int(gs.Due[0].At.Sub(f.ctx.BlockTime())/time.Second))
		for range pauses[len(pauses)-1] {
			f.block(t, time.Second)
		}
	}
	require.Equal(t, []int{1, 1, 2, 4, 8, 16, 32, 64, 64, 64}, pauses)
}

// A replica that only bad luck kept from the one provider left is drawn again soon.
func TestPauseIsShortWhenSuitableProvidersWereHit(t *testing.T) {
	f := newFixture(t)
	f.setParams(t, func(p *types.Params) { p.AssignmentTimeout = time.Hour })
	f.register(t, 0, 3_600)
	f.create(t, order(2))
	f.assignAll(t)
	for range 5 {
		gs, err := f.keeper.ExportGenesis(f.ctx)
		require.NoError(t, err)
		last := gs.Due[len(gs.Due)-1]
		require.Equal(t, types.DUE_KIND_ASSIGN, last.Kind)
		require.Equal(t, time.Second, last.At.Sub(f.ctx.BlockTime()))
		f.block(t, time.Second)
	}
}

func TestDealsThatNobodyTakesLeaveRoomForOthers(t *testing.T) {
	f := newFixture(t)
	f.setParams(t, func(p *types.Params) {
		p.MaxDuePerBlock = 4
		p.AssignmentTimeout = time.Hour
	})
	f.register(t, 0, 3_600)
	f.spam(t, 40)
	for range 100 {
		f.block(t, time.Second)
	}
	id := f.create(t, order(1))
	f.assignAll(t)
	f.block(t, time.Second)
	_, replicas := f.deal(t, id)
	require.Equal(t, types.REPLICA_STATUS_ASSIGNED, replicas[0].Status)
}
