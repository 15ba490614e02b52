package keeper

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"cosmossdk.io/collections"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// findSector reads a sector, if there is one.
func (k *Keeper) findSector(ctx context.Context, id uint64) (types.Sector, bool, error) {
	sector, err := k.sectors.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Sector{}, false, nil
	}
	if err != nil {
		return types.Sector{}, false, fmt.Errorf("failed to read sector %d: %w", id, err)
	}
	if sector.Status == types.SECTOR_STATUS_VERIFYING {
		// Verdicts are counted apart from the sector, so that each costs the same however many pieces there are.
		tally, err := k.tallies.Get(ctx, sector.Proof.SealId)
		if err != nil {
			return types.Sector{}, false, fmt.Errorf("failed to read the verdicts on sector %d: %w", id, err)
		}
		sector.Proof = &tally
	}
	return sector, true, nil
}

// Sector returns a sector. It fails with ErrUnknownSector.
func (k *Keeper) Sector(ctx context.Context, id uint64) (types.Sector, error) {
	sector, found, err := k.findSector(ctx, id)
	if err == nil && !found {
		err = types.ErrUnknownSector.Wrapf("%d", id)
	}
	return sector, err
}

// Sealing tells whether a replica is in a sector whose seal has not been accepted yet, but still may be.
func (k *Keeper) Sealing(ctx context.Context, sectorID, dealID uint64, index uint32) (bool, error) {
	sector, found, err := k.findSector(ctx, sectorID)
	if err != nil || !found {
		return false, err
	}
	return slices.ContainsFunc(sector.Pieces, func(piece types.Piece) bool {
		return piece.DealId == dealID && piece.ReplicaIndex == index && piece.Status == types.PIECE_STATUS_SEALING
	}), nil
}

func (k *Keeper) setSector(ctx context.Context, sector types.Sector) error {
	if err := k.sectors.Set(ctx, sector.Id, sector); err != nil {
		return fmt.Errorf("failed to write sector %d: %w", sector.Id, err)
	}
	return nil
}

// listSector enters a new sector into the lists of its provider.
func (k *Keeper) listSector(ctx context.Context, sector types.Sector) error {
	if err := k.sectorsByProvider.Set(ctx, collections.Join(sector.Provider, sector.Id)); err != nil {
		return fmt.Errorf("failed to list sector %d: %w", sector.Id, err)
	}
	if err := k.sectorNumbers.Set(ctx, collections.Join(sector.Provider, sector.Number), sector.Id); err != nil {
		return fmt.Errorf("failed to list sector %d: %w", sector.Id, err)
	}
	return nil
}

// removeSector forgets a sector.
func (k *Keeper) removeSector(ctx context.Context, sector types.Sector) error {
	for _, err := range []error{
		k.sectors.Remove(ctx, sector.Id),
		k.sectorsByProvider.Remove(ctx, collections.Join(sector.Provider, sector.Id)),
		k.sectorNumbers.Remove(ctx, collections.Join(sector.Provider, sector.Number)),
	} {
		if err != nil {
			return fmt.Errorf("failed to remove sector %d: %w", sector.Id, err)
		}
	}
	return emit(ctx, &types.EventSectorDropped{SectorId: sector.Id, Provider: sector.Provider})
}

// leaveSector marks the piece of a unit that is gone. The last one takes the sector with it, unless its seal may still be disputed.
func (k *Keeper) leaveSector(ctx context.Context, unit types.Unit) error {
	if unit.SectorId == 0 {
		return nil
	}
	sector, err := k.Sector(ctx, unit.SectorId)
	if err != nil {
		return err
	}
	for i := range sector.Pieces {
		if piece := &sector.Pieces[i]; piece.UnitId == unit.Id && piece.Status == types.PIECE_STATUS_PROVEN {
			piece.Status = types.PIECE_STATUS_GONE
			sector.LivePieces--
		}
	}
	if err := k.setSector(ctx, sector); err != nil || sector.LivePieces > 0 || !isOver(sector.Status) {
		return err
	}
	return k.setDue(ctx, now(ctx), types.DUE_KIND_SECTOR_CLEANUP, sector.Provider, sector.Id)
}

