package sectors

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// ticketReserveBlocks is how many blocks before its ticket gets too old a sector is pre-committed at the latest.
const ticketReserveBlocks = 2

// step starts the next piece of work in a sector's life.
func (k *Keeper) step(ctx context.Context, r *round, s *sector, wg *sync.WaitGroup) {
	switch {
	case s.onChain == nil:
		k.stepUncommitted(ctx, r, s, wg)
	case s.onChain.Status == poreptypes.SECTOR_STATUS_DROPPED:
		k.drop(ctx, s, wg, "the chain dropped it")
	case !s.sealed() || k.health.damage(s.number) != nil:
		if s.file == nil {
			k.spoil(s.number, ErrNoSector)
		}
		if k.deps.Healing() {
			k.startSealing(ctx, s, wg, "a sealed replica could not be made anew", k.reseal(s))
		}
	case s.onChain.Status == poreptypes.SECTOR_STATUS_PRECOMMITTED:
		if r.block.Height > s.onChain.ChallengeHeight && r.block.Time.Before(s.onChain.ProveBy) {
			k.start(ctx, wg, s.number, laneLife, "a seal could not be proven", false, k.prove(s))
		}
	case s.onChain.Status == poreptypes.SECTOR_STATUS_FINAL:
		k.stepFinal(ctx, s, wg)
	case s.onChain.Proof != nil && !k.stored.has(s.number):
		k.start(ctx, wg, s.number, laneLife, "seal records could not be stored again", false, k.keepRecords(s))
	}
}

// stepUncommitted sees to a sector that the chain does not know: it is sealed and pre-committed, unless a piece of it is not this
// provider's any more.
func (k *Keeper) stepUncommitted(ctx context.Context, r *round, s *sector, wg *sync.WaitGroup) {
	for _, piece := range s.file.Plan.Pieces {
		a, ok := r.assigned[place{piece.DealID, piece.ReplicaIndex}]
		switch {
		case !ok:
			k.drop(ctx, s, wg, fmt.Sprintf("replica %d of deal %d is not to be sealed any more", piece.ReplicaIndex, piece.DealID))
			return
		case a.Replica.Status != markettypes.REPLICA_STATUS_ASSIGNED:
			return // it is in a sector that the next look will find
		}
	}
	if !s.sealed() {
		k.startSealing(ctx, s, wg, "a replica could not be sealed", k.seal(s))
		return
	}
	if r.block.Height-s.file.Plan.TicketHeight > r.params.TicketMaxAgeBlocks-ticketReserveBlocks {
		k.drop(ctx, s, wg, "its ticket has become too old")
		return
	}
	k.start(ctx, wg, s.number, laneLife, "a sector could not be pre-committed", false, k.preCommit(s))
}

// stepFinal deletes what only a dispute needed, then what is gone.
func (k *Keeper) stepFinal(ctx context.Context, s *sector, wg *sync.WaitGroup) {
	if s.file.HasLabels {
		k.start(ctx, wg, s.number, laneLife, "labels could not be deleted", false, func(ctx context.Context, _ int) error {
			return k.files.Finish(ctx, s.number)
		})
		return
	}
	for _, piece := range s.onChain.Pieces {
		if piece.Status != poreptypes.PIECE_STATUS_GONE || slices.Contains(s.file.Released, piece.StartNode) {
			continue
		}
		k.start(ctx, wg, s.number, laneLife, "a piece could not be let go of", false, func(ctx context.Context, _ int) error {
			return k.files.Release(ctx, s.number, piece.StartNode)
		})
		return
	}
}

// drop deletes a sector, after which Has does not know its replicas any more: those that are still to be sealed are added again.
// Work that runs on it is ended first.
func (k *Keeper) drop(ctx context.Context, s *sector, wg *sync.WaitGroup, why string) {
	if s.file == nil {
		k.health.forget(s.number)
		return
	}
	const what = "a sector could not be deleted"
	if running, ok := k.tasks.running(taskKey{s.number, laneLife}); ok && running != what {
		k.tasks.stop(taskKey{s.number, laneLife})
		return // the next round finds it idle
	}
	k.tasks.stop(taskKey{s.number, laneCheck})
	k.start(ctx, wg, s.number, laneLife, what, false, func(ctx context.Context, _ int) error {
		wanted, err := k.stillWanted(ctx, s)
		if err != nil || wanted {
			return err
		}
		if err := k.files.Drop(ctx, s.number); err != nil {
			return err
		}
		k.health.forget(s.number)
		k.stored.forget(s.number)
		k.log.Info("sector deleted", "number", s.number, "reason", why)
		return nil
	})
}

// stillWanted asks the chain of the very deals whether a sector that it does not list is in use there: what a list lacks may be
// what a node that is behind does not know yet.
func (k *Keeper) stillWanted(ctx context.Context, s *sector) (bool, error) {
	if s.onChain != nil {
		return false, nil
	}
	for _, piece := range s.file.Plan.Pieces {
		_, replicas, err := k.chain.Deal(ctx, piece.DealID)
		if errors.Is(err, chain.ErrNotFound) {
			continue
		}
		if err != nil {
			return false, err
		}
		for _, replica := range replicas {
			if replica.Index != piece.ReplicaIndex || replica.Provider != k.address {
				continue
			}
			switch replica.Status {
			case markettypes.REPLICA_STATUS_SEALING, markettypes.REPLICA_STATUS_ACTIVE, markettypes.REPLICA_STATUS_FAULTY:
				if k.holdsUnit(ctx, replica.SectorId, s.number) {
					return true, nil
				}
			}
		}
	}
	return false, nil
}

// holdsUnit tells whether a sector on chain has a number. What cannot be asked counts as yes.
func (k *Keeper) holdsUnit(ctx context.Context, sectorID, number uint64) bool {
	found, err := k.chain.Sector(ctx, sectorID)
	if errors.Is(err, chain.ErrNotFound) {
		return false
	}
	return err != nil || found.Number == number
}
