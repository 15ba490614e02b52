package sectors

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// round is one look at everything: the chain as of a block, and what is on disk.
type round struct {
	block    chain.Block
	params   poreptypes.Params
	assigned map[place]markettypes.Assignment // sealed replicas that are this provider's, by the chain's list
	state    poreptypes.ProviderState         // of the sealed map
	faulty   map[uint64]time.Time             // sector on chain -> when the newest fault of its units began
	sectors  []*sector
}

// sector is one that the chain or the disk knows of.
type sector struct {
	number  uint64
	file    *File              // nil if nothing is on disk
	onChain *poreptypes.Sector // nil if the chain does not know it
	demands []poreptypes.RecordDemand
}

// live tells whether the chain has accepted the sector or may do so still.
func (s *sector) live() bool {
	return s.onChain != nil && s.onChain.Status != poreptypes.SECTOR_STATUS_DROPPED
}

// sealed tells whether the replica was made.
func (s *sector) sealed() bool { return s.file != nil && s.file.Phase == PhaseSealed }

// livePieces are the pieces that are not gone.
func (s *sector) livePieces() []poreptypes.Piece {
	var pieces []poreptypes.Piece
	for _, piece := range s.onChain.Pieces {
		if piece.Status != poreptypes.PIECE_STATUS_GONE {
			pieces = append(pieces, piece)
		}
	}
	return pieces
}

// deals are those whose data the sector is made of, none if nothing of it is wanted any more.
func (s *sector) deals() []uint64 {
	var deals []uint64
	switch {
	case s.onChain == nil:
		for _, piece := range s.file.Plan.Pieces {
			deals = append(deals, piece.DealID)
		}
	case s.live() && s.onChain.LivePieces > 0:
		for _, piece := range s.onChain.Pieces {
			deals = append(deals, piece.DealId)
		}
	}
	return deals
}

// Round looks at every sector once, as of a block, and starts what is to be done. list are all replicas of the provider, of any
// class, as the chain lists them. The goroutines that it starts are added to wg; what they meet is reported.
func (k *Keeper) Round(ctx context.Context, block chain.Block, list []markettypes.Assignment, wg *sync.WaitGroup) error {
	r, err := k.look(ctx, block, list)
	if err != nil {
		return err
	}
	k.setNow(block)
	packErr := k.pack(ctx, r)
	slices.SortFunc(r.sectors, func(a, b *sector) int {
		return cmp.Or(r.deadline(a).Compare(r.deadline(b)), cmp.Compare(a.number, b.number))
	})
	for _, s := range r.sectors {
		k.step(ctx, r, s, wg)
		k.alert(ctx, r, s, wg)
		k.check(ctx, r, s, wg)
		k.warn(ctx, r, s)
	}
	k.scrubNext(ctx, r, wg)
	k.publish(r)
	return errors.Join(packErr, k.releaseRecords(ctx, r))
}

// look reads the chain and the disk.
func (k *Keeper) look(ctx context.Context, block chain.Block, list []markettypes.Assignment) (*round, error) {
	r := &round{block: block, assigned: map[place]markettypes.Assignment{}, faulty: map[uint64]time.Time{}}
	assigned := map[replicaKey]bool{}
	for _, a := range list {
		if a.Replica.Class != poreptypes.CLASS_SEALED {
			continue
		}
		r.assigned[place{a.Replica.DealId, a.Replica.Index}] = a
		if a.Replica.Status == markettypes.REPLICA_STATUS_ASSIGNED {
			assigned[keyOfAssigned(a.Replica)] = true
		}
	}
	files, err := k.files.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("failed to list the sectors on disk: %w", err)
	}
	planned := map[place]bool{}
	for _, file := range files {
		for _, piece := range file.Plan.Pieces {
			planned[place{piece.DealID, piece.ReplicaIndex}] = true
		}
	}
	k.waiting.forget(assigned, planned)
	onChain, err := k.chain.Sectors(ctx, k.address)
	if err != nil {
		return nil, err
	}
	if r.params, err = k.chain.ProofParams(ctx); err != nil {
		return nil, err
	}
	byNumber := map[uint64]*sector{}
	for i := range files {
		byNumber[files[i].Plan.Number] = &sector{number: files[i].Plan.Number, file: &files[i]}
	}
	for i := range onChain {
		number := onChain[i].Number
		s := byNumber[number]
		if s == nil {
			s = &sector{number: number}
			byNumber[number] = s
		}
		s.onChain = &onChain[i]
		k.health.name(onChain[i].Id, number)
	}
	r.sectors = slices.Collect(maps.Values(byNumber))
	if len(onChain) == 0 {
		return r, nil
	}
	return r, k.lookCloser(ctx, r)
}

// lookCloser reads what is asked of sectors that the chain knows.
func (k *Keeper) lookCloser(ctx context.Context, r *round) error {
	for _, s := range r.sectors {
		if !s.live() || s.onChain.OpenDemands == 0 {
			continue
		}
		var err error
		if s.demands, err = k.chain.Demands(ctx, s.onChain.Id); err != nil {
			return err
		}
	}
	var err error
	r.state, err = k.chain.ProvingState(ctx, k.address, poreptypes.CLASS_SEALED)
	if errors.Is(err, chain.ErrNotFound) {
		return nil
	}
	if err != nil || r.state.FaultyUnits == 0 {
		return err
	}
	faults, err := k.chain.Faults(ctx, k.address, poreptypes.CLASS_SEALED)
	if err != nil {
		return err
	}
	for _, unit := range faults {
		if unit.FaultedAt != nil && !unit.FaultedAt.Before(r.faulty[unit.SectorId]) {
			r.faulty[unit.SectorId] = *unit.FaultedAt
		}
	}
	return nil
}

// frozen tells whether the sealed map takes no changes now: units can be declared faulty neither in a window nor shortly before.
func (r *round) frozen() bool {
	return r.state.Window.Open || r.state.Scheduled && !r.block.Time.Before(r.state.NextOpenAt.Add(-r.params.FaultCutoff))
}

// deadline is the next that the chain has set for a sector, zero for none.
func (r *round) deadline(s *sector) time.Time {
	var first time.Time
	take := func(at time.Time) {
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	switch {
	case s.onChain == nil:
		for _, piece := range s.file.Plan.Pieces {
			a, ok := r.assigned[place{piece.DealID, piece.ReplicaIndex}]
			if ok && a.Replica.Status == markettypes.REPLICA_STATUS_ASSIGNED && a.Replica.Deadline != nil {
				take(*a.Replica.Deadline)
			}
		}
	case s.onChain.Status == poreptypes.SECTOR_STATUS_PRECOMMITTED:
		take(s.onChain.ProveBy)
	}
	for _, demand := range s.demands {
		take(demand.AnswerBy)
	}
	return first
}

// start runs work on a sector in a goroutine, unless its lane is busy or the same work failed a moment ago.
func (k *Keeper) start(
	ctx context.Context, wg *sync.WaitGroup, number uint64, l lane, what string, sealing bool, work func(ctx context.Context, fails int) error,
) {
	key := taskKey{number, l}
	inner, fails, ok := k.tasks.begin(ctx, key, what, sealing)
	if !ok {
		return
	}
	wg.Go(func() {
		err := work(inner, fails)
		stopped := inner.Err() != nil
		k.tasks.end(key, err, k.cfg)
		if err != nil && !stopped {
			k.deps.Report(ctx, what, fmt.Errorf("sector %d: %w", number, err))
		}
	})
}
