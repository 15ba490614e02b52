package sealer_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sealer"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	"github.com/ipdm-network/ipdm/testutil/sealed"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

const (
	chainID = "ipdm-test-1"
	number  = 7
	// nodes is the number of nodes of the sectors in these tests: 256 KiB.
	nodes = 1 << 13
)

// deals are the data that sectors in these tests hold; they are a proof.Source.
type deals struct {
	all   []*sealed.Deal
	reads atomic.Int64
	fail  atomic.Bool
}

func (d *deals) Tree(_ context.Context, commD format.Digest) (*commitment.Tree, error) {
	for _, deal := range d.all {
		if deal.Tree.CommD() == commD {
			return deal.Tree, nil
		}
	}
	return nil, errors.New("no such tree")
}

func (d *deals) Encoding(_ context.Context, digest format.Digest) ([]byte, error) {
	d.reads.Add(1)
	if d.fail.Load() {
		return nil, errors.New("the disk is gone")
	}
	for _, deal := range d.all {
		if e, err := deal.Encoding(digest); err == nil {
			return e, nil
		}
	}
	return nil, errors.New("no such encoding")
}

func sampleBytes(seed uint64, size int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func sampleDeals(t testing.TB) *deals {
	t.Helper()
	d := &deals{}
	for i, sizes := range [][]int{{30_000, 1, 77}, {100_000}, {31, 50_000}} {
		var encodings [][]byte
		for j, size := range sizes {
			encodings = append(encodings, sampleBytes(uint64(10*i+j), size))
		}
		deal, err := sealed.NewDeal(encodings...)
		require.NoError(t, err)
		d.all = append(d.all, deal)
	}
	return d
}

// samplePlan lays the deals one after another.
func samplePlan(t testing.TB, d *deals) sectors.Plan {
	t.Helper()
	provider, err := chain.FormatAddress([]byte("provider-20-bytes-id"))
	require.NoError(t, err)
	plan := sectors.Plan{
		ChainID: chainID, Provider: provider, Number: number, Class: poreptypes.SECTOR_CLASS_TEST_4MIB, TicketHeight: 3, Ticket: [32]byte{9},
	}
	var start uint64
	for i, deal := range d.all {
		p := deal.Piece(start)
		plan.Pieces = append(plan.Pieces, sectors.Piece{
			DealID: uint64(i + 1), CommD: p.CommD, TotalBytes: p.TotalBytes, Leaves: p.Leaves, StartNode: start, Nodes: p.Nodes(),
		})
		start += p.Nodes()
	}
	return plan
}

func open(t testing.TB, dir string, d *deals, o sealer.Options) *sealer.Store {
	t.Helper()
	o.BenchNodes = nodes
	s, err := sealer.Open(dir, d, o)
	require.NoError(t, err)
	return s
}

// wanted seals the same deals in memory, by the arithmetic alone.
func wanted(t testing.TB, d *deals) *sealed.Sector {
	t.Helper()
	return wantedOf(t, d, nodes)
}

func wantedOf(t testing.TB, d *deals, nodes uint64) *sealed.Sector {
	t.Helper()
	s, err := sealed.New(nodes, func(commD sdr.Hash) sdr.Hash {
		return sdr.ReplicaID(chainID, []byte("provider-20-bytes-id"), number, [32]byte{9}, commD)
	}, d.all...)
	require.NoError(t, err)
	return s
}

func seal(t testing.TB, s *sealer.Store, plan sectors.Plan) sectors.Commitments {
	t.Helper()
	require.NoError(t, s.Begin(t.Context(), plan))
	commitments, err := s.Seal(t.Context(), plan.Number)
	require.NoError(t, err)
	return commitments
}

func requireSame(t testing.TB, want *sealed.Sector, got sectors.Commitments, dir string) {
	t.Helper()
	require.Equal(t, want.Statement.ReplicaID, got.ReplicaID)
	require.Equal(t, want.Statement.CommC, got.CommC)
	require.Equal(t, want.Statement.CommRLast, got.CommRLast)
	replica, err := os.ReadFile(filepath.Join(dir, "7", "replica"))
	require.NoError(t, err)
	require.True(t, bytes.Equal(want.Replica, replica))
}

func asks(want *sealed.Sector, nodes ...uint64) []sectors.Ask {
	var asks []sectors.Ask
	for _, v := range nodes {
		asks = append(asks, sectors.Ask{Number: number, CommRLast: want.Statement.CommRLast, Nodes: want.Statement.Nodes, Node: v})
	}
	return asks
}

// prove makes a window proof and checks it as the chain does; it returns what was declared missing.
func prove(t testing.TB, s *sealer.Store, asked []sectors.Ask) map[int]error {
	t.Helper()
	encoded, missing, err := s.Prove(t.Context(), 5, asked)
	require.NoError(t, err)
	wp, err := proof.DecodeSealedWindowProof(encoded)
	require.NoError(t, err)
	var challenges []proof.SealedChallenge
	for _, ask := range asked {
		challenges = append(challenges, proof.SealedChallenge{CommRLast: ask.CommRLast, Nodes: ask.Nodes, Node: ask.Node})
	}
	declared, err := proof.VerifySealed(wp, 5, challenges)
	require.NoError(t, err)
	require.Len(t, declared, len(missing))
	for _, i := range declared {
		require.Error(t, missing[i])
	}
	return missing
}

func TestSealedSectorAgreesWithTheArithmetic(t *testing.T) {
	d := sampleDeals(t)
	small, class := wanted(t, d), wantedOf(t, d, sdr.Test4MiB.Nodes())
	for name, o := range map[string]sealer.Options{
		"unbounded":     {BenchNodes: nodes},
		"little memory": {BenchNodes: nodes, MemoryBytes: 1},
		"one worker":    {BenchNodes: nodes, Workers: 1, MemoryBytes: 1 << 30},
		"of a class":    {},
	} {
		t.Run(name, func(t *testing.T) {
			want := small
			if o.BenchNodes == 0 {
				want = class
			}
			dir := t.TempDir()
			s, err := sealer.Open(dir, d, o)
			require.NoError(t, err)
			plan := samplePlan(t, d)
			requireSame(t, want, seal(t, s, plan), dir)

			seed := sdr.Hash{4}
			asked := sdr.Challenges(seed, 40, want.Statement.Nodes)
			records, err := s.Records(t.Context(), number, asked)
			require.NoError(t, err)
			inMemory, err := want.Proof(seed, 40)
			require.NoError(t, err)
			require.True(t, bytes.Equal(inMemory, records))
			require.NoError(t, sdr.VerifySeal(&want.Statement, seed, 40, records))
			slice, err := s.Slice(records, 11, 40)
			require.NoError(t, err)
			record, err := sdr.VerifyRecordSlice(sdr.ProofRoot(records), want.Statement.Nodes, 40, 11, slice)
			require.NoError(t, err)
			require.True(t, bytes.Equal(records[11*len(record):12*len(record)], record))

			require.Empty(t, prove(t, s, asks(want, 0, 1, 127, 128, want.Statement.Nodes-1)))
			require.NoError(t, s.Scrub(t.Context(), number))

			again, err := s.Seal(t.Context(), number)
			require.NoError(t, err)
			require.Equal(t, want.Statement.CommC, again.CommC, "sealing again changes nothing")
			require.NoError(t, s.Begin(t.Context(), plan), "the same plan again changes nothing")
			other := plan
			other.Ticket[0]++
			require.ErrorIs(t, s.Begin(t.Context(), other), sealer.ErrPlan)
		})
	}
}

// lookLimit is a context that ends after so many looks at it.
type lookLimit struct {
	context.Context
	cancel context.CancelFunc
	left   atomic.Int64
}

func stopAfter(t *testing.T, looks int64) *lookLimit {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	l := &lookLimit{Context: ctx, cancel: cancel}
	l.left.Store(looks)
	return l
}

func (l *lookLimit) Err() error {
	if l.left.Add(-1) < 0 {
		l.cancel()
	}
	return l.Context.Err()
}

// Wherever it is interrupted, another store over the same folder goes on and comes to the same sector, and nothing of the first one is left
// running.
func TestSealingGoesOnAfterAnInterruption(t *testing.T) {
	d := sampleDeals(t)
	want := wanted(t, d)
	phases := map[sectors.Phase]bool{}
	for looks, done := int64(0), false; !done; looks += 5 {
		dir := t.TempDir()
		s := open(t, dir, d, sealer.Options{})
		require.NoError(t, s.Begin(t.Context(), samplePlan(t, d)))
		if _, err := s.Seal(stopAfter(t, looks), number); err != nil {
			require.ErrorIs(t, err, context.Canceled)
		} else {
			done = true
		}
		s = open(t, dir, d, sealer.Options{})
		files, err := s.List(t.Context())
		require.NoError(t, err)
		require.Len(t, files, 1)
		phases[files[0].Phase] = true
		commitments, err := s.Seal(t.Context(), number)
		require.NoError(t, err)
		requireSame(t, want, commitments, dir)
	}
	require.Len(t, phases, 4, "it was interrupted in every phase: %v", phases)
	requireNoneRunning(t)
}

// requireNoneRunning waits until no goroutine of a store runs, and fails when the time for the test is over.
func requireNoneRunning(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		return !bytes.Contains(stacks, []byte("sealer.(*Store)")) && !bytes.Contains(stacks, []byte("sealer.(*pair)"))
	}, time.Minute, time.Millisecond)
}

