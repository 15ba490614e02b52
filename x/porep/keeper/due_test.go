package keeper_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

const tick = time.Millisecond

// More windows fall due than a block takes: the rest follows, and each keeps its whole response time.
func TestWindowsBeyondTheCapCarryOver(t *testing.T) {
	f := newFixture(t, func(p *types.Params) { p.MaxDuePerBlock = 8 })
	var providers []string
	for i := range 20 {
		providers = append(providers, f.address(fmt.Sprint("p", i)))
		f.add(providers[i], 1000)
	}
	// All are due after a pause of the chain.
	at := start.Add(time.Minute)
	opened := func() (n int) {
		for _, p := range providers {
			if w := f.state(p).Window; w.Open {
				n++
				require.Equal(t, types.LocalnetParams().ResponseTime, w.ClosesAt.Sub(*w.OpenedAt))
			}
		}
		return n
	}
	f.block(at)
	require.Equal(t, 8, opened())
	f.block(at.Add(tick))
	require.Equal(t, 16, opened())
	f.block(at.Add(2 * tick))
	require.Equal(t, 20, opened())
	for _, p := range providers {
		_, err := f.submit(f.prove(p))
		require.NoError(t, err)
	}
	f.block(at.Add(3 * time.Second))
	require.Equal(t, 12, opened())
	f.block(at.Add(3*time.Second + tick))
	f.block(at.Add(3*time.Second + 2*tick))
	require.Equal(t, 0, opened())
	for _, p := range providers {
		state := f.state(p)
		require.Equal(t, uint64(1), state.ProvenWindows)
		require.Equal(t, 10*time.Second, state.ProvenTime, "the pause is not paid")
		require.False(t, state.NextOpenAt.Before(f.ctx.BlockTime().Add(time.Second-2*tick)), "changes have their time")
	}
}

// More changes wait than a block takes: the rest follows in order, and newer ones get behind them.
func TestChangesBeyondTheCapCarryOver(t *testing.T) {
	f := newFixture(t, func(p *types.Params) { p.MaxDuePerBlock = 8 })
	p := f.address("p")
	f.add(p, 1000)
	f.open(p)
	_, err := f.submit(f.prove(p))
	require.NoError(t, err)
	for range 20 {
		f.add(p, 10)
	}
	f.hooks.take()
	state := f.close(p)
	require.Equal(t, uint64(13), state.PendingChanges, "closing took one of eight")
	newest, _ := f.add(p, 10)
	require.Equal(t, types.UNIT_STATUS_QUEUED, f.unit(newest).Status, "the map is not frozen, but others were first")
	require.NoError(t, f.keeper.RemoveUnit(f.ctx, newest))
	for f.state(p).PendingChanges > 0 {
		f.block(f.ctx.BlockTime().Add(tick))
	}
	var want []string
	for id := 2; id <= 22; id++ {
		want = append(want, fmt.Sprintf("activated %d", id))
	}
	require.Equal(t, append(want, "released 22"), f.hooks.take())
	require.Equal(t, uint64(2), f.window(p).ProvenWindows)
}

// Changes that are left when the next window is near wait for its end.
func TestChangesPauseWhenTheMapFreezesAgain(t *testing.T) {
	f := newFixture(t, func(p *types.Params) { p.MaxDuePerBlock = 8 })
	p := f.address("p")
	f.add(p, 1000)
	f.open(p)
	for range 20 {
		f.add(p, 10)
	}
	f.close(p)
	require.Equal(t, uint64(13), f.state(p).PendingChanges)
	f.block(f.state(p).NextOpenAt)
	w := f.state(p).Window
	require.Equal(t, uint64(1070), w.ProvenBytes)
	f.block(f.ctx.BlockTime().Add(tick))
	require.Equal(t, uint64(13), f.state(p).PendingChanges)
	_, err := f.submit(f.prove(p))
	require.NoError(t, err)
	f.close(p)
	f.block(f.ctx.BlockTime().Add(tick))
	require.Zero(t, f.state(p).PendingChanges)
	require.Equal(t, uint64(1200), f.state(p).ActiveBytes)
}

