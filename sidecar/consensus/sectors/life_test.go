package sectors_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

func is[M sdk.Msg](msg sdk.Msg) bool {
	_, ok := msg.(M)
	return ok
}

func TestAReplicaIsSealedProvenShownAndForgotten(t *testing.T) {
	w := newWorld(t)
	deal := w.sealedTo(poreptypes.SECTOR_STATUS_VERIFYING)
	require.Equal(t, 1, w.records.pinned(), "validators fetch the records from the data plane")
	w.chain.accept(1)
	w.round()
	require.Equal(t, sectors.StateActive, w.overview().Sectors[0].State)
	require.Equal(t, 1, w.records.pinned(), "the seal can still be disputed")
	file, _ := w.disk.look(1)
	require.True(t, file.HasLabels)

	w.chain.finish(1)
	w.until("what a dispute needs is deleted", func() bool {
		file, _ := w.disk.look(1)
		return !file.HasLabels && w.records.pinned() == 0
	})
	require.Equal(t, sectors.StateFinal, w.overview().Sectors[0].State)

	w.chain.end(deal)
	w.until("the sector is deleted", func() bool { _, found := w.disk.look(1); return !found })
	w.round()
	require.Empty(t, w.overview().Sectors)
	require.Empty(t, w.told())
	require.Equal(t, 1, w.disk.seals)
	require.Empty(t, w.chain.refused)
}

func TestAKeeperThatIsKilledAtAnyPointGoesOn(t *testing.T) {
	w := newWorld(t)
	// Killed at every step of sealing, and after every round.
	w.disk.before = func(ctx context.Context, _ uint64, step int) error {
		if step < 2 {
			return nil
		}
		w.disk.mu.Lock()
		again := w.disk.held
		w.disk.held = true
		w.disk.mu.Unlock()
		if again {
			return nil
		}
		go w.cancel()
		<-ctx.Done()
		return ctx.Err()
	}
	deal := w.chain.assign(mib)
	for range 40 {
		w.round()
		w.restart()
		switch w.status() {
		case poreptypes.SECTOR_STATUS_VERIFYING:
			w.chain.accept(1)
		case poreptypes.SECTOR_STATUS_DISPUTABLE:
			w.chain.finish(1)
		}
	}
	file, _ := w.disk.look(1)
	require.Equal(t, poreptypes.SECTOR_STATUS_FINAL, w.status())
	require.False(t, file.HasLabels)
	require.Equal(t, 1, w.disk.seals, "labelling went on where it was")
	require.Equal(t, sealSteps, w.disk.steps)
	require.Equal(t, 1, w.chain.deposits)
	require.Equal(t, 1, w.chain.count(is[*poreptypes.MsgProveSeal]))
	require.Empty(t, w.chain.refused)
	w.chain.end(deal)
	w.until("the sector is deleted", func() bool { _, found := w.disk.look(1); return !found })
}

func TestALostAnswerIsNoReasonToPayTwice(t *testing.T) {
	for name, lost := range map[string]func(sdk.Msg) bool{
		"pre-commitment": is[*poreptypes.MsgPreCommitSector],
		"seal proof":     is[*poreptypes.MsgProveSeal],
		"record":         is[*poreptypes.MsgRevealSealRecord],
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.chain.meddle = func(msg sdk.Msg) error {
				if lost(msg) {
					return errLost
				}
				return nil
			}
			w.sealedTo(poreptypes.SECTOR_STATUS_VERIFYING)
			w.chain.demand(1, 2)
			w.until("the record is shown", func() bool { return w.chain.count(is[*poreptypes.MsgRevealSealRecord]) == 1 })
			w.round()
			w.restart()
			w.round()
			require.Equal(t, 1, w.chain.deposits)
			require.Equal(t, 1, w.chain.count(is[*poreptypes.MsgProveSeal]))
			require.Equal(t, poreptypes.SECTOR_STATUS_VERIFYING, w.status())
		})
	}
}

