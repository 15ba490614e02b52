package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

func TestAnHonestProviderEarnsProvenTime(t *testing.T) {
	f := newFixture(t)
	p := f.address("p")
	a, _ := f.add(p, 3000, 5000, 1)
	b, _ := f.add(p, 70_000)
	require.Equal(t, []string{"activated 1", "activated 2"}, f.hooks.take())
	require.Equal(t, types.UNIT_STATUS_ACTIVE, f.unit(a).Status)

	state := f.state(p)
	require.True(t, state.Scheduled)
	params := types.LocalnetParams()
	require.False(t, state.NextOpenAt.Before(start.Add(params.FaultCutoff)))
	require.True(t, state.NextOpenAt.Before(start.Add(params.FaultCutoff+params.ProvingPeriod)))
	first := state.NextOpenAt

	for i := range 5 {
		w := f.open(p)
		require.Equal(t, uint64(i+1), w.Index)
		require.Equal(t, uint32(16), w.Openings)
		require.Equal(t, first.Add(time.Duration(i)*params.ProvingPeriod), *w.ScheduledAt)
		require.Equal(t, params.ResponseTime, w.ClosesAt.Sub(*w.OpenedAt))
		r, err := f.submit(f.prove(p))
		require.NoError(t, err)
		require.Empty(t, r.FaultedUnits)
		state = f.close(p)
		require.Equal(t, uint64(i+1), state.ProvenWindows)
		require.Zero(t, state.MissedWindows)
		require.Equal(t, time.Duration(i+1)*params.ProvingPeriod, state.ProvenTime)
	}
	proven, err := f.keeper.ProvenTime(f.ctx, p, types.CLASS_OPEN)
	require.NoError(t, err)
	require.Equal(t, 5*params.ProvingPeriod, proven)
	none, err := f.keeper.ProvenTime(f.ctx, f.address("nobody"), types.CLASS_OPEN)
	require.NoError(t, err)
	require.Zero(t, none)

	// When its last unit goes, it is taken off the schedule and keeps what it earned.
	require.NoError(t, f.keeper.RemoveUnit(f.ctx, a))
	require.NoError(t, f.keeper.RemoveUnit(f.ctx, b))
	require.Equal(t, []string{"released 1", "released 2"}, f.hooks.take())
	f.block(f.state(p).NextOpenAt)
	state = f.state(p)
	require.False(t, state.Scheduled)
	require.False(t, state.Window.Open)
	require.Equal(t, 5*params.ProvingPeriod, state.ProvenTime)

	// It may come back.
	f.add(p, 100)
	state = f.window(p)
	require.Equal(t, uint64(6), state.Window.Index)
	require.Equal(t, 6*params.ProvingPeriod, state.ProvenTime)
}

func TestMissingOpeningsFaultTheirUnitsOnly(t *testing.T) {
	f := newFixture(t)
	p := f.address("p")
	lost, tree := f.add(p, 50_000, 50_000)
	kept, _ := f.add(p, 60_000)
	f.hooks.take()
	f.disk.lose(t, tree)

	w := f.open(p)
	msg := f.prove(p)
	r, err := f.submit(msg)
	require.NoError(t, err)
	require.Equal(t, []uint64{lost}, r.FaultedUnits)
	require.Equal(t, types.UNIT_STATUS_ACTIVE, f.unit(lost).Status, "the map stands still while the window is open")
	require.Empty(t, f.hooks.take())

	state := f.close(p)
	require.Equal(t, []string{"faulted 1"}, f.hooks.take())
	require.Zero(t, state.ProvenWindows, "the window's reward is lost")
	require.Zero(t, state.ProvenTime)
	require.Zero(t, state.MissedWindows)
	require.Equal(t, uint64(60_000), state.ActiveBytes)
	require.Equal(t, uint64(1), state.FaultyUnits)
	unit := f.unit(lost)
	require.Equal(t, types.UNIT_STATUS_FAULTY, unit.Status)
	require.Equal(t, w.Index, unit.FaultedWindow)
	params := types.LocalnetParams()
	require.Equal(t, f.ctx.BlockTime().Add(2*params.ProvingPeriod), *unit.FaultExpiresAt)
	faults, err := f.queries.Faults(f.ctx, &types.QueryFaultsRequest{Provider: p})
	require.NoError(t, err)
	require.Len(t, faults.Units, 1)

	// The other unit is proven and paid; the faulty one is not asked for.
	f.open(p)
	for _, c := range f.challenges(p) {
		require.Equal(t, uint64(60_000), c.TotalBytes)
	}
	_, err = f.submit(f.prove(p))
	require.NoError(t, err)
	state = f.close(p)
	require.Equal(t, uint64(1), state.ProvenWindows)
	require.Empty(t, f.hooks.take())

	// The fault runs out when the second window after it closes.
	require.Equal(t, *unit.FaultExpiresAt, *f.open(p).ClosesAt)
	_, err = f.submit(f.prove(p))
	require.NoError(t, err)
	f.close(p)
	require.Equal(t, []string{"terminated 1"}, f.hooks.take())
	require.Equal(t, 1, f.events()["ipdm.porep.v1.EventUnitTerminated"])
	_, err = f.keeper.Unit(f.ctx, lost)
	require.ErrorIs(t, err, types.ErrUnknownUnit)
	require.Equal(t, uint64(1), f.state(p).UnitCount)
	require.Equal(t, types.UNIT_STATUS_ACTIVE, f.unit(kept).Status)
}

