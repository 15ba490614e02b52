package keeper_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

// Honest, lossy and silent providers, units that come and go, a cap that is always too low, and blocks that come late: the
// invariants hold after every block, and every unit has its one end.
func TestRandomisedLifeKeepsTheInvariants(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { simulate(t, rand.New(rand.NewPCG(seed, 1))) })
	}
}

func simulate(t *testing.T, rng *rand.Rand) {
	f := newFixture(t, func(p *types.Params) { p.MaxDuePerBlock = uint32(8 + rng.IntN(8)) })
	ends := map[string]int{}
	told := 0
	settle := func() {
		for _, call := range f.hooks.take() {
			told++
			var kind string
			var id uint64
			_, err := fmt.Sscanf(call, "%s %d", &kind, &id)
			require.NoError(t, err)
			if kind == "released" || kind == "terminated" {
				ends[fmt.Sprint(id)]++
			}
		}
	}
	providers := []string{f.address("a"), f.address("b"), f.address("c"), f.address("d")}
	silent := providers[3]
	trees := map[uint64]*commitment.Tree{}
	var alive []uint64
	for step := range 400 {
		at := f.ctx.BlockTime().Add(time.Duration(rng.Int64N(int64(2 * time.Second))))
		if rng.IntN(60) == 0 {
			at = at.Add(time.Duration(rng.Int64N(int64(40 * time.Second))))
		}
		f.block(at)
		settle()
		alive = slices.DeleteFunc(alive, func(id uint64) bool { return ends[fmt.Sprint(id)] > 0 })
		for range rng.IntN(4) {
			p := providers[rng.IntN(len(providers))]
			switch rng.IntN(5) {
			case 0, 1:
				if step > 300 {
					continue
				}
				f.deals++
				tree := f.disk.put(t, fmt.Sprintf("deal %d", f.deals), 500+rng.IntN(3000))
				id, err := f.keeper.AddUnit(f.ctx, f.newUnit(p, tree))
				if err != nil {
					require.ErrorIs(t, err, types.ErrTerminating)
					continue
				}
				trees[id] = tree
				alive = append(alive, id)
			case 2:
				if len(alive) > 0 {
					require.NoError(t, f.keeper.RemoveUnit(f.ctx, alive[rng.IntN(len(alive))]))
				}
				settle()
				alive = slices.DeleteFunc(alive, func(id uint64) bool { return ends[fmt.Sprint(id)] > 0 })
			case 3:
				if len(alive) > 0 && rng.IntN(3) == 0 {
					f.disk.lose(t, trees[alive[rng.IntN(len(alive))]])
				}
			}
		}
		for _, p := range providers {
			if p == silent && step%40 != 0 || rng.IntN(2) == 0 {
				continue
			}
			r, err := f.queries.Challenges(f.ctx, &types.QueryChallengesRequest{Provider: p})
			if err != nil || !r.Window.Open || !f.ctx.BlockTime().Before(*r.Window.ClosesAt) {
				continue
			}
			if r.Window.Openings > 0 && !r.Window.Submitted {
				_, err := f.submit(f.prove(p))
				require.NoError(t, err)
			}
			faults, err := f.queries.Faults(f.ctx, &types.QueryFaultsRequest{Provider: p})
			require.NoError(t, err)
			for _, unit := range faults.Units {
				if rng.IntN(3) == 0 {
					f.disk.put(t, fmt.Sprintf("deal %d", unit.DealId), int(unit.SizeBytes))
					if err := f.recoverFaults(p, r.Window.Index, f.recovery(p, unit.Id)); err != nil {
						require.ErrorIs(t, err, types.ErrAlreadyQueued)
					}
				}
			}
		}
		require.NoError(t, f.keeper.Invariants(f.ctx))
	}
	for _, id := range alive {
		if _, err := f.keeper.Unit(f.ctx, id); err == nil {
			require.NoError(t, f.keeper.RemoveUnit(f.ctx, id))
		}
	}
	for range 100 {
		f.block(f.ctx.BlockTime().Add(time.Second))
	}
	settle()
	gs, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.Empty(t, gs.Units)
	require.Empty(t, gs.Changes)
	require.Empty(t, gs.Due)
	require.Len(t, ends, len(trees))
	for id, n := range ends {
		require.Equal(t, 1, n, "unit %s", id)
	}
	require.Greater(t, told, 2*len(trees), "units were faulted and recovered on the way")
}
