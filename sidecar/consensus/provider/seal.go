package provider

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// sealsNew tells whether sealed replicas are offered.
func (a *Agent) sealsNew() bool { return a.sectors != nil && a.sealing.Offered }

// Sectors describes the sealed sectors, and what waits for one.
func (a *Agent) Sectors(ctx context.Context) (sectors.Overview, error) {
	if a.sectors == nil {
		return sectors.Overview{}, nil
	}
	return a.sectors.Overview(ctx)
}

// keepSectors looks after sealed sectors.
func (a *Agent) keepSectors(ctx context.Context, block chain.Block, list []markettypes.Assignment, wg *sync.WaitGroup) {
	if a.sectors == nil {
		return
	}
	if err := a.sectors.Round(ctx, block, list, wg); err != nil {
		a.problem(ctx, "sectors could not be looked after", err)
		return
	}
	overview, err := a.sectors.Overview(ctx)
	if err != nil {
		a.problem(ctx, "sectors could not be looked after", err)
		return
	}
	a.status.sectors(overview, a.sealing.Offered)
}

// judgeSealed checks whether an assignment can be sealed in time. free is what the disk can take besides what is spoken for.
func (a *Agent) judgeSealed(ctx context.Context, assignment markettypes.Assignment, free uint64, block chain.Block) (*refusal, error) {
	deal, replica := assignment.Deal, assignment.Replica
	if replica.Deadline == nil {
		return nil, fmt.Errorf("replica %d has no deadline", replica.Index)
	}
	params, err := a.chain.ProofParams(ctx)
	if err != nil {
		return nil, err
	}
	room := free - min(deal.SizeBytes, free)
	err = a.sectors.Judge(params, deal.SizeBytes, a.jobs.sealedBytes(), room, block.Time, *replica.Deadline)
	switch {
	case errors.Is(err, sectors.ErrTooLarge):
		return &refusal{markettypes.REFUSAL_REASON_POLICY, err}, nil
	case err != nil:
		return &refusal{markettypes.REFUSAL_REASON_CAPACITY, err}, nil
	}
	return nil, nil
}

// late tells whether an assignment that still waits for data has to be given back: nothing is left of its time but what the rest
// of the work takes.
func (a *Agent) late(ctx context.Context, assignment markettypes.Assignment, block chain.Block) (bool, error) {
	replica := assignment.Replica
	if replica.Deadline == nil || replica.AssignedAt == nil {
		return false, nil
	}
	needed := margin(*replica.AssignedAt, *replica.Deadline)
	if replica.Class == poreptypes.CLASS_SEALED && a.sectors != nil {
		params, err := a.chain.ProofParams(ctx)
		if err != nil {
			return false, err
		}
		needed = max(needed, a.sectors.TimeNeeded(params, assignment.Deal.SizeBytes, replica.Deadline.Sub(*replica.AssignedAt)))
	}
	return replica.Deadline.Sub(block.Time) <= needed, nil
}

// queueForSealing hands a replica whose data was checked on to be sealed. It fails with a refusal when no sector holds it.
func (a *Agent) queueForSealing(ctx context.Context, assignment markettypes.Assignment, want Layout) error {
	replica := assignment.Replica
	if replica.Deadline == nil || replica.AssignedAt == nil {
		return fmt.Errorf("replica %d has no deadline", replica.Index)
	}
	params, err := a.chain.ProofParams(ctx)
	if err != nil {
		return err
	}
	_, count, err := leaves{a.data}.LastLeaf(ctx, want.CommD)
	if err != nil {
		return err
	}
	err = a.sectors.Add(params, sectors.Replica{
		Piece: sectors.Piece{
			DealID: replica.DealId, ReplicaIndex: replica.Index, CommD: want.CommD, TotalBytes: want.SizeBytes, Leaves: count,
		},
		AssignedAt: *replica.AssignedAt, Deadline: *replica.Deadline,
	})
	if errors.Is(err, sectors.ErrTooLarge) {
		return &refusal{markettypes.REFUSAL_REASON_POLICY, err}
	}
	return err
}

// leaves shows last leaves from the local store.
type leaves struct{ data Data }

// LastLeaf implements sectors.Leaves.
func (l leaves) LastLeaf(ctx context.Context, commD format.Digest) (encoded []byte, count uint32, err error) {
	tree, err := l.data.Source().Tree(ctx, commD)
	if err != nil {
		return nil, 0, err
	}
	count = tree.LeafCount()
	last, err := tree.Prove(count - 1)
	if err != nil {
		return nil, 0, fmt.Errorf("failed to prove the last leaf: %w", err)
	}
	encoded, err = last.AppendBinary(nil)
	if err != nil {
		return nil, 0, fmt.Errorf("failed to encode the last leaf: %w", err)
	}
	return encoded, count, nil
}