func TestDemandedRecordsAreShownEvenWhenTheDataPlaneLostThem(t *testing.T) {
	w := newWorld(t)
	w.sealedTo(poreptypes.SECTOR_STATUS_VERIFYING)
	w.chain.accept(1)
	w.chain.demand(1, 0)
	w.chain.demand(1, 3)
	w.until("both are shown", func() bool { return w.chain.count(is[*poreptypes.MsgRevealSealRecord]) == 2 })

	w.records.lose()
	w.restart()
	w.until("the records are there again", func() bool { return w.records.pinned() == 1 })
	w.records.lose()
	w.chain.demand(1, 1)
	w.until("the third is shown", func() bool { return w.chain.count(is[*poreptypes.MsgRevealSealRecord]) == 3 })
	require.Equal(t, 1, w.records.pinned())
	require.Empty(t, w.chain.refused)
}

func TestADroppedSectorLeavesNothingBehind(t *testing.T) {
	for _, status := range []poreptypes.SectorStatus{
		poreptypes.SECTOR_STATUS_PRECOMMITTED, poreptypes.SECTOR_STATUS_VERIFYING, poreptypes.SECTOR_STATUS_DISPUTABLE,
	} {
		t.Run(status.String(), func(t *testing.T) {
			w := newWorld(t)
			w.sealedTo(status)
			w.chain.reject(1)
			w.until("everything is deleted", func() bool {
				_, found := w.disk.look(1)
				return !found && w.records.pinned() == 0
			})
			w.round()
			require.Equal(t, sectors.StateDropped, w.overview().Sectors[0].State)
			require.Equal(t, 1, w.disk.seals, "it is not sealed again")
		})
	}
}

func TestAReplicaThatEndsBeforeThePreCommitmentDoesNotTakeTheOthersWithIt(t *testing.T) {
	w := newWorld(t)
	w.disk.before = func(ctx context.Context, number uint64, step int) error {
		if number == 1 && step == 1 {
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	}
	first, second := w.chain.assign(mib), w.chain.assign(mib)
	w.look()
	w.look()
	require.Eventually(t, func() bool { file, _ := w.disk.look(1); return file.Done == 1 }, 10*time.Second, time.Millisecond)
	w.chain.end(first)
	w.until("the other is committed to", func() bool { return w.chain.deposits == 1 })
	sector := w.chain.all()[0]
	require.Len(t, sector.Pieces, 1)
	require.Equal(t, second, sector.Pieces[0].DealId)
	require.EqualValues(t, 2, sector.Number, "a number is never used again")
	_, found := w.disk.look(1)
	require.False(t, found)
}

func TestAnExpiredTicketIsReplaced(t *testing.T) {
	w := newWorld(t)
	refuse := true
	w.disk.before = func(context.Context, uint64, int) error {
		if refuse {
			return errLost
		}
		return nil
	}
	w.chain.assignFor(mib, time.Hour)
	for range 60 {
		w.round()
	}
	refuse = false
	w.until("it is committed to", func() bool { return w.chain.deposits == 1 })
	require.EqualValues(t, 2, w.chain.all()[0].Number)
	require.Empty(t, w.chain.refused)
	require.Contains(t, w.told()[0], "a replica could not be sealed")
}

func TestAPieceThatIsGoneIsReleasedWhenNobodyCanDisputeIt(t *testing.T) {
	w := newWorld(t)
	w.cfg.BatchWait = 5 * time.Second
	w.restart()
	first := w.chain.assign(mib)
	w.round()
	w.chain.assign(mib)
	w.sealedTo(poreptypes.SECTOR_STATUS_DISPUTABLE)
	w.chain.end(first)
	w.round()
	file, _ := w.disk.look(1)
	require.Empty(t, file.Released)
	require.Len(t, file.Plan.Pieces, 3)
	w.chain.finish(1)
	w.until("it is released", func() bool { file, _ := w.disk.look(1); return len(file.Released) == 1 })
	file, _ = w.disk.look(1)
	require.Equal(t, file.Plan.Pieces[0].StartNode, file.Released[0])
	require.EqualValues(t, 2, w.overview().Sectors[0].Pieces)
	require.True(t, w.keeper.Needs(first), "the sector cannot be made anew without it")
	w.restart()
	require.True(t, w.keeper.Needs(first), "a Keeper that knows nothing yet lets go of nothing")
	w.chain.end(2)
	w.chain.end(3)
	w.until("nothing is needed", func() bool { return !w.keeper.Needs(first) && len(w.overview().Sectors) == 0 })
}
