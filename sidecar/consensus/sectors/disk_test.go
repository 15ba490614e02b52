package sectors_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// sealSteps is how many steps the work on a sector has.
const sealSteps = 4

// disk is a Files that outlives Keepers. A step of sealing takes no time, unless the test says so.
type disk struct {
	mu      sync.Mutex
	all     map[uint64]*sectors.File // guarded by mu
	damaged map[uint64]bool          // guarded by mu
	wrong   bool                     // guarded by mu: what is made comes out different
	seals   int                      // guarded by mu: replicas made from the first step on
	steps   int                      // guarded by mu: steps made in all
	holds   int                      // guarded by mu
	freed   chan struct{}            // guarded by mu: closed when the last hold ends
	held    bool                     // guarded by mu: a step was found to wait
	failing error                    // guarded by mu: of the next Seal
	work    uint64                   // WorkBytes

	// before is called before each step; it may wait.
	before func(ctx context.Context, number uint64, step int) error
}

func newDisk() *disk {
	return &disk{all: map[uint64]*sectors.File{}, damaged: map[uint64]bool{}, freed: make(chan struct{})}
}

func (d *disk) List(context.Context) ([]sectors.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []sectors.File
	for _, f := range d.all {
		list = append(list, *f)
	}
	slices.SortFunc(list, func(a, b sectors.File) int { return int(a.Plan.Number) - int(b.Plan.Number) })
	return list, nil
}

func (d *disk) Begin(_ context.Context, plan sectors.Plan) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all[plan.Number] != nil {
		return nil
	}
	if plan.ReplicaID == [32]byte{} {
		plan.ReplicaID = plan.Ticket
	}
	d.all[plan.Number] = &sectors.File{Plan: plan, Phase: sectors.PhaseLabelling, Total: sealSteps, StartedAt: time.Unix(1, 0)}
	return nil
}

func (d *disk) file(number uint64) (*sectors.File, error) {
	f := d.all[number]
	if f == nil {
		return nil, sectors.ErrNoSector
	}
	return f, nil
}

func (d *disk) Seal(ctx context.Context, number uint64) (sectors.Commitments, error) {
	for {
		d.mu.Lock()
		f, err := d.file(number)
		if err == nil && d.failing != nil {
			err, d.failing = d.failing, nil
		}
		if err != nil || f.Phase == sectors.PhaseSealed {
			d.mu.Unlock()
			if err != nil {
				return sectors.Commitments{}, err
			}
			return f.Commitments, nil
		}
		step, freed, before := int(f.Done), d.freed, d.before
		if d.holds > 0 {
			d.held = true
			d.mu.Unlock()
			select {
			case <-freed:
			case <-ctx.Done():
				return sectors.Commitments{}, ctx.Err()
			}
			continue
		}
		d.mu.Unlock()
		if before != nil {
			if err := before(ctx, number, step); err != nil {
				return sectors.Commitments{}, err
			}
		}
		if err := ctx.Err(); err != nil {
			return sectors.Commitments{}, err
		}
		d.step(f)
	}
}

func (d *disk) step(f *sectors.File) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if f.Done == 0 {
		d.seals++
	}
	d.steps++
	if f.Done++; f.Done < f.Total {
		return
	}
	// What is made follows from the plan.
	raw, err := json.Marshal(struct {
		Pieces []sectors.Piece
		ID     [32]byte
		Wrong  bool
	}{f.Plan.Pieces, f.Plan.ReplicaID, d.wrong})
	if err != nil {
		panic(err)
	}
	f.Phase, f.HasLabels = sectors.PhaseSealed, true
	f.Commitments = sectors.Commitments{
		ReplicaID: f.Plan.ReplicaID, CommC: sha256.Sum256(append(raw, 'c')), CommRLast: sha256.Sum256(append(raw, 'r')),
	}
	delete(d.damaged, f.Plan.Number)
}

func (d *disk) Records(_ context.Context, number uint64, nodes []uint64) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, err := d.file(number)
	if err != nil {
		return nil, err
	}
	if !f.HasLabels {
		return nil, errors.New("the labels are gone")
	}
	return fmt.Appendf(nil, "records of %v under %x", nodes, f.Commitments.CommRLast), nil
}

func (d *disk) Slice(records []byte, index, count uint32) ([]byte, error) {
	root := format.Sum(records)
	return fmt.Appendf(nil, "slice %d of %d of %x", index, count, root[:]), nil
}

func (d *disk) Prove(_ context.Context, window uint64, asks []sectors.Ask) ([]byte, map[int]error, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	missing := map[int]error{}
	for i, ask := range asks {
		switch f := d.all[ask.Number]; {
		case f == nil || f.Phase != sectors.PhaseSealed:
			missing[i] = sectors.ErrNoSector
		case d.damaged[ask.Number] || f.Commitments.CommRLast != ask.CommRLast:
			missing[i] = sectors.ErrDamaged
		}
	}
	return fmt.Appendf(nil, "proof of window %d", window), missing, nil
}

func (d *disk) Scrub(_ context.Context, number uint64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.file(number); err != nil {
		return err
	}
	if d.damaged[number] {
		return sectors.ErrDamaged
	}
	return nil
}

func (d *disk) Reset(_ context.Context, number uint64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, err := d.file(number)
	if err != nil {
		return err
	}
	f.Phase, f.Done, f.Commitments, f.HasLabels = sectors.PhaseLabelling, 0, sectors.Commitments{}, false
	return nil
}

func (d *disk) Finish(_ context.Context, number uint64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, err := d.file(number)
	if err == nil {
		f.HasLabels = false
	}
	return err
}

func (d *disk) Release(_ context.Context, number, startNode uint64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, err := d.file(number)
	if err == nil {
		f.Released = append(slices.Clone(f.Released), startNode)
	}
	return err
}

func (d *disk) Drop(_ context.Context, number uint64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.all, number)
	return nil
}

func (d *disk) WorkBytes(poreptypes.SectorClass) uint64 { return d.work }

func (d *disk) Hold() func() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.holds++
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.holds--; d.holds == 0 {
			close(d.freed)
			d.freed = make(chan struct{})
		}
	}
}

func (d *disk) spoil(number uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.damaged[number] = true
}

func (d *disk) look(number uint64) (sectors.File, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.all[number]
	if f == nil {
		return sectors.File{}, false
	}
	return *f, true
}

// recordStore is a Records that outlives Keepers.
type recordStore struct {
	mu   sync.Mutex
	all  map[cid.Cid][]byte // guarded by mu
	pins map[cid.Cid]uint64 // guarded by mu
}

func newRecordStore() *recordStore {
	return &recordStore{all: map[cid.Cid][]byte{}, pins: map[cid.Cid]uint64{}}
}

func (s *recordStore) Put(_ context.Context, number uint64, records []byte) (cid.Cid, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := format.BlockCID(format.Raw, format.Sum(records))
	s.all[c], s.pins[c] = records, number
	return c, nil
}

func (s *recordStore) Get(_ context.Context, c cid.Cid) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	records, ok := s.all[c]
	if !ok {
		return nil, sectors.ErrNoRecords
	}
	return records, nil
}

func (s *recordStore) List(context.Context) (map[uint64][]cid.Cid, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := map[uint64][]cid.Cid{}
	for c, number := range s.pins {
		list[number] = append(list[number], c)
	}
	return list, nil
}

func (s *recordStore) Release(_ context.Context, c cid.Cid) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.pins, c)
	delete(s.all, c)
	return nil
}

func (s *recordStore) lose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.all)
	clear(s.pins)
}

func (s *recordStore) pinned() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.pins)
}