func TestTerminationBeyondTheCapCarriesOver(t *testing.T) {
	f := newFixture(t, func(p *types.Params) { p.MaxDuePerBlock = 8; p.FaultMaxWindows = 1 })
	p := f.address("p")
	for range 20 {
		f.add(p, 10)
	}
	f.open(p)
	f.close(p)
	f.open(p)
	require.NoError(t, f.keeper.RemoveUnit(f.ctx, 3))
	f.hooks.take()
	f.close(p)
	blocks := 0
	for f.state(p).Terminating {
		exported, err := f.keeper.ExportGenesis(f.ctx)
		require.NoError(t, err)
		other := restart(t, f, exported)
		again, err := other.keeper.ExportGenesis(other.ctx)
		require.NoError(t, err)
		require.Equal(t, exported, again)
		f.block(f.ctx.BlockTime().Add(tick))
		blocks++
	}
	require.Equal(t, 3, blocks)
	calls := f.hooks.take()
	require.Len(t, calls, 20)
	require.Contains(t, calls, "released 3", "what was to be released is not slashed")
	require.Contains(t, calls, "terminated 4")
	state := f.state(p)
	require.Zero(t, state.UnitCount)
	require.Zero(t, state.PendingChanges)
}

// A listener can tell a unit that no window asked for from one that was not proven.
func TestASilentProvidersQueuedUnitIsTerminatedAsQueued(t *testing.T) {
	f := newFixture(t, func(p *types.Params) { p.FaultMaxWindows = 1 })
	p := f.address("p")
	asked, _ := f.add(p, 10)
	f.open(p)
	f.close(p)
	f.open(p)
	queued, _ := f.add(p, 10)
	had := map[uint64]types.UnitStatus{}
	f.hooks.do = func(_ context.Context, hook string, unit types.Unit) error {
		require.Equal(t, "terminated", hook)
		had[unit.Id] = unit.Status
		return nil
	}
	f.close(p)
	for f.state(p).Terminating {
		f.block(f.ctx.BlockTime().Add(tick))
	}
	require.Equal(t, map[uint64]types.UnitStatus{asked: types.UNIT_STATUS_ACTIVE, queued: types.UNIT_STATUS_QUEUED}, had)
}

// A hook that fails does not keep what is due from happening, and leaves nothing of its own behind.
func TestAFailingHookOnTheDuePath(t *testing.T) {
	f := newFixture(t)
	p := f.address("p")
	_, tree := f.add(p, 30_000)
	f.disk.lose(t, tree)
	f.open(p)
	_, err := f.submit(f.prove(p))
	require.NoError(t, err)
	f.hooks.do = func(ctx context.Context, _ string, _ types.Unit) error {
		params := types.LocalnetParams()
		params.GasPerOpening = 77
		return errors.Join(f.keeper.SetParams(ctx, params), errHook)
	}
	f.close(p)
	require.Equal(t, 1, f.events()["ipdm.porep.v1.EventHookFailed"])
	require.Equal(t, types.UNIT_STATUS_FAULTY, f.unit(1).Status)
	params, err := f.keeper.Params(f.ctx)
	require.NoError(t, err)
	require.Equal(t, types.LocalnetParams(), params, "what the hook wrote is gone")
	require.Len(t, f.hooks.untold, 1)
	require.Equal(t, f.unit(1), f.hooks.untold[0], "the listener learns where it has to look")

	// At someone's request it is the request that fails.
	require.ErrorIs(t, f.keeper.RemoveUnit(f.ctx, 1), errHook)
	_, err = f.keeper.AddUnit(f.ctx, f.newUnit(p, tree))
	require.ErrorIs(t, err, errHook)
	require.Len(t, f.hooks.untold, 1)
}

// Whoever cannot be told of a termination learns its cause.
func TestAnUntoldTerminationHasItsCause(t *testing.T) {
	f := newFixture(t, func(p *types.Params) { p.FaultMaxWindows = 1 })
	p := f.address("p")
	f.add(p, 10)
	f.open(p)
	f.open(p)
	f.hooks.do = func(_ context.Context, hook string, _ types.Unit) error {
		f.hooks.causes = nil
		return errHook
	}
	f.close(p)
	for f.state(p).Terminating {
		f.block(f.ctx.BlockTime().Add(tick))
	}
	require.Equal(t, []types.TerminationCause{types.TERMINATION_CAUSE_SILENCE}, f.hooks.causes)
	require.Equal(t, uint64(1), f.hooks.untold[0].Id)
}

// Windows that were missed before a provider had nothing left to prove do not count against what it takes on later.
func TestMissedWindowsAreForgottenWithTheLastUnit(t *testing.T) {
	f := newFixture(t, func(p *types.Params) { p.FaultMaxWindows = 2 })
	p := f.address("p")
	for frozen, remove := range map[string]func(id uint64){
		"between windows": func(id uint64) {
			f.close(p)
			require.NoError(t, f.keeper.RemoveUnit(f.ctx, id))
			f.block(f.state(p).NextOpenAt)
		},
		"at the end of one": func(id uint64) {
			require.NoError(t, f.keeper.RemoveUnit(f.ctx, id))
			f.close(p)
		},
	} {
		id, _ := f.add(p, 10)
		f.open(p)
		require.Equal(t, uint32(1), f.close(p).ConsecutiveMissed, frozen)
		f.open(p)
		remove(id)
		require.Zero(t, f.state(p).ConsecutiveMissed, frozen)
		require.False(t, f.state(p).Scheduled, frozen)
	}
}

