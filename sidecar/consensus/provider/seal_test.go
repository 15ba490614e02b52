package provider_test

import (
	"context"
	"math/rand"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/sidecar/consensus/provider"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sealer"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	"github.com/ipdm-network/ipdm/sidecar/node"
	"github.com/ipdm-network/ipdm/testutil/fakechain"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// newSealingWorld is a world whose providers seal: real sectors of the class test-4MiB on disk, records in a real data engine. The
// validator accepts every seal.
func newSealingWorld(t *testing.T, providers int) *world {
	t.Helper()
	return newSealingWorldWith(t, providers, fakechain.Options{})
}

// newSealingWorldWith is newSealingWorld on a chain with other parameters.
func newSealingWorldWith(t *testing.T, providers int, options fakechain.Options) *world {
	t.Helper()
	w := newWorldWith(t, providers, options)
	w.chain.Judge(true)
	for _, h := range w.providers {
		h.sealing = &provider.Sealing{Config: sectors.DefaultConfig(), Dir: t.TempDir()}
		h.sealing.Config.BatchWait, h.sealing.Config.ScrubInterval = 0, 0
		h.sealing.Config.RetryMin, h.sealing.Config.RetryMax = h.cfg.RetryMin, h.cfg.RetryMax
		key, _, err := crypto.GenerateEd25519Key(rand.New(rand.NewSource(7)))
		require.NoError(t, err)
		h.sealing.Records = node.NewSealRecords(h.engine, key)
		h.openSectors()
	}
	return w
}

// openSectors opens the sectors on disk, as a new process does.
func (h *host) openSectors() {
	h.world.Helper()
	files, err := sealer.Open(h.sealing.Dir, h.data.Source(), sealer.Options{})
	require.NoError(h.world, err)
	h.sealing.Files = files
}

// reboot ends the agent and starts another one that knows nothing but what is on disk.
func (h *host) reboot() {
	h.world.Helper()
	h.halt()
	h.openSectors()
	h.start()
}

// sealedDeal orders copies: so many open ones and one sealed.
func (w *world) sealedDeal(seed int64, open uint32, edit func(*markettypes.MsgCreateDeal)) uint64 {
	w.Helper()
	id, _ := w.deal(seed, open, func(m *markettypes.MsgCreateDeal) {
		m.Replicas.Sealed = 1
		if edit != nil {
			edit(m)
		}
	})
	return id
}

func (h *host) sealedState() poreptypes.ProviderState {
	return h.world.chain.ProvingClass(h.address(), poreptypes.CLASS_SEALED)
}

func (h *host) sectorStatus() poreptypes.SectorStatus {
	all := h.world.chain.Sectors(h.address())
	if len(all) == 0 {
		return poreptypes.SECTOR_STATUS_UNSPECIFIED
	}
	return all[0].Status
}

func (h *host) balance() sdk.Coin {
	h.world.Helper()
	amount, err := h.chain.Balance(h.world.Context(), h.address())
	require.NoError(h.world, err)
	return sdk.NewCoin("aipdm", amount)
}

func (h *host) sectorFiles() []sectors.File {
	h.world.Helper()
	files, err := h.sealing.Files.List(h.world.Context())
	require.NoError(h.world, err)
	return files
}

func TestASealedReplicaIsProvenPaidAndLetGo(t *testing.T) {
	w := newSealingWorld(t, 1)
	w.startAll()
	p := w.providers[0]
	id := w.sealedDeal(1, 0, func(m *markettypes.MsgCreateDeal) { m.Duration = 90 * time.Second })
	w.untilActive(id)
	require.Equal(t, 1, p.pins())
	require.Equal(t, poreptypes.SECTOR_STATUS_DISPUTABLE, p.sectorStatus())

	before := p.balance()
	w.until("windows are proven", func() bool { return p.sealedState().ProvenWindows >= 4 })
	require.Zero(t, p.sealedState().MissedWindows)
	w.until("rewards are claimed", func() bool { return p.balance().Amount.GT(before.Amount) })
	w.until("the seal is final and its labels are deleted", func() bool {
		return p.sectorStatus() == poreptypes.SECTOR_STATUS_FINAL && !p.sectorFiles()[0].HasLabels
	})
	w.until("the status tells", func() bool {
		s := p.agent.Status()
		return s.Sealed.Held == 1 && s.Sealed.ProvenBytes > contentLen && s.Sealed.WindowsProven >= 4 && s.Sealed.Offered &&
			!s.Sealed.NextDeadline.IsZero() && s.Sealed.RewardsEarned != "0"
	})
	overview, err := p.agent.Sectors(t.Context())
	require.NoError(t, err)
	require.Equal(t, sectors.StateFinal, overview.Sectors[0].State)
	w.chain.Invariants()

	w.until("the deal has ended", func() bool { return w.status(id) == markettypes.DEAL_STATUS_ENDED })
	w.until("the sector is gone", func() bool { return len(p.sectorFiles()) == 0 })
	w.until("the layout is let go", func() bool { return p.pins() == 0 })
	w.until("its records are let go", func() bool {
		records, err := p.sealing.Records.List(t.Context())
		require.NoError(t, err)
		return len(records) == 0
	})
	require.Empty(t, p.agent.Status().LastError)
	w.chain.Invariants()
}

func TestBothClassesAreProvenEachInItsWindows(t *testing.T) {
	w := newSealingWorld(t, 2)
	w.startAll()
	id := w.sealedDeal(1, 1, nil)
	other := w.sealedDeal(2, 1, nil)
	w.untilActive(id)
	w.untilActive(other)
	for _, h := range w.providers {
		w.until("both classes are proven as far as they are held", func() bool {
			open, sealed := w.chain.Proving(h.address()), h.sealedState()
			return (open.ActiveUnits == 0 || open.ProvenWindows >= 2) && (sealed.ActiveUnits == 0 || sealed.ProvenWindows >= 2)
		})
		require.Zero(t, w.chain.Proving(h.address()).MissedWindows)
		require.Zero(t, h.sealedState().MissedWindows)
	}
	w.chain.Invariants()
}

func TestASealingProviderThatIsKilledGoesOn(t *testing.T) {
	w := newSealingWorld(t, 1)
	w.chain.Recuse()
	w.startAll()
	p := w.providers[0]
	id := w.sealedDeal(1, 0, nil)

	w.until("it is labelling", func() bool { files := p.sectorFiles(); return len(files) == 1 && files[0].Done > 0 })
	p.reboot()
	w.until("it is pre-committed", func() bool { return p.sectorStatus() == poreptypes.SECTOR_STATUS_PRECOMMITTED })
	p.reboot()
	w.until("validators are to judge it", func() bool { return p.sectorStatus() == poreptypes.SECTOR_STATUS_VERIFYING })
	p.reboot()
	w.chain.Judge(true)
	w.untilActive(id)
	p.reboot()
	w.until("the seal is final", func() bool { return p.sectorStatus() == poreptypes.SECTOR_STATUS_FINAL })
	p.reboot()
	w.until("its labels are deleted", func() bool { return !p.sectorFiles()[0].HasLabels })
	proven := p.sealedState().ProvenWindows
	w.until("it is proven", func() bool { return p.sealedState().ProvenWindows > proven })
	require.Zero(t, p.sealedState().MissedWindows)
	require.Len(t, w.chain.Sectors(p.address()), 1)
	require.EqualValues(t, 1, w.chain.Sectors(p.address())[0].Id, "nothing was committed to twice")
	w.chain.Invariants()
}

func TestARejectedSealIsForgotten(t *testing.T) {
	w := newSealingWorld(t, 1)
	w.chain.Judge(false)
	w.startAll()
	p := w.providers[0]
	id := w.sealedDeal(1, 0, nil)
	w.until("the replica went back", func() bool {
		_, replicas := w.chain.Deal(id)
		return len(replicas[0].Excluded) == 1
	})
	w.until("nothing is left", func() bool { return len(p.sectorFiles()) == 0 && p.pins() == 0 })
	w.chain.Invariants()
}

// spoilReplica overwrites all of the sealed replicas on disk.
func (h *host) spoilReplica() {
	h.world.Helper()
	paths, err := filepath.Glob(filepath.Join(h.sealing.Dir, "*", "replica"))
	require.NoError(h.world, err)
	require.Len(h.world, paths, 1)
	info, err := os.Stat(paths[0])
	require.NoError(h.world, err)
	require.NoError(h.world, os.WriteFile(paths[0], make([]byte, info.Size()), 0o600))
}

func TestADamagedSealedReplicaIsMadeAnewAndRecovers(t *testing.T) {
	for _, scrub := range []time.Duration{0, time.Nanosecond} {
		t.Run("scrub "+scrub.String(), func(t *testing.T) {
			w := newSealingWorld(t, 1)
			p := w.providers[0]
			p.sealing.Config.ScrubInterval = scrub
			w.startAll()
			id := w.sealedDeal(1, 0, nil)
			w.untilActive(id)
			w.until("a window is proven", func() bool { return p.sealedState().ProvenWindows > 0 })
			w.until("between windows", func() bool { return !p.sealedState().Window.Open })
			p.spoilReplica()
			w.slow = scrub != 0 // so that the scrub is there before a window is
			w.until("the unit is faulty", func() bool { return p.sealedState().FaultyUnits == 1 })
			w.slow = false
			unit := w.chain.Units(p.address(), poreptypes.CLASS_SEALED)[0]
			require.Equal(t, scrub != 0, unit.FaultedWindow == 0, "what a scrub finds is declared before it is asked for")
			require.Zero(t, p.sealedState().MissedWindows)

			w.until("the unit has recovered", func() bool { return p.sealedState().FaultyUnits == 0 })
			proven := p.sealedState().ProvenWindows
			w.until("it is proven as before", func() bool { return p.sealedState().ProvenWindows > proven })
			require.Len(t, w.chain.Sectors(p.address()), 1)
			w.chain.Invariants()
		})
	}
}

func TestASectorIsMadeAnewAlsoAfterADealOfItHasEnded(t *testing.T) {
	w := newSealingWorld(t, 1)
	p := w.providers[0]
	p.sealing.Config.BatchWait = 20 * time.Second
	w.startAll()
	p.idle = true // both have to wait for the other
	first := w.sealedDeal(1, 0, nil)
	second := w.sealedDeal(2, 0, nil)
	w.until("both are in one sector", func() bool { files := p.sectorFiles(); return len(files) == 1 && len(files[0].Plan.Pieces) == 2 })
	p.idle = false
	w.untilActive(first)
	w.untilActive(second)
	w.submit(&markettypes.MsgCancelDeal{Client: w.signer.Address(), DealId: first})
	w.until("its piece is released", func() bool {
		files := p.sectorFiles()
		return w.status(first) == markettypes.DEAL_STATUS_CANCELLED && len(files[0].Released) == 1
	})
	_, err := p.engine.GC(t.Context())
	require.NoError(t, err)
	p.spoilReplica()
	w.until("the other unit is faulty", func() bool { return p.sealedState().FaultyUnits == 1 })
	w.until("it has recovered", func() bool { return p.sealedState().FaultyUnits == 0 && p.sealedState().ActiveUnits == 1 })

	w.submit(&markettypes.MsgCancelDeal{Client: w.signer.Address(), DealId: second})
	w.until("nothing is left", func() bool { return len(p.sectorFiles()) == 0 && p.pins() == 0 })
	w.chain.Invariants()
}

func TestSealedFilesThatAreLostAreMadeAnewFromTheChain(t *testing.T) {
	w := newSealingWorld(t, 1)
	w.startAll()
	p := w.providers[0]
	id := w.sealedDeal(1, 0, nil)
	w.untilActive(id)
	p.halt()
	p.sealing.Dir = t.TempDir()
	p.openSectors()
	p.start()
	w.until("it was missing", func() bool { return p.sealedState().FaultyUnits == 1 })
	w.until("it is proven again", func() bool { return p.sealedState().FaultyUnits == 0 && p.sealedState().ActiveUnits == 1 })
	w.chain.Invariants()
}

func TestDemandedRecordsAreShownAndChallengesAnswered(t *testing.T) {
	w := newSealingWorld(t, 2)
	w.startAll()
	id := w.sealedDeal(1, 1, nil)
	w.untilActive(id)
	for _, h := range w.providers {
		for _, class := range []poreptypes.Class{poreptypes.CLASS_OPEN, poreptypes.CLASS_SEALED} {
			for _, unit := range w.chain.Units(h.address(), class) {
				w.submit(&poreptypes.MsgChallenge{Challenger: w.signer.Address(), UnitId: unit.Id})
				require.EqualValues(t, 1, w.chain.ProvingClass(h.address(), class).OpenChallenges)
				w.until("the challenge is answered", func() bool { return w.chain.ProvingClass(h.address(), class).OpenChallenges == 0 })
				require.NotEmpty(t, w.chain.Units(h.address(), class), "it was not taken away")
			}
		}
		for _, sector := range w.chain.Sectors(h.address()) {
			w.submit(&poreptypes.MsgDemandSealRecord{Sender: w.signer.Address(), SectorId: sector.Id, Index: 5})
			w.until("the record is shown", func() bool { return w.chain.Sectors(h.address())[0].OpenDemands == 0 })
			require.Equal(t, poreptypes.SECTOR_STATUS_DISPUTABLE, h.sectorStatus())
		}
	}
	w.chain.Invariants()
}

// watchedFiles tells whether work stood still for every proof.
type watchedFiles struct {
	sectors.Files
	held     atomic.Int32
	proofs   atomic.Int32
	disorder atomic.Int32
}

func (f *watchedFiles) Hold() func() {
	f.held.Add(1)
	release := f.Files.Hold()
	return func() {
		release()
		f.held.Add(-1)
	}
}

func (f *watchedFiles) Prove(ctx context.Context, window uint64, asks []sectors.Ask) ([]byte, map[int]error, error) {
	f.proofs.Add(1)
	if f.held.Load() == 0 {
		f.disorder.Add(1)
	}
	return f.Files.Prove(ctx, window, asks)
}

func TestSealingStandsStillForWindowProofsAndMissesNone(t *testing.T) {
	params := markettypes.LocalnetParams()
	params.SealingTimeout = 100 * time.Hour // the machine may be slow, and the chain's time is not its own
	proofs := poreptypes.LocalnetParams()
	proofs.ProveTimeout, proofs.VerdictTimeout = params.SealingTimeout, params.SealingTimeout
	w := newSealingWorldWith(t, 1, fakechain.Options{Market: params, Porep: proofs})
	p := w.providers[0]
	watched := &watchedFiles{Files: p.sealing.Files}
	p.sealing.Files = watched
	w.startAll()
	w.untilActive(w.sealedDeal(1, 0, func(m *markettypes.MsgCreateDeal) { m.Duration = 1000 * time.Hour }))
	p.idle = true // time goes on while the second is being sealed
	second := w.sealedDeal(2, 0, nil)
	proven := p.sealedState().ProvenWindows
	w.until("windows were proven and the second replica is active", func() bool {
		return p.sealedState().ProvenWindows > proven+1 && w.status(second) == markettypes.DEAL_STATUS_ACTIVE
	})
	require.Zero(t, p.sealedState().MissedWindows)
	require.Positive(t, watched.proofs.Load())
	require.Zero(t, watched.disorder.Load())
	w.until("sealing goes on", func() bool { return watched.held.Load() == 0 })
}

func TestSealedReplicasAreRefusedFreeOfCharge(t *testing.T) {
	for name, c := range map[string]struct {
		edit   func(*host)
		reason markettypes.RefusalReason
	}{
		"not offered":   {func(h *host) { h.sealing.Config.Offered = false }, markettypes.REFUSAL_REASON_POLICY},
		"never sealed":  {func(h *host) { h.sealing = nil }, markettypes.REFUSAL_REASON_POLICY},
		"queue is full": {func(h *host) { h.sealing.Config.MaxSealingBytes = 1000 }, markettypes.REFUSAL_REASON_CAPACITY},
	} {
		t.Run(name, func(t *testing.T) {
			w := newSealingWorld(t, 1)
			w.startAll()
			p := w.providers[0]
			p.halt()
			id := w.sealedDeal(1, 0, nil)
			w.until("the replica is assigned by the old offer", func() bool {
				_, replicas := w.chain.Deal(id)
				return replicas[0].Status == markettypes.REPLICA_STATUS_ASSIGNED
			})
			c.edit(p)
			if p.sealing != nil {
				p.openSectors()
			}
			p.start()
			w.until("the provider has refused", func() bool {
				_, replicas := w.chain.Deal(id)
				return len(replicas[0].Excluded) == 1
			})
			require.Equal(t, []markettypes.RefusalReason{c.reason}, w.chain.Refusals())
			found, _ := w.chain.Provider(p.address())
			require.True(t, found.Slashed.IsZero())
			w.chain.Invariants()
		})
	}
}
