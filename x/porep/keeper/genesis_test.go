package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// busy returns a chain in the middle of everything: a provider with an open, proven window, faults, and changes of each kind in
// the queue; one that lost everything; one that is gone.
func busy(t *testing.T) (f *fixture, p string) {
	f = newFixture(t, func(p *types.Params) { p.MaxDuePerBlock = 8; p.FaultMaxWindows = 3 })
	p = f.address("p")
	silent, gone := f.address("silent"), f.address("gone")
	for range 12 {
		f.add(silent, 100)
	}
	once, _ := f.add(gone, 100)
	require.NoError(t, f.keeper.RemoveUnit(f.ctx, once))
	for f.state(silent).ConsecutiveMissed < 3 {
		f.open(silent)
		f.close(silent)
	}
	released, _ := f.add(p, 5000)
	f.add(p, 40_000)
	_, lost := f.add(p, 20_000)
	f.disk.lose(t, lost)
	f.window(p)
	require.Equal(t, uint64(1), f.state(p).FaultyUnits)
	// Slots with a gap among them.
	require.NoError(t, f.keeper.RemoveUnit(f.ctx, released))
	w := f.open(p)
	require.Zero(t, f.state(silent).UnitCount)
	f.disk.put(t, "deal 16", 20_000)
	require.NoError(t, f.recoverFaults(p, w.Index, f.recovery(p, lostUnit(f, p))))
	f.add(p, 3000)
	_, err := f.submit(f.prove(p))
	require.NoError(t, err)
	return f, p
}

func lostUnit(f *fixture, p string) uint64 {
	r, err := f.queries.Faults(f.ctx, &types.QueryFaultsRequest{Provider: p})
	require.NoError(f, err)
	require.Len(f, r.Units, 1)
	return r.Units[0].Id
}

// restart writes an exported state into a new chain, which has the same providers' disks.
func restart(t *testing.T, old *fixture, gs *types.GenesisState) *fixture {
	f := emptyFixture(t)
	f.disk, f.deals = old.disk, old.deals
	f.ctx = f.ctx.WithBlockHeight(old.ctx.BlockHeight()).WithBlockTime(old.ctx.BlockTime())
	require.NoError(t, f.keeper.InitGenesis(f.ctx, *gs))
	return f
}

func TestGenesisRoundTripInTheMiddleOfAWindow(t *testing.T) {
	old, p := busy(t)
	exported, err := old.keeper.ExportGenesis(old.ctx)
	require.NoError(t, err)
	require.NotEmpty(t, exported.Changes)
	raw, err := exported.Marshal()
	require.NoError(t, err)
	var read types.GenesisState
	require.NoError(t, read.Unmarshal(raw))

	f := restart(t, old, &read)
	again, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.Equal(t, exported, again)

	// Both chains go on alike: the same challenges, calls and states, window after window.
	old.hooks.take()
	for range 4 {
		for _, chain := range []*fixture{old, f} {
			chain.window(p)
			chain.add(p, 777)
		}
		require.Equal(t, old.hooks.take(), f.hooks.take())
		a, err := old.keeper.ExportGenesis(old.ctx)
		require.NoError(t, err)
		b, err := f.keeper.ExportGenesis(f.ctx)
		require.NoError(t, err)
		require.Equal(t, a, b)
	}
}

