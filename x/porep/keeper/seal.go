package keeper

import (
	"context"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// setPending enters a seal proof among those that wait for a verdict.
func (k *Keeper) setPending(ctx context.Context, sector types.Sector) error {
	if err := k.pending.Set(ctx, sector.Proof.SealId, sector.Id); err != nil {
		return fmt.Errorf("failed to queue seal %d: %w", sector.Proof.SealId, err)
	}
	if err := k.tallies.Set(ctx, sector.Proof.SealId, *sector.Proof); err != nil {
		return fmt.Errorf("failed to queue seal %d: %w", sector.Proof.SealId, err)
	}
	return k.countPending(ctx, 1)
}

// endPending takes the seal proof of a sector from those that wait for a verdict. The caller writes the sector, with another status.
func (k *Keeper) endPending(ctx context.Context, sector types.Sector) error {
	if err := k.pending.Remove(ctx, sector.Proof.SealId); err != nil {
		return fmt.Errorf("failed to resolve seal %d: %w", sector.Proof.SealId, err)
	}
	if err := k.tallies.Remove(ctx, sector.Proof.SealId); err != nil {
		return fmt.Errorf("failed to resolve seal %d: %w", sector.Proof.SealId, err)
	}
	return k.countPending(ctx, -1)
}

// pendingSeals returns how many seal proofs wait for a verdict.
func (k *Keeper) pendingSeals(ctx context.Context) (uint64, error) {
	has, err := k.pendingCount.Has(ctx)
	if err != nil {
		return 0, fmt.Errorf("failed to count the pending seals: %w", err)
	}
	if !has {
		return 0, nil
	}
	count, err := k.pendingCount.Get(ctx)
	if err != nil {
		return 0, fmt.Errorf("failed to count the pending seals: %w", err)
	}
	return count, nil
}

func (k *Keeper) countPending(ctx context.Context, change int) error {
	count, err := k.pendingSeals(ctx)
	if err != nil {
		return err
	}
	if err := k.pendingCount.Set(ctx, uint64(int(count)+change)); err != nil {
		return fmt.Errorf("failed to count the pending seals: %w", err)
	}
	return nil
}

// endProving drops a sector that was not proven in time. Part of the deposit pays for the trouble. After a halt of the chain the deadline
// may come before the challenges are drawn; there is another prove timeout then.
func (k *Keeper) endProving(ctx context.Context, id uint64, left *budget) error {
	sector, found, err := k.findSector(ctx, id)
	if err != nil || !found || sector.Status != types.SECTOR_STATUS_PRECOMMITTED || now(ctx).Before(sector.ProveBy) {
		return err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	if sdk.UnwrapSDKContext(ctx).BlockHeight() <= sector.ChallengeHeight {
		sector.ProveBy = now(ctx).Add(params.ProveTimeout)
		if err := k.setSector(ctx, sector); err != nil {
			return err
		}
		return k.setDue(ctx, sector.ProveBy, types.DUE_KIND_PROVE_TIMEOUT, sector.Provider, sector.Id)
	}
	left.spendMany(uint64(len(sector.Pieces)))
	if err := k.forfeit(ctx, &sector, types.Share(sector.Deposit, params.VerdictFeeBps), ""); err != nil {
		return err
	}
	return k.timeOut(ctx, sector, true)
}

// timeOut gives back what is left of the deposit and drops the sector.
func (k *Keeper) timeOut(ctx context.Context, sector types.Sector, atFault bool) error {
	status := sector.Status
	if err := k.giveBack(ctx, &sector); err != nil {
		return err
	}
	err := emit(ctx, &types.EventSealTimedOut{SectorId: sector.Id, Provider: sector.Provider, Status: status})
	if err != nil {
		return err
	}
	return k.dropSector(ctx, sector, atFault)
}

// resolve ends the gathering of verdicts on a sector's seal proof: by what they come to, or because their time is over.
func (k *Keeper) resolve(ctx context.Context, id uint64, left *budget) error {
	sector, found, err := k.findSector(ctx, id)
	if err != nil || !found || sector.Status != types.SECTOR_STATUS_VERIFYING {
		return err
	}
	total, err := k.totalPower(ctx)
	if err != nil {
		return err
	}
	decision := outcomeOf(*sector.Proof, total)
	if decision == undecided && now(ctx).Before(sector.Proof.VerdictBy) {
		return k.setDue(ctx, sector.Proof.VerdictBy, types.DUE_KIND_VERDICT_TIMEOUT, sector.Provider, id)
	}
	left.spendMany(uint64(len(sector.Pieces)))
	if err := k.endPending(ctx, sector); err != nil {
		return err
	}
	switch decision {
	case accepted:
		return k.accept(ctx, sector, left)
	case rejected:
		return k.reject(ctx, sector, left)
	default:
		return k.timeOut(ctx, sector, false)
	}
}

// accept has the pieces of a sector proven from now on. A piece whose deal has ended, or that finds no place, is gone.
func (k *Keeper) accept(ctx context.Context, sector types.Sector, left *budget) error {
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	if err := k.payVoters(ctx, &sector, true, left); err != nil {
		return err
	}
	ends := now(ctx).Add(params.SealDisputeTime)
	sector.Status, sector.DisputeEndsAt = types.SECTOR_STATUS_DISPUTABLE, &ends
	err = emit(ctx, &types.EventSealAccepted{SealId: sector.Proof.SealId, SectorId: sector.Id, Provider: sector.Provider})
	if err != nil {
		return err
	}
	// The pieces are marked before a hook can ask for one of them.
	var units []types.Unit
	for i := range sector.Pieces {
		piece := &sector.Pieces[i]
		if piece.Status != types.PIECE_STATUS_SEALING {
			continue
		}
		unit, err := k.provePiece(ctx, sector, *piece)
		if err != nil {
			return err
		}
		if unit.Id == 0 {
			piece.Status = types.PIECE_STATUS_GONE
			sector.LivePieces--
			continue
		}
		piece.Status, piece.UnitId = types.PIECE_STATUS_PROVEN, unit.Id
		units = append(units, unit)
	}
	if sector.LivePieces == 0 {
		if err := k.giveBack(ctx, &sector); err != nil {
			return err
		}
		return k.dropSector(ctx, sector, false)
	}
	if err := k.setSector(ctx, sector); err != nil {
		return err
	}
	if err := k.setDue(ctx, ends, types.DUE_KIND_DISPUTE_END, sector.Provider, sector.Id); err != nil {
		return err
	}
	for _, created := range units {
		unit, found, err := k.findUnit(ctx, created.Id)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		if err := k.activateOrQueue(ctx, unit, k.tellDue); err != nil {
			return err
		}
	}
	return nil
}

// provePiece makes the unit of a piece. It returns a unit without id when the replica cannot be proven, which goes back then.
func (k *Keeper) provePiece(ctx context.Context, sector types.Sector, piece types.Piece) (types.Unit, error) {
	unitCtx, write := sdk.UnwrapSDKContext(ctx).CacheContext()
	unit, cause := k.createUnit(unitCtx, types.Unit{
		Provider: sector.Provider, Class: types.CLASS_SEALED, DealId: piece.DealId, ReplicaIndex: piece.ReplicaIndex,
		CommD: piece.CommD, SizeBytes: piece.Nodes * types.NodeSizeBytes, SectorId: sector.Id, StartNode: piece.StartNode,
	})
	atFault := cause != nil
	if cause == nil {
		cause = k.tell(unitCtx, assignmentNotice("ReplicaSealed", func(ctx context.Context, assignments types.Assignments) error {
			return assignments.ReplicaSealed(ctx, unit)
		}))
	}
	if cause == nil {
		write()
		return unit, nil
	}
	sdk.UnwrapSDKContext(ctx).Logger().Info("sealed replica has no place",
		"module", types.ModuleName, "sector", sector.Id, "deal", piece.DealId, "replica", piece.ReplicaIndex, "err", cause)
	if err := emit(ctx, &types.EventHookFailed{Hook: "ReplicaSealed", Error: cause.Error()}); err != nil {
		return types.Unit{}, err
	}
	return types.Unit{}, k.tellDue(ctx, sealingFailed(sector.Provider, piece, atFault))
}

// reject drops a sector whose seal proof the validators refused, with its whole deposit.
func (k *Keeper) reject(ctx context.Context, sector types.Sector, left *budget) error {
	if err := k.payVoters(ctx, &sector, false, left); err != nil {
		return err
	}
	forfeited := sector.Deposit
	if err := k.forfeit(ctx, &sector, forfeited, ""); err != nil {
		return err
	}
	err := emit(ctx, &types.EventSealRejected{
		SealId: sector.Proof.SealId, SectorId: sector.Id, Provider: sector.Provider, Forfeited: forfeited.String(),
	})
	if err != nil {
		return err
	}
	if err := k.tellDue(ctx, jailed(sector.Provider)); err != nil {
		return err
	}
	return k.dropSector(ctx, sector, true)
}

func jailed(provider string) notice {
	return assignmentNotice("JailProvider", func(ctx context.Context, assignments types.Assignments) error {
		return assignments.JailProvider(ctx, provider)
	})
}