// While somebody holds the gate nothing is done, and what was held goes on afterwards.
func TestHoldMakesSealingStandStill(t *testing.T) {
	d := sampleDeals(t)
	s := open(t, t.TempDir(), d, sealer.Options{})
	require.NoError(t, s.Begin(t.Context(), samplePlan(t, d)))
	release := s.Hold()
	second := s.Hold()
	sealedAt := make(chan error, 1)
	go func() {
		_, err := s.Seal(t.Context(), number)
		sealedAt <- err
	}()
	release()
	release()
	select {
	case <-sealedAt:
		t.Fatal("it was sealed while it was held")
	default:
	}
	files, err := s.List(t.Context())
	require.NoError(t, err)
	require.Zero(t, files[0].Done)
	second()
	require.NoError(t, <-sealedAt)
}

func TestDamageIsFound(t *testing.T) {
	d := sampleDeals(t)
	want := wanted(t, d)
	dir := t.TempDir()
	s := open(t, dir, d, sealer.Options{})
	seal(t, s, samplePlan(t, d))
	path := func(name string) string { return filepath.Join(dir, "7", name) }
	const node = 5000 // in group 39
	for name, damage := range map[string]func(t *testing.T){
		"flipped bit": func(t *testing.T) { flip(t, path("replica"), node*32+3) },
		"its sibling": func(t *testing.T) { flip(t, path("replica"), (node^1)*32) },
		"tree":        func(t *testing.T) { flip(t, path("tree-r"), node/128*32) },
		"upper row":   func(t *testing.T) { flip(t, path("tree-r"), sizeOf(t, path("tree-r"))-1) },
		"cut short":   func(t *testing.T) { require.NoError(t, os.Truncate(path("replica"), node*32)) },
		"no replica":  func(t *testing.T) { require.NoError(t, os.Remove(path("replica"))) },
		"no tree":     func(t *testing.T) { require.NoError(t, os.Remove(path("tree-r"))) },
	} {
		t.Run(name, func(t *testing.T) {
			replica, tree := read(t, path("replica")), read(t, path("tree-r"))
			defer func() {
				require.NoError(t, os.WriteFile(path("replica"), replica, 0o600))
				require.NoError(t, os.WriteFile(path("tree-r"), tree, 0o600))
			}()
			damage(t)
			require.ErrorIs(t, s.Scrub(t.Context(), number), sectors.ErrDamaged)
			missing := prove(t, s, asks(want, node))
			if name == "upper row" {
				return // it shows only on the paths that it is on
			}
			require.ErrorIs(t, missing[0], sectors.ErrDamaged)
		})
	}
	require.NoError(t, s.Scrub(t.Context(), number))
	require.Empty(t, prove(t, s, asks(want, node)))

	// What is damaged is made anew, and is the same.
	flip(t, path("replica"), node*32)
	require.NoError(t, s.Reset(t.Context(), number))
	require.ErrorIs(t, prove(t, s, asks(want, node))[0], sectors.ErrDamaged)
	commitments, err := s.Seal(t.Context(), number)
	require.NoError(t, err)
	requireSame(t, want, commitments, dir)
}

