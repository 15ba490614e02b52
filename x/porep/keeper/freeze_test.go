package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// From the cutoff until the window closes nothing that a provider proves changes, and then everything does in order.
func TestChangesWaitWhileTheMapIsFrozen(t *testing.T) {
	f := newFixture(t)
	p := f.address("p")
	a, _ := f.add(p, 30_000)
	b, _ := f.add(p, 30_000)
	f.hooks.take()
	opens := f.state(p).NextOpenAt

	f.block(opens.Add(-time.Second - 1))
	early, _ := f.add(p, 100)
	require.Equal(t, types.UNIT_STATUS_ACTIVE, f.unit(early).Status, "just before the cutoff")
	require.NoError(t, f.keeper.RemoveUnit(f.ctx, early))
	f.hooks.take()

	f.block(opens.Add(-time.Second))
	late, _ := f.add(p, 10_000)
	require.Equal(t, types.UNIT_STATUS_QUEUED, f.unit(late).Status, "at the cutoff")
	require.NoError(t, f.keeper.RemoveUnit(f.ctx, a))
	require.NoError(t, f.keeper.RemoveUnit(f.ctx, a), "once more changes nothing")
	require.Equal(t, uint64(2), f.state(p).PendingChanges)

	w := f.open(p)
	require.Equal(t, uint64(60_000), w.ProvenBytes)
	inWindow, _ := f.add(p, 20_000)
	passing, _ := f.add(p, 5_000)
	require.NoError(t, f.keeper.RemoveUnit(f.ctx, passing))
	seen := map[uint64]bool{}
	for _, c := range f.challenges(p) {
		seen[c.TotalBytes] = true
	}
	require.Equal(t, map[uint64]bool{30_000: true}, seen)
	_, err := f.submit(f.prove(p))
	require.NoError(t, err)
	require.Empty(t, f.hooks.take())

	state := f.close(p)
	require.Equal(t, []string{"activated 4", "released 1", "activated 5", "activated 6", "released 6"}, f.hooks.take())
	require.Zero(t, state.PendingChanges)
	require.Equal(t, uint64(1), state.ProvenWindows)
	require.Equal(t, uint64(60_000), state.ActiveBytes)
	for _, id := range []uint64{b, late, inWindow} {
		require.Equal(t, types.UNIT_STATUS_ACTIVE, f.unit(id).Status)
	}
	require.Equal(t, uint64(2), f.window(p).ProvenWindows)
}

// A unit that is about to be released can still fault in the window that is open.
func TestAReleasedUnitDoesNotFault(t *testing.T) {
	f := newFixture(t)
	p := f.address("p")
	a, treeA := f.add(p, 30_000)
	_, treeB := f.add(p, 30_000)
	f.disk.lose(t, treeA)
	f.disk.lose(t, treeB)
	f.hooks.take()
	f.open(p)
	require.NoError(t, f.keeper.RemoveUnit(f.ctx, a))
	r, err := f.submit(f.prove(p))
	require.NoError(t, err)
	require.ElementsMatch(t, []uint64{1, 2}, r.FaultedUnits)
	state := f.close(p)
	require.Equal(t, []string{"released 1", "faulted 2"}, f.hooks.take())
	require.Zero(t, state.PendingChanges)
	require.Zero(t, state.ProvenTime)

	// A faulty unit may be released too, which ends its fault.
	require.NoError(t, f.keeper.RemoveUnit(f.ctx, 2))
	require.Equal(t, []string{"released 2"}, f.hooks.take())
	f.block(f.ctx.BlockTime().Add(time.Hour))
	require.Empty(t, f.hooks.take())
	require.False(t, f.state(p).Scheduled)
}

func TestUnitsThatAreRefused(t *testing.T) {
	f := newFixture(t)
	p := f.address("p")
	tree := f.disk.put(t, "unit", 100)
	for name, tt := range map[string]struct {
		edit func(*types.NewUnit)
		want error
	}{
		"sealed":           {func(u *types.NewUnit) { u.Class = types.CLASS_SEALED }, types.ErrClassUnsupported},
		"no class":         {func(u *types.NewUnit) { u.Class = 0 }, types.ErrInvalidClass},
		"unknown class":    {func(u *types.NewUnit) { u.Class = 7 }, types.ErrInvalidClass},
		"no provider":      {func(u *types.NewUnit) { u.Provider = "" }, types.ErrInvalidUnit},
		"no address":       {func(u *types.NewUnit) { u.Provider = "ipdm1qqq" }, types.ErrInvalidUnit},
		"no commitment":    {func(u *types.NewUnit) { u.CommD = nil }, types.ErrInvalidUnit},
		"short commitment": {func(u *types.NewUnit) { u.CommD = u.CommD[:31] }, types.ErrInvalidUnit},
		"empty":            {func(u *types.NewUnit) { u.SizeBytes = 0 }, types.ErrInvalidUnit},
		"absurd":           {func(u *types.NewUnit) { u.SizeBytes = types.MaxProviderBytes + 1 }, types.ErrInvalidUnit},
	} {
		t.Run(name, func(t *testing.T) {
			u := f.newUnit(p, tree)
			tt.edit(&u)
			_, err := f.keeper.AddUnit(f.ctx, u)
			require.ErrorIs(t, err, tt.want)
		})
	}
	require.ErrorIs(t, f.keeper.RemoveUnit(f.ctx, 1), types.ErrUnknownUnit)

	huge := f.newUnit(p, tree)
	huge.SizeBytes = types.MaxProviderBytes
	_, err := f.keeper.AddUnit(f.ctx, huge)
	require.NoError(t, err)
	_, err = f.keeper.AddUnit(f.ctx, f.newUnit(p, tree))
	require.ErrorIs(t, err, types.ErrInvalidUnit, "no sum of sizes may overflow")
}
