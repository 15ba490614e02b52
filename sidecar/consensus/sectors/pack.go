package sectors

import (
	"cmp"
	"slices"
	"time"

	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// Replica is one whose data is stored and checked, ready to be sealed.
type Replica struct {
	Piece // but for its place

	AssignedAt, Deadline time.Time
}

// batch is what goes into one sector.
type batch struct {
	class    poreptypes.SectorClass
	replicas []Replica
	// full tells that the next replica does not fit, earliest that of the replicas whose deadline comes first.
	full     bool
	earliest time.Time
}

// nextBatch fills a sector in the order in which replicas were assigned: of the smallest class that holds the oldest, with all that
// still fit. It returns nothing when none waits or none fits any class.
func nextBatch(waiting []Replica, allowed []poreptypes.SectorClass, maxPieces uint32) (batch, bool) {
	waiting = slices.Clone(waiting)
	slices.SortFunc(waiting, func(a, b Replica) int {
		return cmp.Or(a.AssignedAt.Compare(b.AssignedAt), cmp.Compare(a.DealID, b.DealID), cmp.Compare(a.ReplicaIndex, b.ReplicaIndex))
	})
	var found batch
	var nodes uint64
	for _, replica := range waiting {
		if len(found.replicas) == 0 {
			class, ok := ClassFor(replica.Nodes, allowed)
			if !ok {
				continue
			}
			found.class, found.earliest = class, replica.Deadline
		}
		if replica.Nodes > ClassBytes(found.class)/NodeBytes-nodes || uint32(len(found.replicas)) >= maxPieces {
			found.full = true
			continue
		}
		replica.StartNode = nodes
		nodes += replica.Nodes
		found.replicas = append(found.replicas, replica)
		if replica.Deadline.Before(found.earliest) {
			found.earliest = replica.Deadline
		}
	}
	found.full = found.full || nodes == ClassBytes(found.class)/NodeBytes || uint32(len(found.replicas)) == maxPieces
	return found, len(found.replicas) > 0
}

// due tells whether a batch is to be sealed as of a block time: it is full, its oldest replica has waited for long enough, or waiting
// on would put a deadline at risk.
func (b batch) due(now time.Time, wait, sealing time.Duration) bool {
	given := b.earliest.Sub(b.replicas[0].AssignedAt)
	return b.full || !now.Before(b.replicas[0].AssignedAt.Add(wait)) || !now.Before(b.earliest.Add(-slack(sealing, given)))
}

// pieces are those of a plan.
func (b batch) pieces() []Piece {
	pieces := make([]Piece, len(b.replicas))
	for i, replica := range b.replicas {
		pieces[i] = replica.Piece
	}
	return pieces
}

// slack is how long before a deadline work that is expected to take so long has to begin at the latest, when so much time is given
// in all: half as long again, and some time for the transactions.
func slack(work, given time.Duration) time.Duration {
	return work + work/2 + min(max(given/8, 0), 10*time.Second)
}