func flip(t *testing.T, path string, at int64) {
	t.Helper()
	raw := read(t, path)
	raw[at] ^= 1
	require.NoError(t, os.WriteFile(path, raw, 0o600))
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	return raw
}

func sizeOf(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Size()
}

// A piece that is let go of gives its space back, and every other node of the sector is still provable.
func TestReleaseLeavesTheRestProvable(t *testing.T) {
	d := sampleDeals(t)
	want := wanted(t, d)
	dir := t.TempDir()
	s := open(t, dir, d, sealer.Options{})
	plan := samplePlan(t, d)
	seal(t, s, plan)
	before := diskOf(t, s)
	gone := plan.Pieces[1]
	require.NoError(t, s.Release(t.Context(), number, gone.StartNode))
	require.NoError(t, s.Release(t.Context(), number, gone.StartNode), "twice is once")
	require.Less(t, diskOf(t, s), before-gone.TotalBytes/2)
	require.ErrorIs(t, s.Release(t.Context(), number, gone.StartNode+1), sealer.ErrPlan)

	s = open(t, dir, d, sealer.Options{})
	require.NoError(t, s.Scrub(t.Context(), number))
	var nodes []uint64
	for _, p := range []sectors.Piece{plan.Pieces[0], plan.Pieces[2]} {
		nodes = append(nodes, p.StartNode, p.StartNode+p.Nodes/2, p.StartNode+p.Nodes-1)
	}
	require.Empty(t, prove(t, s, asks(want, append(nodes, want.Statement.Nodes-1)...)))
	require.ErrorIs(t, prove(t, s, asks(want, gone.StartNode+gone.Nodes/2))[0], sectors.ErrDamaged)
}