// isOver tells whether nobody can dispute the seal of a sector any more.
func isOver(status types.SectorStatus) bool {
	return status == types.SECTOR_STATUS_FINAL || status == types.SECTOR_STATUS_DROPPED
}

// dropSector ends a sector that is rejected, false or lapsed, whose deposit the caller has seen to: pieces that were being sealed
// go back to be assigned anew, units are terminated, demands are void. The rest is forgotten in steps.
func (k *Keeper) dropSector(ctx context.Context, sector types.Sector, atFault bool) error {
	sector.Status = types.SECTOR_STATUS_DROPPED
	var sealing []types.Piece
	var units []uint64
	for i := range sector.Pieces {
		switch piece := &sector.Pieces[i]; piece.Status {
		case types.PIECE_STATUS_SEALING:
			piece.Status = types.PIECE_STATUS_GONE
			sector.LivePieces--
			sealing = append(sealing, *piece)
		case types.PIECE_STATUS_PROVEN:
			units = append(units, piece.UnitId)
		}
	}
	if err := k.voidDemands(ctx, &sector); err != nil {
		return err
	}
	if err := k.setSector(ctx, sector); err != nil {
		return err
	}
	if err := k.setDue(ctx, now(ctx), types.DUE_KIND_SECTOR_CLEANUP, sector.Provider, sector.Id); err != nil {
		return err
	}
	for _, piece := range sealing {
		if err := k.tellDue(ctx, sealingFailed(sector.Provider, piece, atFault)); err != nil {
			return err
		}
	}
	for _, id := range units {
		unit, found, err := k.findUnit(ctx, id)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		if err := k.terminateOrQueue(ctx, unit, types.TERMINATION_CAUSE_FRAUD, k.tellDue); err != nil {
			return err
		}
	}
	return nil
}

func sealingFailed(provider string, piece types.Piece, atFault bool) notice {
	n := assignmentNotice("SealingFailed", func(ctx context.Context, assignments types.Assignments) error {
		return assignments.SealingFailed(ctx, provider, piece.DealId, piece.ReplicaIndex, atFault)
	})
	n.unit = types.Unit{Provider: provider, Class: types.CLASS_SEALED, DealId: piece.DealId, ReplicaIndex: piece.ReplicaIndex}
	return n
}

// cleanUp goes on forgetting what is left of a sector that nobody can dispute any more: first the verdicts, as far as the budget
// goes, then, once no piece lives, the sector.
func (k *Keeper) cleanUp(ctx context.Context, id uint64, left *budget) error {
	sector, found, err := k.findSector(ctx, id)
	if err != nil || !found || !isOver(sector.Status) {
		return err
	}
	if sector.Proof != nil {
		done, err := k.forgetVotes(ctx, sector.Proof.SealId, left)
		if err != nil {
			return err
		}
		if !done {
			return k.setDue(ctx, now(ctx), types.DUE_KIND_SECTOR_CLEANUP, sector.Provider, id)
		}
	}
	if sector.LivePieces > 0 {
		return nil
	}
	return k.removeSector(ctx, sector)
}

// endDispute gives the deposit of a seal back that nobody has shown to be false. Demands that are open come first.
func (k *Keeper) endDispute(ctx context.Context, id uint64) error {
	sector, found, err := k.findSector(ctx, id)
	if err != nil || !found || sector.Status != types.SECTOR_STATUS_DISPUTABLE || sector.OpenDemands > 0 {
		return err
	}
	returned := sector.Deposit
	if err := k.giveBack(ctx, &sector); err != nil {
		return err
	}
	sector.Status = types.SECTOR_STATUS_FINAL
	if err := k.setSector(ctx, sector); err != nil {
		return err
	}
	if err := k.setDue(ctx, now(ctx), types.DUE_KIND_SECTOR_CLEANUP, sector.Provider, id); err != nil {
		return err
	}
	return emit(ctx, &types.EventSectorFinal{SectorId: id, Provider: sector.Provider, Returned: returned.String()})
}
