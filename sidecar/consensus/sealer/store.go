package sealer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"

	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// Store keeps the sectors of a provider in a folder. It implements sectors.Files. All methods may be called concurrently; of those that
// change a sector one at a time may run, and another fails with ErrInUse.
type Store struct {
	dir    string
	source proof.Source
	opts   Options
	log    *slog.Logger
	gate   gate
	pairs  pairs
	// residentAtOpen is how much of files the process had in memory before any of the store was mapped, in bytes.
	residentAtOpen uint64

	mu sync.Mutex
	// known holds what is in the descriptions on disk, busy names the sectors that are being changed, and progress is how far those
	// are; all guarded by mu.
	known    map[uint64]*description
	busy     map[uint64]bool
	progress map[uint64]progress
	parents  *parentCaches
}

// progress is how many bytes of a phase are done.
type progress struct{ done, total uint64 }

var _ sectors.Files = (*Store)(nil)

// Open opens the store in a folder, which it makes if need be. source is where encodings are read from; it never fetches. A folder that
// holds no readable sector is reported in the log and left alone.
func Open(dir string, source proof.Source, opts Options) (*Store, error) {
	if opts.Workers <= 0 {
		opts.Workers = runtime.GOMAXPROCS(0)
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("failed to make the sectors' folder: %w", err)
	}
	s := &Store{
		dir: dir, source: source, opts: opts, log: opts.Log, known: map[uint64]*description{}, busy: map[uint64]bool{},
		progress: map[uint64]progress{}, parents: newParentCaches(dir),
	}
	s.residentAtOpen, _ = residentFiles()
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("failed to list the sectors: %w", err)
	}
	for _, entry := range entries {
		number, err := strconv.ParseUint(entry.Name(), 10, 64)
		if err != nil || !entry.IsDir() {
			continue
		}
		d, err := readDescription(s.sectorDir(number), opts.BenchNodes)
		if err == nil && d.Number != number {
			err = fmt.Errorf("%w: it says that it is sector %d", ErrFormat, d.Number)
		}
		if err != nil {
			s.log.Warn("a folder holds no readable sector", "folder", s.sectorDir(number), "err", err)
			continue
		}
		s.known[number] = d
	}
	return s, nil
}

func (s *Store) sectorDir(number uint64) string {
	return filepath.Join(s.dir, strconv.FormatUint(number, 10))
}

func (s *Store) path(number uint64, name string) string {
	return filepath.Join(s.sectorDir(number), name)
}

func layerFile(layer uint32) string { return fmt.Sprintf("layer-%02d", layer) }

const (
	replicaFile     = "replica"
	columnTreeFile  = "tree-c"
	replicaTreeFile = "tree-r"
	// formerTreeFile is the tree-r of a sector that is made anew.
	formerTreeFile = "former-tree-r"
)

// find returns a copy of a sector's description. It fails with sectors.ErrNoSector.
func (s *Store) find(number uint64) (*description, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.known[number]
	if !ok {
		return nil, fmt.Errorf("%w: %d", sectors.ErrNoSector, number)
	}
	return d.clone(), nil
}

// change claims a sector for a call that changes it; the caller calls done once.
func (s *Store) change(number uint64) (d *description, done func(), err error) {
	s.mu.Lock()
	if s.busy[number] {
		s.mu.Unlock()
		return nil, nil, fmt.Errorf("%w: %d", ErrInUse, number)
	}
	s.busy[number] = true
	s.mu.Unlock()
	done = func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.busy, number)
		delete(s.progress, number)
	}
	if d, err = s.find(number); err != nil && !errors.Is(err, sectors.ErrNoSector) {
		done()
		return nil, nil, err
	}
	return d, done, nil
}

// existing is change for a sector that must be there.
func (s *Store) existing(number uint64) (d *description, done func(), err error) {
	d, done, err = s.change(number)
	if err == nil && d == nil {
		done()
		err = fmt.Errorf("%w: %d", sectors.ErrNoSector, number)
	}
	return d, done, err
}

