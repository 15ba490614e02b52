package sectors_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

const (
	mib       = uint64(1) << 20
	blockTime = time.Second
)

// world is a provider with sealed replicas: a chain, a disk and a data plane that outlive its Keeper.
type world struct {
	*testing.T
	chain    *ledger
	disk     *disk
	records  *recordStore
	cfg      sectors.Config
	dir      string
	restored int // calls of Restore
	healing  bool

	keeper   *sectors.Keeper
	cancel   context.CancelFunc
	ctx      context.Context
	wg       sync.WaitGroup
	problems []string // guarded by mu
	mu       sync.Mutex
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, chain: newLedger(t), disk: newDisk(), records: newRecordStore(), dir: t.TempDir(), healing: true}
	w.cfg = sectors.DefaultConfig()
	w.cfg.BatchWait, w.cfg.ScrubInterval, w.cfg.ReserveBytes = 0, 0, 0
	w.cfg.RetryMin, w.cfg.RetryMax = time.Nanosecond, time.Nanosecond
	w.start()
	t.Cleanup(w.kill)
	return w
}

// start makes a new Keeper over the same disk.
func (w *world) start() {
	w.Helper()
	var err error
	w.keeper, err = sectors.New(w.cfg, sectors.Deps{
		Chain: w.chain, Sender: w.chain, Leaves: w.chain, Files: w.disk, Records: w.records, Dir: w.dir,
		Restore: func(context.Context, markettypes.Deal) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.restored++
			return nil
		},
		Healing: func() bool { return w.healing },
		Report: func(_ context.Context, what string, err error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.problems = append(w.problems, what+": "+err.Error())
		},
	})
	require.NoError(w, err)
	w.ctx, w.cancel = context.WithCancel(context.Background())
}

// kill ends the Keeper as a crash does.
func (w *world) kill() {
	w.cancel()
	w.wg.Wait()
}

func (w *world) restart() {
	w.Helper()
	w.kill()
	w.start()
}

// offer hands the replicas that are assigned to the Keeper, as the agent does once their data is there.
func (w *world) offer() {
	w.Helper()
	params, err := w.chain.ProofParams(w.ctx)
	require.NoError(w, err)
	for _, a := range w.chain.assignments() {
		if a.Replica.Status != markettypes.REPLICA_STATUS_ASSIGNED || w.keeper.Has(a.Replica) {
			continue
		}
		require.NoError(w, w.keeper.Add(params, sectors.Replica{
			Piece: sectors.Piece{
				DealID: a.Deal.Id, ReplicaIndex: a.Replica.Index, CommD: format.Digest(a.Deal.CommD), TotalBytes: a.Deal.SizeBytes,
				Leaves: w.chain.leaves,
			},
			AssignedAt: *a.Replica.AssignedAt, Deadline: *a.Replica.Deadline,
		}))
	}
}

// look makes a block and has the Keeper look at it once. What is offered to a new Keeper may be in a sector already.
func (w *world) look() {
	w.Helper()
	w.offer()
	block := w.chain.block(blockTime)
	require.NoError(w, w.keeper.Round(w.ctx, block, w.chain.assignments(), &w.wg))
}

// round is look, and waits for the work that it started.
func (w *world) round() {
	w.Helper()
	w.look()
	w.wg.Wait()
}

// until makes rounds until a condition holds.
func (w *world) until(what string, holds func() bool) {
	w.Helper()
	for range 200 {
		if holds() {
			return
		}
		w.round()
	}
	require.FailNow(w, "waited in vain", "%s; problems: %q", what, w.told())
}

func (w *world) told() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.problems...)
}

// status is that of the only sector on chain, unspecified if there is none.
func (w *world) status() poreptypes.SectorStatus {
	w.Helper()
	all := w.chain.all()
	if len(all) == 0 {
		return poreptypes.SECTOR_STATUS_UNSPECIFIED
	}
	require.Len(w, all, 1)
	return all[0].Status
}

func (w *world) untilStatus(status poreptypes.SectorStatus) {
	w.Helper()
	w.until("the sector is "+status.String(), func() bool { return w.status() == status })
}

func (w *world) overview() sectors.Overview {
	w.Helper()
	overview, err := w.keeper.Overview(w.ctx)
	require.NoError(w, err)
	return overview
}

// sealedTo brings one deal's replica to a status.
func (w *world) sealedTo(status poreptypes.SectorStatus) uint64 {
	w.Helper()
	deal := w.chain.assign(mib)
	w.untilStatus(poreptypes.SECTOR_STATUS_PRECOMMITTED)
	if status == poreptypes.SECTOR_STATUS_PRECOMMITTED {
		return deal
	}
	w.untilStatus(poreptypes.SECTOR_STATUS_VERIFYING)
	if status == poreptypes.SECTOR_STATUS_VERIFYING {
		return deal
	}
	w.chain.accept(1)
	if status == poreptypes.SECTOR_STATUS_FINAL {
		w.chain.finish(1)
		w.round()
	}
	return deal
}

var errLost = errors.New("the answer was lost")
