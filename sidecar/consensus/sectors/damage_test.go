package sectors_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// asked is a challenge of the only sector.
func (w *world) asked() []poreptypes.Challenge {
	s := w.chain.all()[0]
	return []poreptypes.Challenge{{UnitId: 1, SectorId: s.Id, CommRLast: s.CommRLast, Nodes: sectors.ClassNodes(s.Class), Node: 7}}
}

func TestDamageThatAScrubFindsIsDeclaredMadeAnewAndProvenAgain(t *testing.T) {
	w := newWorld(t)
	w.sealedTo(poreptypes.SECTOR_STATUS_FINAL)
	w.disk.spoil(1)
	w.cfg.ScrubInterval = time.Nanosecond
	w.chain.window(true)
	w.healing = false
	w.restart()
	w.round()
	w.round()
	require.Zero(t, w.chain.count(is[*poreptypes.MsgDeclareFaults]), "in a window nothing can be declared")
	require.Empty(t, w.chain.refused)

	w.chain.window(false)
	w.until("it is declared", func() bool { return w.chain.unit(1).Status == poreptypes.UNIT_STATUS_FAULTY })
	require.Contains(t, w.told()[0], "a sealed replica is damaged: sector 1")
	require.False(t, w.keeper.IsWhole(w.chain.unit(1)))
	require.Equal(t, sectors.StateResealing, w.overview().Sectors[0].State)
	require.Equal(t, 1, w.disk.seals, "healing is paused")

	w.healing = true
	w.until("it is whole", func() bool { return w.keeper.IsWhole(w.chain.unit(1)) })
	require.Equal(t, 2, w.disk.seals)
	require.Equal(t, 1, w.restored, "the data it is made of was looked after")
	_, missing, err := w.keeper.Prove(w.ctx, 1, w.asked())
	require.NoError(t, err)
	require.Empty(t, missing)
	require.Equal(t, 1, w.chain.deposits, "it is the same sector")
	w.until("the labels are deleted again", func() bool { file, _ := w.disk.look(1); return !file.HasLabels })
}

func TestDamageThatAProofMeetsIsMissingAndMadeAnew(t *testing.T) {
	w := newWorld(t)
	w.sealedTo(poreptypes.SECTOR_STATUS_FINAL)
	w.disk.spoil(1)
	_, missing, err := w.keeper.Prove(w.ctx, 1, w.asked())
	require.NoError(t, err)
	require.ErrorIs(t, missing[0], sectors.ErrDamaged)
	w.chain.fault(1)
	w.until("it is whole", func() bool { return w.keeper.IsWhole(w.chain.unit(1)) })
	require.Equal(t, 2, w.disk.seals)
}

func TestAFaultyUnitOfASoundReplicaNeedsNoSealing(t *testing.T) {
	w := newWorld(t)
	w.sealedTo(poreptypes.SECTOR_STATUS_FINAL)
	w.round()
	w.chain.fault(1)
	w.restart()
	w.until("it is found whole", func() bool { return w.keeper.IsWhole(w.chain.unit(1)) })
	require.Equal(t, 1, w.disk.seals)
}

func TestALostSectorIsMadeAnewFromTheChain(t *testing.T) {
	for _, status := range []poreptypes.SectorStatus{poreptypes.SECTOR_STATUS_PRECOMMITTED, poreptypes.SECTOR_STATUS_FINAL} {
		t.Run(status.String(), func(t *testing.T) {
			w := newWorld(t)
			w.sealedTo(status)
			require.NoError(t, w.disk.Drop(w.ctx, 1))
			w.restart()
			if status == poreptypes.SECTOR_STATUS_FINAL {
				w.healing = false // sealing is so fast here that it could be whole again before it is declared
				w.until("it is declared", func() bool { return w.chain.unit(1).Status == poreptypes.UNIT_STATUS_FAULTY })
				w.healing = true
			}
			w.until("it is there again", func() bool {
				file, _ := w.disk.look(1)
				return file.Phase == sectors.PhaseSealed
			})
			require.Equal(t, w.chain.all()[0].CommRLast, commRLast(w))
			if status == poreptypes.SECTOR_STATUS_PRECOMMITTED {
				w.untilStatus(poreptypes.SECTOR_STATUS_VERIFYING)
				return
			}
			require.Equal(t, poreptypes.UNIT_STATUS_FAULTY, w.chain.unit(1).Status)
			w.until("it is whole", func() bool { return w.keeper.IsWhole(w.chain.unit(1)) })
		})
	}
}

func commRLast(w *world) []byte {
	file, _ := w.disk.look(1)
	return file.Commitments.CommRLast[:]
}

func TestAReplicaThatComesOutDifferentIsNotTriedForEver(t *testing.T) {
	w := newWorld(t)
	w.sealedTo(poreptypes.SECTOR_STATUS_FINAL)
	w.disk.wrong = true
	w.disk.spoil(1)
	_, _, err := w.keeper.Prove(w.ctx, 1, w.asked())
	require.NoError(t, err)
	w.until("it is given up", func() bool { return w.overview().Sectors[0].State == sectors.StateFailed })
	seals := w.disk.seals
	for range 5 {
		w.round()
	}
	require.Equal(t, seals, w.disk.seals)
	require.Contains(t, w.overview().Sectors[0].LastError, "terminate-units")
}

func TestSealingStandsStillForAProof(t *testing.T) {
	w := newWorld(t)
	w.chain.assign(mib)
	release := w.keeper.Hold()
	w.look()
	w.look()
	require.Eventually(t, func() bool {
		w.disk.mu.Lock()
		defer w.disk.mu.Unlock()
		return w.disk.held
	}, 10*time.Second, time.Millisecond, "the sealer waits")
	require.True(t, w.overview().Paused)
	_, _, err := w.keeper.Prove(w.ctx, 1, nil)
	require.NoError(t, err, "a proof does not wait for the sealer")
	require.Zero(t, w.disk.steps)
	release()
	release()
	w.until("it is sealed", func() bool { return w.chain.deposits == 1 })
	require.False(t, w.overview().Paused)
}

func TestTheOperatorIsWarnedOnceOfADeadlineAtRisk(t *testing.T) {
	w := newWorld(t)
	w.disk.before = func(context.Context, uint64, int) error { return errLost }
	w.chain.assignFor(mib, 30*time.Second)
	for range 29 {
		w.round()
	}
	var warnings int
	for _, told := range w.told() {
		if len(told) > 0 && told[:30] == "a deadline of a sector is at r" {
			warnings++
		}
	}
	require.Equal(t, 1, warnings)
	require.True(t, w.overview().Sectors[0].AtRisk)
	require.False(t, w.overview().NextDeadline.IsZero())
}