func diskOf(t *testing.T, s *sealer.Store) uint64 {
	t.Helper()
	files, err := s.List(t.Context())
	require.NoError(t, err)
	require.Len(t, files, 1)
	return files[0].DiskBytes
}

func TestFinishAndDrop(t *testing.T) {
	d := sampleDeals(t)
	want := wanted(t, d)
	dir := t.TempDir()
	s := open(t, dir, d, sealer.Options{})
	require.NoError(t, s.Begin(t.Context(), samplePlan(t, d)))
	require.ErrorIs(t, s.Finish(t.Context(), number), sealer.ErrNotSealed)
	_, err := s.Records(t.Context(), number, []uint64{1})
	require.ErrorIs(t, err, sealer.ErrNotSealed)
	seal(t, s, samplePlan(t, d))
	require.Equal(t, sdr.Test4MiB.SizeBytes()*12+sdr.Test4MiB.SizeBytes()/32, s.WorkBytes(poreptypes.SECTOR_CLASS_TEST_4MIB))
	const size = nodes * sdr.NodeSize
	require.LessOrEqual(t, diskOf(t, s), uint64(size*12+size/32+1<<16))
	require.NoError(t, s.Finish(t.Context(), number))
	require.Less(t, diskOf(t, s), uint64(size*11/10))
	_, err = s.Records(t.Context(), number, []uint64{1})
	require.ErrorIs(t, err, sealer.ErrNoLabels)
	require.Empty(t, prove(t, s, asks(want, 9)))

	require.NoError(t, s.Drop(t.Context(), number))
	require.NoError(t, s.Drop(t.Context(), number), "there is none any more")
	require.NoDirExists(t, filepath.Join(dir, "7"))
	require.ErrorIs(t, prove(t, s, asks(want, 9))[0], sectors.ErrNoSector)
	_, err = s.Seal(t.Context(), number)
	require.ErrorIs(t, err, sectors.ErrNoSector)
}

// Encodings that cannot be read fail the seal with a clear error, and nothing that was made is lost.
func TestSourceFailure(t *testing.T) {
	d := sampleDeals(t)
	dir := t.TempDir()
	s := open(t, dir, d, sealer.Options{})
	require.NoError(t, s.Begin(t.Context(), samplePlan(t, d)))
	d.fail.Store(true)
	_, err := s.Seal(t.Context(), number)
	require.ErrorContains(t, err, "the disk is gone")
	files, err := s.List(t.Context())
	require.NoError(t, err)
	require.Equal(t, sectors.PhaseEncoding, files[0].Phase, "the labels are there")
	d.fail.Store(false)
	commitments, err := s.Seal(t.Context(), number)
	require.NoError(t, err)
	requireSame(t, wanted(t, d), commitments, dir)
}

func TestBeginRefuses(t *testing.T) {
	d := sampleDeals(t)
	s := open(t, t.TempDir(), d, sealer.Options{})
	for name, change := range map[string]func(*sectors.Plan){
		"class":    func(p *sectors.Plan) { p.Class = 9 },
		"pieces":   func(p *sectors.Plan) { p.Pieces = nil },
		"overlap":  func(p *sectors.Plan) { p.Pieces[1].StartNode-- },
		"provider": func(p *sectors.Plan) { p.Provider = "nobody" },
	} {
		plan := samplePlan(t, d)
		change(&plan)
		require.ErrorIs(t, s.Begin(t.Context(), plan), sealer.ErrPlan, name)
	}
	files, err := s.List(t.Context())
	require.NoError(t, err)
	require.Empty(t, files)
}

// A damaged cache of parents would make seals that convict: it is made anew.
func TestDamagedParentsAreMadeAnew(t *testing.T) {
	d := sampleDeals(t)
	dir := t.TempDir()
	seal(t, open(t, dir, d, sealer.Options{}), samplePlan(t, d))
	caches, err := filepath.Glob(filepath.Join(dir, "parents-v1-*"))
	require.NoError(t, err)
	require.Len(t, caches, 2)
	flip(t, caches[0], 1000)
	s := open(t, dir, d, sealer.Options{})
	require.NoError(t, s.Reset(t.Context(), number))
	commitments, err := s.Seal(t.Context(), number)
	require.NoError(t, err)
	requireSame(t, wanted(t, d), commitments, dir)
}