func TestAFaultyUnitRecovers(t *testing.T) {
	f := newFixture(t)
	p := f.address("p")
	id, tree := f.add(p, 50_000)
	f.disk.lose(t, tree)
	f.window(p)
	require.Equal(t, []string{"activated 1", "faulted 1"}, f.hooks.take())

	// A provider whose units are all faulty has windows without challenges, so that there is a seed to recover with.
	w := f.open(p)
	require.Zero(t, w.Openings)
	require.Empty(t, f.challenges(p))
	_, err := f.submit(&types.MsgSubmitWindowProof{Provider: p, Class: types.CLASS_OPEN, Window: w.Index, Proof: []byte{1}})
	require.ErrorIs(t, err, types.ErrNothingChallenged)

	f.disk.put(t, "deal 1", 50_000)
	require.NoError(t, f.recoverFaults(p, w.Index, f.recovery(p, id)))
	require.ErrorIs(t, f.recoverFaults(p, w.Index, f.recovery(p, id)), types.ErrAlreadyQueued)
	require.Equal(t, types.UNIT_STATUS_FAULTY, f.unit(id).Status)
	state := f.close(p)
	require.Equal(t, []string{"recovered 1"}, f.hooks.take())
	require.Zero(t, state.MissedWindows, "a window without challenges is neither proven nor missed")
	require.Zero(t, state.ProvenWindows)
	unit := f.unit(id)
	require.Equal(t, types.UNIT_STATUS_ACTIVE, unit.Status)
	require.Nil(t, unit.FaultExpiresAt)
	require.Zero(t, unit.FaultedWindow)

	for range 3 {
		state = f.window(p)
	}
	require.Equal(t, uint64(3), state.ProvenWindows)
	require.Empty(t, f.hooks.take(), "the old expiry is gone")
}

// A recovery that was proven in time counts even when the fault runs out before the window closes.
func TestARecoveryInTimeBeatsTheExpiry(t *testing.T) {
	f := newFixture(t, func(p *types.Params) { p.FaultMaxWindows = 1 })
	p := f.address("p")
	id, tree := f.add(p, 50_000)
	f.disk.lose(t, tree)
	f.window(p)
	expires := *f.unit(id).FaultExpiresAt

	// A late block opens the window a moment before the expiry.
	f.block(expires.Add(-time.Second))
	require.True(t, f.state(p).Window.Open)
	f.disk.put(t, "deal 1", 50_000)
	require.NoError(t, f.recoverFaults(p, f.state(p).Window.Index, f.recovery(p, id)))
	f.hooks.take()
	f.block(expires)
	require.Empty(t, f.hooks.take())
	f.close(p)
	require.Equal(t, []string{"recovered 1"}, f.hooks.take())
}

func TestASilentProviderLosesEverything(t *testing.T) {
	f := newFixture(t)
	p, other := f.address("p"), f.address("other")
	f.add(p, 1000)
	f.add(p, 2000)
	kept, _ := f.add(other, 3000)
	f.hooks.take()
	for missed := uint64(1); missed <= 3; missed++ {
		f.open(p)
		state := f.close(p)
		require.Equal(t, missed, state.MissedWindows)
		require.Equal(t, uint32(missed), state.ConsecutiveMissed)
		require.Equal(t, 1, f.events()["ipdm.porep.v1.EventWindowMissed"])
		require.Equal(t, missed == 3, state.Terminating)
	}
	_, err := f.keeper.AddUnit(f.ctx, f.newUnit(p, f.disk.put(t, "more", 10)))
	require.ErrorIs(t, err, types.ErrTerminating)

	f.block(f.ctx.BlockTime().Add(time.Millisecond))
	require.Equal(t, []string{"terminated 1", "terminated 2"}, f.hooks.take())
	state := f.state(p)
	require.False(t, state.Terminating)
	require.False(t, state.Scheduled)
	require.Zero(t, state.UnitCount)
	require.Zero(t, state.ConsecutiveMissed)
	require.Equal(t, uint64(3), state.MissedWindows)
	require.Zero(t, state.ProvenTime)
	require.Equal(t, types.UNIT_STATUS_ACTIVE, f.unit(kept).Status)

	f.add(p, 500)
	require.Equal(t, uint64(1), f.window(p).ProvenWindows)
}

func TestOneProofEndsARowOfMisses(t *testing.T) {
	f := newFixture(t)
	p := f.address("p")
	f.add(p, 1000)
	for range 3 {
		f.open(p)
		f.close(p)
		f.open(p)
		require.Equal(t, uint32(2), f.close(p).ConsecutiveMissed)
		require.Zero(t, f.window(p).ConsecutiveMissed)
	}
	state := f.state(p)
	require.Equal(t, uint64(6), state.MissedWindows)
	require.Equal(t, 3*types.LocalnetParams().ProvingPeriod, state.ProvenTime, "missed windows are not paid")
}

func TestWindowsOfProvidersAreSpread(t *testing.T) {
	f := newFixture(t)
	times := map[int64]bool{}
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		f.add(f.address(name), 10)
		times[f.state(f.address(name)).NextOpenAt.UnixNano()] = true
	}
	require.Len(t, times, 8)
}
