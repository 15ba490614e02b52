package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/anchor/types"
)

func exported(t *testing.T) *types.GenesisState {
	t.Helper()
	f := newFixture(t)
	second := entry(2)
	second.Supersedes = manifest(1)
	f.anchor(t, alice, entry(1), second)
	f.anchor(t, bob, entry(3))
	_, err := f.msgs.Tombstone(f.ctx, &types.MsgTombstone{Owner: bob.String(), Manifest: manifest(3)})
	require.NoError(t, err)
	gs, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.Len(t, gs.Records, 3)
	return gs
}

func TestGenesisRoundTrip(t *testing.T) {
	gs := exported(t)
	require.NoError(t, gs.Validate())

	f := newFixture(t)
	require.NoError(t, f.keeper.InitGenesis(f.ctx, *gs))
	require.NoError(t, f.keeper.CheckInvariants(f.ctx))
	again, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.Equal(t, gs, again)
	tagged, err := f.query.ByTag(f.ctx, &types.QueryByTagRequest{Tag: "year=2026"})
	require.NoError(t, err)
	require.Len(t, tagged.Records, 3)
}

func TestGenesisRefuses(t *testing.T) {
	now := time.Now()
	for name, change := range map[string]func(*types.GenesisState){
		"manifest twice":       func(gs *types.GenesisState) { gs.Records = append(gs.Records, gs.Records[0]) },
		"bad owner":            func(gs *types.GenesisState) { gs.Records[0].Owner = "x" },
		"bad root":             func(gs *types.GenesisState) { gs.Records[0].Root = "x" },
		"wrong version":        func(gs *types.GenesisState) { gs.Records[0].Version = 9 },
		"chain without start":  func(gs *types.GenesisState) { gs.Records[0].Supersedes = manifest(77) },
		"chain without end":    func(gs *types.GenesisState) { gs.Records[0].SupersededBy = manifest(77) },
		"tombstone, no time":   func(gs *types.GenesisState) { gs.Records[0].Tombstoned, gs.Records[0].TombstonedAt = true, nil },
		"time, no tombstone":   func(gs *types.GenesisState) { gs.Records[0].Tombstoned, gs.Records[0].TombstonedAt = false, &now },
		"no entries possible":  func(gs *types.GenesisState) { gs.Params.MaxEntriesPerTx = 0 },
		"absurd entries":       func(gs *types.GenesisState) { gs.Params.MaxEntriesPerTx = 1 << 31 },
		"absurd tags":          func(gs *types.GenesisState) { gs.Params.MaxTags = 1 << 31 },
		"absurd tag length":    func(gs *types.GenesisState) { gs.Params.MaxTagBytes = 1 << 31 },
		"absurd gas per entry": func(gs *types.GenesisState) { gs.Params.GasPerEntry = 1 << 63 },
		"absurd gas per tag":   func(gs *types.GenesisState) { gs.Params.GasPerTag = 1 << 63 },
	} {
		t.Run(name, func(t *testing.T) {
			gs := exported(t)
			change(gs)
			require.Error(t, gs.Validate())
		})
	}
}