// Sectors of other sizes are for measurements and never for a chain: a store that was not opened for them does not know them.
func TestSectorsMadeToMeasureAreOfNoClass(t *testing.T) {
	d := sampleDeals(t)
	dir := t.TempDir()
	require.NoError(t, open(t, dir, d, sealer.Options{}).Begin(t.Context(), samplePlan(t, d)))
	for _, o := range []sealer.Options{{}, {BenchNodes: 2 * nodes}} {
		s, err := sealer.Open(dir, d, o)
		require.NoError(t, err)
		files, err := s.List(t.Context())
		require.NoError(t, err)
		require.Empty(t, files)
	}
}

func TestOptionsThatCannotBeKept(t *testing.T) {
	for _, o := range []sealer.Options{{}, {MemoryBytes: sealer.MinMemoryBytes}, {BenchNodes: nodes}} {
		require.NoError(t, o.Validate())
	}
	for _, o := range []sealer.Options{{MemoryBytes: sealer.MinMemoryBytes - 1}, {BenchNodes: nodes + 1}, {BenchNodes: 128}} {
		require.ErrorIs(t, o.Validate(), sealer.ErrOptions)
	}
}

func TestUnreadableSectorsAreLeftAlone(t *testing.T) {
	d := sampleDeals(t)
	for name, content := range map[string]string{
		"not JSON": "{", "version": `{"version":2}`, "class": `{"version":1,"class":"huge"}`, "no pieces": `{"version":1,"class":"test-4MiB"}`,
	} {
		dir := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(dir, "7"), 0o700))
		path := filepath.Join(dir, "7", "sector.json")
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		files, err := open(t, dir, d, sealer.Options{}).List(t.Context())
		require.NoError(t, err, name)
		require.Empty(t, files, name)
		require.Equal(t, content, string(read(t, path)), name)
	}
}

// Labels that are damaged or gone while sealing stands still are made anew: going on from them would convict.
func TestDamagedLayersAreMadeAnew(t *testing.T) {
	d := sampleDeals(t)
	want := wanted(t, d)
	for name, damage := range map[string]func(t *testing.T, dir string){
		"gone": func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, "7", "layer-05"))) },
		"cut short": func(t *testing.T, dir string) {
			require.NoError(t, os.Truncate(filepath.Join(dir, "7", "layer-05"), 1000))
		},
		"one bit":          func(t *testing.T, dir string) { flip(t, filepath.Join(dir, "7", "layer-05"), 4000) },
		"in the first one": func(t *testing.T, dir string) { flip(t, filepath.Join(dir, "7", "layer-01"), 0) },
	} {
		for _, phase := range []sectors.Phase{sectors.PhaseLabelling, sectors.PhaseEncoding} {
			t.Run(name+" while "+string(phase), func(t *testing.T) {
				dir := t.TempDir()
				s := open(t, dir, d, sealer.Options{})
				require.NoError(t, s.Begin(t.Context(), samplePlan(t, d)))
				if phase == sectors.PhaseLabelling {
					for looks := int64(12); ; looks += 2 { // until the fifth layer is saved, which is before the seventh is begun
						_, err := s.Seal(stopAfter(t, looks), number)
						require.ErrorIs(t, err, context.Canceled)
						if _, err := os.Stat(filepath.Join(dir, "7", "layer-07")); err == nil {
							break
						}
					}
				} else {
					d.fail.Store(true)
					_, err := s.Seal(t.Context(), number)
					d.fail.Store(false)
					require.ErrorContains(t, err, "the disk is gone")
				}
				damage(t, dir)
				commitments, err := open(t, dir, d, sealer.Options{}).Seal(t.Context(), number)
				require.NoError(t, err)
				requireSame(t, want, commitments, dir)
			})
		}
	}
}

// Whatever happened to the labels afterwards, records that would convict are not handed out.
func TestFalseRecordsAreNotHandedOut(t *testing.T) {
	d := sampleDeals(t)
	dir := t.TempDir()
	s := open(t, dir, d, sealer.Options{})
	seal(t, s, samplePlan(t, d))
	const node = 7000
	_, err := s.Records(t.Context(), number, []uint64{node})
	require.NoError(t, err)
	flip(t, filepath.Join(dir, "7", "layer-04"), node*32)
	_, err = s.Records(t.Context(), number, []uint64{node})
	require.Error(t, err)
}