// A hook may call the keeper, and sees what has happened.
func TestAHookMayCallTheKeeper(t *testing.T) {
	f := newFixture(t)
	p := f.address("p")
	f.add(p, 1000)
	f.open(p)
	_, err := f.submit(f.prove(p))
	require.NoError(t, err)
	f.add(p, 2000)
	var proven time.Duration
	f.hooks.do = func(ctx context.Context, hook string, unit types.Unit) error {
		if hook != "activated" {
			return nil
		}
		var err error
		if proven, err = f.keeper.ProvenTime(ctx, p, types.CLASS_OPEN); err != nil {
			return err
		}
		return f.keeper.RemoveUnit(ctx, 1)
	}
	state := f.close(p)
	require.Equal(t, 10*time.Second, proven, "the window counts before changes take effect")
	require.Equal(t, uint64(1), state.UnitCount)
	require.Equal(t, uint64(2000), state.ActiveBytes)
}

// Without randomness no window opens; it is tried again a period later, and the others are not held up.
func TestAFailedItemIsTriedAgain(t *testing.T) {
	f := newFixture(t)
	p := f.address("p")
	f.add(p, 1000)
	at := f.state(p).NextOpenAt
	f.beacon.err = errors.New("no randomness")
	f.block(at)
	require.Equal(t, 1, f.events()["ipdm.porep.v1.EventDueFailed"])
	require.False(t, f.state(p).Window.Open)
	f.beacon.err = nil
	f.block(at.Add(10*time.Second - 1))
	require.False(t, f.state(p).Window.Open)
	f.block(at.Add(10 * time.Second))
	require.True(t, f.state(p).Window.Open)
	require.Equal(t, uint64(1), f.state(p).Window.Index)
}

func TestGasIsChargedBeforeAnyWork(t *testing.T) {
	f := newFixture(t)
	p := f.address("p")
	f.add(p, 1000)
	w := f.open(p)
	garbage := &types.MsgSubmitWindowProof{Provider: p, Class: types.CLASS_OPEN, Window: w.Index, Proof: make([]byte, 10_000)}
	spent := func(msg *types.MsgSubmitWindowProof) uint64 {
		ctx, _ := f.ctx.CacheContext()
		before := ctx.GasMeter().GasConsumed()
		_, err := f.msgs.SubmitWindowProof(ctx, msg)
		require.ErrorIs(t, err, types.ErrInvalidProof)
		return ctx.GasMeter().GasConsumed() - before
	}
	params := types.LocalnetParams()
	small, large := *garbage, *garbage
	large.Proof = make([]byte, 20_000)
	require.GreaterOrEqual(t, spent(&small), 10_000*params.GasPerProofByte+16*params.GasPerOpening)
	require.Equal(t, 10_000*params.GasPerProofByte, spent(&large)-spent(&small))
}

func TestUpdateParams(t *testing.T) {
	f := newFixture(t)
	p := f.address("p")
	f.add(p, 1000)
	params := types.DefaultParams()
	_, err := f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: p, Params: params})
	require.ErrorIs(t, err, types.ErrUnauthorized)
	bad := params
	bad.OpeningsMax = 129
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: f.address("authority"), Params: bad})
	require.ErrorIs(t, err, types.ErrInvalidParams)

	bad = params
	bad.Denom = "other"
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: f.address("authority"), Params: bad})
	require.ErrorIs(t, err, types.ErrInvalidParams, "deposits and bonds are in the old denom")

	// A window that is open keeps its times; the next follows the new period, and pays for no more than passed.
	f.open(p)
	_, err = f.submit(f.prove(p))
	require.NoError(t, err)
	params.ProvingPeriod = 3 * time.Minute
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: f.address("authority"), Params: params})
	require.NoError(t, err)
	state := f.close(p)
	require.Equal(t, 10*time.Second, state.ProvenTime)
	require.False(t, state.NextOpenAt.Before(f.ctx.BlockTime().Add(params.FaultCutoff)))
	before := *state.Window.ScheduledAt
	state = f.window(p)
	require.Equal(t, 10*time.Second+min(params.ProvingPeriod, state.Window.ScheduledAt.Sub(before)), state.ProvenTime)
}
