package sectors

import (
	"context"
	"maps"
	"sync"
	"time"

	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// State is what a sector is doing, as people are told.
type State string

// The states of a sector.
const (
	StatePacking      State = "packing"
	StateLabelling    State = "labelling"
	StateEncoding     State = "encoding"
	StateCommitting   State = "committing"
	StatePrecommitted State = "precommitted"
	StateProving      State = "proving"
	StateVerifying    State = "verifying"
	StateActive       State = "active"
	StateFinal        State = "final"
	StateResealing    State = "resealing"
	StateFailed       State = "failed"
	StateDropped      State = "dropped"
)

// Info describes a sector.
type Info struct {
	// Number is the provider's own, ID the chain's, 0 before the pre-commitment.
	Number, ID uint64
	Class      poreptypes.SectorClass
	State      State
	// Done of Total bytes are done of the work of the state; Total is 0 when there is nothing to count.
	Done, Total uint64
	// Pieces are those that live, PieceBytes their committed bytes.
	Pieces     uint32
	PieceBytes uint64
	DiskBytes  uint64
	// Deadline is the next that the chain has set, zero for none; AtRisk tells that it may be missed.
	Deadline  time.Time
	AtRisk    bool
	LastError string
	StartedAt time.Time
}

// Overview describes all sectors, and what waits for one.
type Overview struct {
	Sectors         []Info
	WaitingReplicas uint32
	WaitingBytes    uint64
	// SealingBytes are the committed bytes of what waits for a sector or is in one that is not accepted yet.
	SealingBytes uint64
	// Paused tells that sealing stands still for a proof, Backlogged that new sealed replicas are refused.
	Paused, Backlogged bool
	// NextDeadline is the first of the sectors' deadlines, zero for none.
	NextDeadline time.Time
}

// snapshot is what the last round found.
type snapshot struct {
	overview  Overview
	places    map[place]bool  // of replicas in sectors that are not gone
	deals     map[uint64]bool // whose data sectors are made of that are not gone; nil before the first round
	leftBytes uint64          // of sectors and of what waits for one, still to be labelled
	// sectorBytes are the committed bytes in sectors that are not accepted yet.
	sectorBytes uint64
}

// board keeps the last snapshot.
type board struct {
	mu   sync.Mutex
	last snapshot // guarded by mu
}

func newBoard() *board { return &board{last: snapshot{places: map[place]bool{}}} }

func (b *board) read() snapshot {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last
}

func (b *board) write(s snapshot) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last = s
}

// plan adds the places of a sector that was just begun.
func (b *board) plan(pieces []Piece) {
	b.mu.Lock()
	defer b.mu.Unlock()
	places, deals := maps.Clone(b.last.places), maps.Clone(b.last.deals)
	for _, piece := range pieces {
		if deals != nil {
			deals[piece.DealID] = true
		}
		places[place{piece.DealID, piece.ReplicaIndex}] = true
		b.last.sectorBytes += piece.TotalBytes
	}
	b.last.places, b.last.deals = places, deals
}

// needs tells whether a sector is made of the data of a deal. Before the first round everything is needed.
func (b *board) needs(deal uint64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last.deals == nil || b.last.deals[deal]
}

func (b *board) planned(at place) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last.places[at]
}

// Needs tells whether the data of a deal has to stay because a sector is made of it: also one of which another replica lives, since all of
// its data is needed to make it anew.
func (k *Keeper) Needs(deal uint64) bool { return k.board.needs(deal) }

// Overview returns what the last round found, with progress as of now.
func (k *Keeper) Overview(ctx context.Context) (Overview, error) {
	files, err := k.files.List(ctx)
	if err != nil {
		return Overview{}, err
	}
	last := k.board.read().overview
	overview := last
	overview.Paused = k.paused()
	overview.Sectors = make([]Info, len(last.Sectors))
	copy(overview.Sectors, last.Sectors)
	for i := range overview.Sectors {
		info := &overview.Sectors[i]
		for _, file := range files {
			if file.Plan.Number != info.Number {
				continue
			}
			info.DiskBytes = file.DiskBytes
			if working(info.State) {
				info.Done, info.Total = file.Done, file.Total
			}
			switch info.State {
			case StatePacking, StateLabelling, StateEncoding, StateCommitting:
				if file.Phase != PhaseSealed {
					info.State = State(file.Phase)
				}
			}
		}
	}
	return overview, nil
}

// working tells whether the files of a sector change in a state.
func working(state State) bool {
	switch state {
	case StatePacking, StateLabelling, StateEncoding, StateCommitting, StateResealing:
		return true
	}
	return false
}