// save writes a description down.
func (s *Store) save(d *description) error {
	if err := d.write(s.sectorDir(d.Number)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[d.Number] = d.clone()
	return nil
}

func (s *Store) report(number, done, total uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.progress[number] = progress{done, total}
}

// List implements sectors.Files.
func (s *Store) List(context.Context) ([]sectors.File, error) {
	s.mu.Lock()
	numbers := make([]uint64, 0, len(s.known))
	for number := range s.known {
		numbers = append(numbers, number)
	}
	s.mu.Unlock()
	slices.Sort(numbers)
	var files []sectors.File
	for _, number := range numbers {
		d, err := s.find(number)
		if errors.Is(err, sectors.ErrNoSector) {
			continue // dropped meanwhile
		}
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		p := s.progress[number]
		s.mu.Unlock()
		if p.total == 0 && d.Phase == sectors.PhaseLabelling {
			p = labelled(d.Layer, d.Node, d.nodes())
		}
		files = append(files, sectors.File{
			Plan: d.plan(), Phase: d.Phase, Done: p.done, Total: p.total, DiskBytes: s.diskBytes(number), Commitments: d.commitments(),
			HasLabels: d.Phase == sectors.PhaseSealed && !d.Finished, Released: d.Released, StartedAt: d.StartedAt,
		})
	}
	return files, nil
}

// labelled is how far the labelling of a sector is whose labels before a node of a layer were made.
func labelled(layer uint32, node, nodes uint64) progress {
	return progress{(uint64(layer-1)*nodes + node) * sdr.NodeSize, sdr.Layers * nodes * sdr.NodeSize}
}

func (s *Store) diskBytes(number uint64) uint64 {
	entries, err := os.ReadDir(s.sectorDir(number))
	if err != nil {
		return 0 // it is being dropped
	}
	var total uint64
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil {
			total += diskBytes(info)
		}
	}
	return total
}

// Begin implements sectors.Files. It fails with ErrPlan for a plan that makes no sense and for another one than the sector has.
func (s *Store) Begin(_ context.Context, plan sectors.Plan) error {
	wanted, err := describe(plan, s.opts.BenchNodes)
	if err != nil {
		return err
	}
	d, done, err := s.change(plan.Number)
	if err != nil {
		return err
	}
	defer done()
	if d != nil {
		if d.sameSector(wanted) {
			return nil
		}
		return fmt.Errorf("%w: sector %d has another one already", ErrPlan, plan.Number)
	}
	if err := os.MkdirAll(s.sectorDir(plan.Number), 0o700); err != nil {
		return fmt.Errorf("failed to make the folder of sector %d: %w", plan.Number, err)
	}
	if err := s.save(wanted); err != nil {
		return err
	}
	return syncDir(s.dir)
}

// Reset implements sectors.Files. The replica and its tree stay for what is in pieces that were let go of, whose data may be gone: see
// former.
func (s *Store) Reset(_ context.Context, number uint64) error {
	d, done, err := s.existing(number)
	if err != nil {
		return err
	}
	defer done()
	if d.Phase == sectors.PhaseSealed {
		// Before the phase is written down: from then on the tree is made anew.
		err := os.Rename(s.path(number, replicaTreeFile), s.path(number, formerTreeFile))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("failed to keep tree-r of sector %d: %w", number, err)
		}
		if err := syncDir(s.sectorDir(number)); err != nil {
			return err
		}
	}
	d.Finished = false
	d.backTo(1)
	if err := s.save(d); err != nil {
		return err
	}
	return s.remove(number, append(labelFiles(), replicaTreeFile)...)
}

// Finish implements sectors.Files. It fails with ErrNotSealed.
func (s *Store) Finish(_ context.Context, number uint64) error {
	d, done, err := s.existing(number)
	if err != nil {
		return err
	}
	defer done()
	if d.Phase != sectors.PhaseSealed {
		return fmt.Errorf("%w: %d", ErrNotSealed, number)
	}
	if !d.Finished {
		d.Finished = true
		if err := s.save(d); err != nil {
			return err
		}
	}
	return s.remove(number, labelFiles()...)
}