func TestGenesisRefuses(t *testing.T) {
	old, _ := busy(t)
	late := time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, edit := range map[string]func(*types.GenesisState){
		"params":               func(gs *types.GenesisState) { gs.Params.OpeningsMin = 0 },
		"no next id":           func(gs *types.GenesisState) { gs.NextUnitId = 0 },
		"next id":              func(gs *types.GenesisState) { gs.NextUnitId = gs.Units[0].Id },
		"unit twice":           func(gs *types.GenesisState) { gs.Units = append(gs.Units, gs.Units[0]) },
		"unit without owner":   func(gs *types.GenesisState) { gs.Units[0].Provider = "ipdm1nobody" },
		"unit sealed":          func(gs *types.GenesisState) { gs.Units[0].Class = types.CLASS_SEALED },
		"unit commitment":      func(gs *types.GenesisState) { gs.Units[0].CommD = nil },
		"unit status":          func(gs *types.GenesisState) { gs.Units[0].Status = 9 },
		"unit gone":            func(gs *types.GenesisState) { gs.Units = gs.Units[1:] },
		"unit bigger":          func(gs *types.GenesisState) { gs.Units[0].SizeBytes++ },
		"unit slot":            func(gs *types.GenesisState) { gs.Units[0].Slot = gs.Units[1].Slot },
		"unit slot beyond":     func(gs *types.GenesisState) { gs.Units[0].Slot = 1 << 60 },
		"fault without end":    func(gs *types.GenesisState) { faulty(gs).FaultExpiresAt = nil },
		"fault end too late":   func(gs *types.GenesisState) { faulty(gs).FaultExpiresAt = &late },
		"fault with no fault":  func(gs *types.GenesisState) { faulty(gs).Status = types.UNIT_STATUS_ACTIVE },
		"provider twice":       func(gs *types.GenesisState) { gs.Providers = append(gs.Providers, gs.Providers[0]) },
		"provider no address":  func(gs *types.GenesisState) { gs.Providers[0].Provider = "" },
		"provider bad address": func(gs *types.GenesisState) { rename(gs, "ipdm1qqq") },
		"provider schedule":    func(gs *types.GenesisState) { gs.Providers[0].Scheduled = !gs.Providers[0].Scheduled },
		"provider next":        func(gs *types.GenesisState) { open(gs).NextOpenAt = late },
		"provider time":        func(gs *types.GenesisState) { open(gs).ProvenTime = -1 },
		"provider bytes":       func(gs *types.GenesisState) { open(gs).ActiveBytes++ },
		"window seed":          func(gs *types.GenesisState) { open(gs).Window.Seed = nil },
		"window bytes":         func(gs *types.GenesisState) { open(gs).Window.ProvenBytes = 0 },
		"window other bytes":   func(gs *types.GenesisState) { open(gs).Window.ProvenBytes++ },
		"window closed":        func(gs *types.GenesisState) { open(gs).Window.Open = false },
		"change kind":          func(gs *types.GenesisState) { gs.Changes[0].Kind = 0 },
		"change sequence":      func(gs *types.GenesisState) { gs.Changes[0].Sequence = 1 << 40 },
		"change provider":      func(gs *types.GenesisState) { gs.Changes[0].Provider = "nobody" },
		"change gone":          func(gs *types.GenesisState) { gs.Changes = gs.Changes[1:] },
		"due kind":             func(gs *types.GenesisState) { gs.Due[0].Kind = 0 },
		"due time":             func(gs *types.GenesisState) { gs.Due[0].At = late },
		"due provider":         func(gs *types.GenesisState) { gs.Due[0].Provider = "nobody" },
		"due gone":             func(gs *types.GenesisState) { gs.Due = nil },
	} {
		t.Run(name, func(t *testing.T) {
			gs, err := old.keeper.ExportGenesis(old.ctx)
			require.NoError(t, err)
			edit(gs)
			f := emptyFixture(t)
			require.Error(t, f.keeper.InitGenesis(f.ctx, *gs))
		})
	}
	require.NoError(t, types.DefaultGenesis().Validate())
}

func faulty(gs *types.GenesisState) *types.Unit {
	for i := range gs.Units {
		if gs.Units[i].Status == types.UNIT_STATUS_FAULTY {
			return &gs.Units[i]
		}
	}
	panic("no faulty unit")
}

func open(gs *types.GenesisState) *types.ProviderState {
	for i := range gs.Providers {
		if gs.Providers[i].Window.Open && gs.Providers[i].Window.Openings > 0 {
			return &gs.Providers[i]
		}
	}
	panic("no open window")
}

func rename(gs *types.GenesisState, name string) {
	old := gs.Providers[0].Provider
	gs.Providers[0].Provider = name
	for i := range gs.Units {
		if gs.Units[i].Provider == old {
			gs.Units[i].Provider = name
		}
	}
	for i := range gs.Due {
		if gs.Due[i].Provider == old {
			gs.Due[i].Provider = name
		}
	}
}
