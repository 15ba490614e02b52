package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

func (f *fixture) declare(provider string, class types.Class, units ...uint64) error {
	f.Helper()
	return f.tx(func(ctx sdk.Context) error {
		_, err := f.msgs.DeclareFaults(ctx, &types.MsgDeclareFaults{Provider: provider, Class: class, UnitIds: units})
		return err
	})
}

func (f *fixture) giveUp(provider string, class types.Class, units ...uint64) error {
	f.Helper()
	return f.tx(func(ctx sdk.Context) error {
		_, err := f.msgs.TerminateUnits(ctx, &types.MsgTerminateUnits{Provider: provider, Class: class, UnitIds: units})
		return err
	})
}

// A fault that is declared in time does not cost the window of what else there is.
func TestADeclaredFaultDoesNotCostTheWindow(t *testing.T) {
	f := newFixture(t)
	p := f.address("p")
	lost, tree := f.add(p, 40_000)
	f.add(p, 30_000)
	f.disk.lose(t, tree)
	f.hooks.take()
	require.NoError(t, f.declare(p, types.CLASS_OPEN, lost))
	require.Equal(t, []string{"faulted 1"}, f.hooks.take())
	unit := f.unit(lost)
	require.Equal(t, types.UNIT_STATUS_FAULTY, unit.Status)
	require.Equal(t, f.ctx.BlockTime(), *unit.FaultedAt)
	require.Zero(t, unit.FaultedWindow)
	state := f.window(p)
	require.Equal(t, uint64(1), state.ProvenWindows)
	require.Empty(t, f.hooks.take())

	// It can recover like any other, or be given up.
	f.disk.put(t, "deal 1", 40_000)
	w := f.open(p)
	require.NoError(t, f.recoverFaults(p, w.Index, f.recovery(p, lost)))
	_, err := f.submit(f.prove(p))
	require.NoError(t, err)
	f.close(p)
	require.Equal(t, []string{"recovered 1"}, f.hooks.take())
}

// Once the map is frozen for a window it is too late: the challenge may be foreseen.
func TestADeclarationAfterTheCutoff(t *testing.T) {
	f := newFixture(t)
	p := f.address("p")
	unit, _ := f.add(p, 40_000)
	opens := f.state(p).NextOpenAt
	f.block(opens.Add(-types.LocalnetParams().FaultCutoff))
	require.ErrorIs(t, f.declare(p, types.CLASS_OPEN, unit), types.ErrMapFrozen)
	f.block(opens)
	require.ErrorIs(t, f.declare(p, types.CLASS_OPEN, unit), types.ErrMapFrozen)
	_, err := f.submit(f.prove(p))
	require.NoError(t, err)
	require.ErrorIs(t, f.declare(p, types.CLASS_OPEN, unit), types.ErrMapFrozen, "until it closes")
	f.close(p)
	require.NoError(t, f.declare(p, types.CLASS_OPEN, unit))
}

func TestDeclarationsThatAreRefused(t *testing.T) {
	f := newFixture(t, func(p *types.Params) { p.MaxDeclarationsPerTx = 2 })
	p, other := f.address("p"), f.address("other")
	for range 3 {
		f.add(p, 1000)
	}
	theirs, _ := f.add(other, 1000)
	f.hooks.take()
	for name, send := range map[string]func(string, types.Class, ...uint64) error{"declare": f.declare, "give up": f.giveUp} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, send(p, types.CLASS_OPEN), types.ErrUnits)
			require.ErrorIs(t, send(p, types.CLASS_OPEN, 1, 2, 3), types.ErrUnits)
			require.ErrorIs(t, send(p, 0, 1), types.ErrInvalidClass)
			require.ErrorIs(t, send(p, types.CLASS_SEALED, 1), types.ErrUnknownProvider)
			require.ErrorIs(t, send(f.address("nobody"), types.CLASS_OPEN, 1), types.ErrUnknownProvider)
			require.ErrorIs(t, send(p, types.CLASS_OPEN, theirs), types.ErrNotOwner)
			require.ErrorIs(t, send(p, types.CLASS_OPEN, 77), types.ErrUnknownUnit)
			require.Error(t, send(p, types.CLASS_OPEN, 1, 1), "twice the same")
			require.Equal(t, types.UNIT_STATUS_ACTIVE, f.unit(1).Status, "all or none")
		})
	}
	require.NoError(t, f.declare(p, types.CLASS_OPEN, 1))
	require.ErrorIs(t, f.declare(p, types.CLASS_OPEN, 1), types.ErrNotActive)
}

// A unit of one class is not in the map of the other, though the provider has both.
func TestADeclarationForTheOtherClass(t *testing.T) {
	s := newSealer(t)
	s.accepted(nil)
	open, _ := s.add(s.address, 1000)
	require.ErrorIs(t, s.declare(s.address, types.CLASS_SEALED, open), types.ErrWrongClass)
	require.ErrorIs(t, s.giveUp(s.address, types.CLASS_OPEN, 1), types.ErrWrongClass)
	require.NoError(t, s.declare(s.address, types.CLASS_SEALED, 1))
	require.Equal(t, s.sector.pieces[1].Nodes()*32, s.rewards.bytes[s.address])
}

func TestUnitsAreGivenUp(t *testing.T) {
	f := newFixture(t)
	p := f.address("p")
	for range 3 {
		f.add(p, 1000)
	}
	f.hooks.take()
	require.NoError(t, f.giveUp(p, types.CLASS_OPEN, 2))
	require.Equal(t, []string{"terminated 2"}, f.hooks.take())

	f.open(p)
	require.NoError(t, f.giveUp(p, types.CLASS_OPEN, 1))
	require.ErrorIs(t, f.giveUp(p, types.CLASS_OPEN, 1), types.ErrAlreadyQueued)
	require.Equal(t, types.UNIT_STATUS_ACTIVE, f.unit(1).Status, "the map stands still")
	require.NoError(t, f.keeper.RemoveUnit(f.ctx, 3))
	require.ErrorIs(t, f.giveUp(p, types.CLASS_OPEN, 3), types.ErrAlreadyQueued)
	_, err := f.submit(f.prove(p))
	require.NoError(t, err)
	f.close(p)
	require.Equal(t, []string{"terminated 1", "released 3"}, f.hooks.take())
	require.Equal(t, []types.TerminationCause{
		types.TERMINATION_CAUSE_VOLUNTARY, types.TERMINATION_CAUSE_VOLUNTARY,
	}, f.hooks.causes)
}

// A unit that its silent provider gave up is terminated for the reason that came first.
func TestASilentProvidersUnitKeepsItsCause(t *testing.T) {
	f := newFixture(t, func(p *types.Params) { p.FaultMaxWindows = 1 })
	p := f.address("p")
	f.add(p, 1000)
	f.add(p, 1000)
	f.open(p)
	f.close(p)
	f.open(p)
	require.NoError(t, f.giveUp(p, types.CLASS_OPEN, 1))
	f.close(p)
	for f.state(p).Terminating {
		f.tick()
	}
	require.Equal(t, []types.TerminationCause{
		types.TERMINATION_CAUSE_VOLUNTARY, types.TERMINATION_CAUSE_SILENCE,
	}, f.hooks.causes)
}