// labelFiles are the files that only seal records need.
func labelFiles() []string {
	files := []string{columnTreeFile}
	for layer := uint32(1); layer <= sdr.Layers; layer++ {
		files = append(files, layerFile(layer))
	}
	return files
}

// remove deletes files of a sector, those that are there.
func (s *Store) remove(number uint64, names ...string) error {
	for _, name := range names {
		if err := os.Remove(s.path(number, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("failed to delete %s of sector %d: %w", name, number, err)
		}
	}
	return syncDir(s.sectorDir(number))
}

// Drop implements sectors.Files.
func (s *Store) Drop(_ context.Context, number uint64) error {
	_, done, err := s.change(number)
	if err != nil {
		return err
	}
	defer done()
	s.mu.Lock()
	delete(s.known, number)
	s.mu.Unlock()
	if err := os.RemoveAll(s.sectorDir(number)); err != nil {
		return fmt.Errorf("failed to delete sector %d: %w", number, err)
	}
	return syncDir(s.dir)
}

// Release implements sectors.Files. What other pieces' paths are hashed from stays.
func (s *Store) Release(_ context.Context, number, startNode uint64) error {
	d, done, err := s.existing(number)
	if err != nil {
		return err
	}
	defer done()
	index := slices.IndexFunc(d.Pieces, func(p piece) bool { return p.StartNode == startNode })
	if index < 0 {
		return fmt.Errorf("%w: sector %d has no piece at node %d", ErrPlan, number, startNode)
	}
	if !slices.Contains(d.Released, startNode) {
		// Written down first: what is punched must never be taken for damage.
		d.Released = append(d.Released, startNode)
		if err := s.save(d); err != nil {
			return err
		}
	}
	if d.Phase != sectors.PhaseSealed {
		return nil
	}
	return s.punchReleased(d)
}

// punchReleased gives back the space of the parts of the replica that nobody can be asked about any more.
func (s *Store) punchReleased(d *description) error {
	file, err := os.OpenFile(s.path(d.Number, replicaFile), os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("failed to open the replica of sector %d: %w", d.Number, err)
	}
	for _, r := range d.releasedGroups() {
		if err := punch(file, int64(r.from*groupBytes), int64((r.to-r.from)*groupBytes)); err != nil {
			return fmt.Errorf("failed to give space of sector %d back: %w", d.Number, closeAfter(file, err))
		}
	}
	return closeAfter(file, file.Sync())
}

// span is a range of groups of leaves, from up to but without to.
type span struct{ from, to uint64 }

// releasedGroups are the groups that lie whole in pieces that were let go of.
func (d *description) releasedGroups() []span { return d.groupsOf(d.Released) }

// groupsOf are the groups that lie whole in pieces with these first nodes.
func (d *description) groupsOf(starts []uint64) []span {
	var spans []span
	for _, p := range d.Pieces {
		if !slices.Contains(starts, p.StartNode) {
			continue
		}
		from, to := (p.StartNode+groupNodes-1)/groupNodes, (p.StartNode+p.sdr().Nodes())/groupNodes
		if from < to {
			spans = append(spans, span{from, to})
		}
	}
	return spans
}

func contains(spans []span, group uint64) bool {
	return slices.ContainsFunc(spans, func(r span) bool { return group >= r.from && group < r.to })
}

// WorkBytes implements sectors.Files.
func (*Store) WorkBytes(class poreptypes.SectorClass) uint64 {
	return workBytes(sdr.Class(class).Nodes())
}

// workBytes is the disk that a sector of so many nodes takes while it is made: labels, replica and both trees.
func workBytes(nodes uint64) uint64 {
	size := nodes * sdr.NodeSize
	return (sdr.Layers+1)*size + size/32
}

// Hold implements sectors.Files.
func (s *Store) Hold() (release func()) { return s.gate.hold() }
