package sectors_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

func TestSmallReplicasShareASector(t *testing.T) {
	w := newWorld(t)
	w.cfg.BatchWait = 10 * time.Second
	w.restart()
	for range 3 {
		w.chain.assign(mib)
	}
	for range 8 {
		w.round()
	}
	require.EqualValues(t, 3, w.overview().WaitingReplicas, "there is room for more")
	require.Equal(t, 3*mib, w.overview().WaitingBytes)
	w.until("they are committed to", func() bool { return w.chain.deposits == 1 })
	require.Len(t, w.chain.all()[0].Pieces, 3)
	require.Zero(t, w.overview().WaitingReplicas)
}

func TestAFullSectorDoesNotWait(t *testing.T) {
	w := newWorld(t)
	w.cfg.BatchWait = time.Hour
	w.restart()
	for range 5 { // with its leaves, the fourth does not fit
		w.chain.assign(mib)
	}
	w.until("a sector is committed to", func() bool { return w.chain.deposits == 1 })
	require.Len(t, w.chain.all()[0].Pieces, 3)
	require.EqualValues(t, 2, w.overview().WaitingReplicas)
}

func TestAReplicaIsNotLeftWaitingBeyondTheTimeThatSealingTakes(t *testing.T) {
	w := newWorld(t)
	w.cfg.BatchWait = time.Hour
	w.restart()
	w.chain.assignFor(mib, 40*time.Second)
	w.until("it is committed to", func() bool { return w.chain.deposits == 1 })
	require.Empty(t, w.chain.refused)
}

func TestABoundedQueueRefusesMore(t *testing.T) {
	w := newWorld(t)
	w.cfg.BatchWait, w.cfg.MaxSealingBytes = time.Hour, 2*mib
	w.restart()
	params := w.chain.params
	now := w.chain.now
	judge := func(sizeBytes, fetching, free uint64, given time.Duration) error {
		return w.keeper.Judge(params, sizeBytes, fetching, free, now, now.Add(given))
	}
	require.NoError(t, judge(mib, 0, 100*mib, time.Minute))
	require.ErrorIs(t, judge(mib, 2*mib, 100*mib, time.Minute), sectors.ErrBacklog, "others are being fetched")
	require.ErrorIs(t, judge(4*mib, 0, 100*mib, time.Minute), sectors.ErrTooLarge)
	require.ErrorIs(t, judge(mib, 0, 100*mib, time.Second), sectors.ErrBacklog, "it cannot be sealed in time")
	w.disk.work = 64 * mib
	require.ErrorIs(t, judge(mib, 0, 60*mib, time.Minute), sectors.ErrBacklog, "the disk is too small to seal on")
	require.NoError(t, judge(mib, 0, 64*mib, time.Minute))

	w.chain.assignFor(2*mib, time.Hour)
	w.round()
	w.round()
	require.True(t, w.overview().Backlogged)
	require.ErrorIs(t, judge(mib, 0, 100*mib, time.Minute), sectors.ErrBacklog)
	require.ErrorIs(t, w.keeper.Add(params, sectors.Replica{Piece: sectors.Piece{TotalBytes: 4 * mib, Leaves: 1}}), sectors.ErrTooLarge)
}

func TestTheSmallestAllowedClassIsTaken(t *testing.T) {
	both := []poreptypes.SectorClass{poreptypes.SECTOR_CLASS_BIG_32GIB, poreptypes.SECTOR_CLASS_STD_1GIB}
	for _, c := range []struct {
		nodes uint64
		class poreptypes.SectorClass
	}{
		{1, poreptypes.SECTOR_CLASS_STD_1GIB},
		{1 << 25, poreptypes.SECTOR_CLASS_STD_1GIB},
		{1<<25 + 1, poreptypes.SECTOR_CLASS_BIG_32GIB},
		{1 << 30, poreptypes.SECTOR_CLASS_BIG_32GIB},
	} {
		class, ok := sectors.ClassFor(c.nodes, both)
		require.True(t, ok)
		require.Equal(t, c.class, class)
	}
	_, ok := sectors.ClassFor(1<<30+1, both)
	require.False(t, ok)
	require.Equal(t, "std-1GiB", sectors.ClassName(poreptypes.SECTOR_CLASS_STD_1GIB))
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	for name, edit := range map[string]func(*sectors.Config){
		"no sealer":       func(c *sectors.Config) { c.Sealers = 0 },
		"negative wait":   func(c *sectors.Config) { c.BatchWait = -1 },
		"negative scrub":  func(c *sectors.Config) { c.ScrubInterval = -1 },
		"no bytes":        func(c *sectors.Config) { c.MaxSealingBytes = 0 },
		"retry backwards": func(c *sectors.Config) { c.RetryMax = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := sectors.DefaultConfig()
			require.NoError(t, cfg.Validate())
			edit(&cfg)
			require.ErrorIs(t, cfg.Validate(), sectors.ErrConfig)
		})
	}
}
