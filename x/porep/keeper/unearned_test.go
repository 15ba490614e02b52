package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// A window's time counts for a unit only from the moment the unit became active.
func TestUnearnedTimeIsThePartOfTheNextWindowThatIsOver(t *testing.T) {
	f := newFixture(t)
	p := f.address("p")
	unearned := func() time.Duration {
		t.Helper()
		over, err := f.keeper.UnearnedTime(f.ctx, p, types.CLASS_OPEN)
		require.NoError(t, err)
		return over
	}
	require.Zero(t, unearned(), "nothing is proven yet")

	f.add(p, 1000)
	params, err := f.keeper.Params(f.ctx)
	require.NoError(t, err)
	toOpen := f.state(p).NextOpenAt.Sub(f.ctx.BlockTime())
	require.Equal(t, params.ProvingPeriod-toOpen, unearned(), "the first window covers a whole period")
	total := params.ProvingPeriod - unearned()

	for range 3 {
		before := f.state(p)
		w := f.open(p)
		_, err := f.submit(f.prove(p))
		require.NoError(t, err)
		after := f.close(p)
		require.Equal(t, before.ProvenTime+w.Covers, after.ProvenTime)
		require.Equal(t, w.ClosesAt.Sub(*w.ScheduledAt), unearned(), "the next window's time began when this one was due")
		require.Equal(t, after.NextOpenAt.Sub(f.ctx.BlockTime()), params.ProvingPeriod-unearned())
	}
	require.LessOrEqual(t, total+2*params.ProvingPeriod, f.ctx.BlockTime().Sub(start), "no more is earned than time has passed")
}
