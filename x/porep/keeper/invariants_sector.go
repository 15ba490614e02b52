package keeper

import (
	"context"
	"fmt"
	"slices"

	"cosmossdk.io/collections"
	sdkmath "cosmossdk.io/math"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// checkSectors checks that sectors agree with their units, lists, verdicts, demands and deadlines, that challenges agree with their
// units, and that the account of the module holds every deposit and every bond.
func (k *Keeper) checkSectors(ctx context.Context) error {
	locked, pending, listed := sdkmath.ZeroInt(), uint64(0), uint64(0)
	err := k.sectors.Walk(ctx, nil, func(id uint64, _ types.Sector) (bool, error) {
		sector, err := k.Sector(ctx, id)
		if err != nil {
			return true, err
		}
		listed++
		pending += b2u(sector.Status == types.SECTOR_STATUS_VERIFYING)
		locked = locked.Add(sector.Deposit)
		for _, check := range []func(context.Context, types.Sector) error{
			k.checkPieces, k.checkDeadline, k.checkVotes, k.checkDemands, k.checkSectorLists,
		} {
			if err := check(ctx, sector); err != nil {
				return true, fmt.Errorf("sector %d: %w", id, err)
			}
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	if err := k.checkCounts(ctx, listed, pending); err != nil {
		return err
	}
	err = k.demands.Walk(ctx, nil, func(key collections.Pair[uint64, uint32], demand types.RecordDemand) (bool, error) {
		locked = locked.Add(demand.Bond)
		_, err := k.Sector(ctx, key.K1())
		return false, err
	})
	if err != nil {
		return err
	}
	err = k.challenges.Walk(ctx, nil, func(id uint64, c types.UnitChallenge) (bool, error) {
		locked = locked.Add(c.Bond)
		return false, k.checkChallenge(ctx, id, c)
	})
	if err != nil {
		return err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	has := k.Bank.GetBalance(ctx, k.Accounts.GetModuleAddress(types.DepositAccount), params.Denom).Amount
	if !has.Equal(locked) {
		return fmt.Errorf("account %s has %s, but deposits and bonds are %s", types.DepositAccount, has, locked)
	}
	return nil
}

func (k *Keeper) checkPieces(ctx context.Context, sector types.Sector) error {
	var live uint32
	for i, piece := range sector.Pieces {
		switch piece.Status {
		case types.PIECE_STATUS_SEALING:
			live++
			if sector.Status != types.SECTOR_STATUS_PRECOMMITTED && sector.Status != types.SECTOR_STATUS_VERIFYING {
				return fmt.Errorf("piece %d is being sealed, but the sector is %s", i, sector.Status)
			}
		case types.PIECE_STATUS_PROVEN:
			live++
			unit, err := k.Unit(ctx, piece.UnitId)
			if err != nil {
				return err
			}
			if unit.SectorId != sector.Id || unit.StartNode != piece.StartNode || unit.Provider != sector.Provider ||
				unit.SizeBytes != piece.Nodes*types.NodeSizeBytes {
				return fmt.Errorf("piece %d is not unit %d", i, unit.Id)
			}
		case types.PIECE_STATUS_GONE:
		default:
			return fmt.Errorf("piece %d has status %d", i, piece.Status)
		}
	}
	if live != sector.LivePieces {
		return fmt.Errorf("%d live pieces, want %d", sector.LivePieces, live)
	}
	return nil
}

// checkDeadline checks that something is due that ends the sector's present state.
func (k *Keeper) checkDeadline(ctx context.Context, sector types.Sector) error {
	kind := types.DUE_KIND_SECTOR_CLEANUP
	switch sector.Status {
	case types.SECTOR_STATUS_PRECOMMITTED:
		kind = types.DUE_KIND_PROVE_TIMEOUT
	case types.SECTOR_STATUS_VERIFYING:
		kind = types.DUE_KIND_VERDICT_TIMEOUT
	case types.SECTOR_STATUS_DISPUTABLE:
		if sector.OpenDemands > 0 {
			return nil
		}
		kind = types.DUE_KIND_DISPUTE_END
	default:
		if !sector.Deposit.IsZero() {
			return fmt.Errorf("%s with a deposit of %s", sector.Status, sector.Deposit)
		}
		if sector.LivePieces > 0 {
			return nil
		}
	}
	return k.checkDue(ctx, kind, sector)
}

func (k *Keeper) checkDue(ctx context.Context, kind types.DueKind, sector types.Sector) error {
	found := false
	err := k.due.Walk(ctx, nil, func(key dueKey) (bool, error) {
		found = types.DueKind(key.K2()) == kind && key.K3() == sector.Provider && key.K4() == sector.Id
		return found, nil
	})
	if err == nil && !found {
		err = fmt.Errorf("%s is not due", kind)
	}
	return err
}

func (k *Keeper) checkVotes(ctx context.Context, sector types.Sector) error {
	if sector.Proof == nil {
		return nil
	}
	if sector.Status == types.SECTOR_STATUS_FINAL || sector.Status == types.SECTOR_STATUS_DROPPED {
		// They are being forgotten.
		return nil
	}
	votes, err := k.votesOn(ctx, sector.Proof.SealId)
	if err != nil {
		return err
	}
	var yes, no int64
	for _, vote := range votes {
		if vote.Valid {
			yes += vote.Power
		} else {
			no += vote.Power
		}
	}
	if yes != sector.Proof.YesPower || no != sector.Proof.NoPower || len(votes) != int(sector.Proof.Votes) {
		return fmt.Errorf("%d verdicts of %d and %d are counted as %d of %d and %d",
			len(votes), yes, no, sector.Proof.Votes, sector.Proof.YesPower, sector.Proof.NoPower)
	}
	return nil
}

func (k *Keeper) checkDemands(ctx context.Context, sector types.Sector) error {
	demands, err := k.demandsOn(ctx, sector.Id)
	if err != nil {
		return err
	}
	if len(demands) != int(sector.OpenDemands) {
		return fmt.Errorf("%d open demands, want %d", sector.OpenDemands, len(demands))
	}
	if len(demands) == 0 {
		return nil
	}
	if slices.Contains([]types.SectorStatus{
		types.SECTOR_STATUS_PRECOMMITTED, types.SECTOR_STATUS_FINAL, types.SECTOR_STATUS_DROPPED,
	}, sector.Status) {
		return fmt.Errorf("%s with open demands", sector.Status)
	}
	return k.checkDue(ctx, types.DUE_KIND_DEMAND_TIMEOUT, sector)
}

func (k *Keeper) checkSectorLists(ctx context.Context, sector types.Sector) error {
	listed, err := k.sectorsByProvider.Has(ctx, collections.Join(sector.Provider, sector.Id))
	if err == nil && !listed {
		err = fmt.Errorf("not listed for %s", sector.Provider)
	}
	if err != nil {
		return err
	}
	id, err := k.sectorNumbers.Get(ctx, collections.Join(sector.Provider, sector.Number))
	if err == nil && id != sector.Id {
		err = fmt.Errorf("number %d is that of sector %d", sector.Number, id)
	}
	if err != nil || sector.Status != types.SECTOR_STATUS_VERIFYING {
		return err
	}
	id, err = k.pending.Get(ctx, sector.Proof.SealId)
	if err == nil && id != sector.Id {
		err = fmt.Errorf("seal %d is that of sector %d", sector.Proof.SealId, id)
	}
	return err
}

// checkCounts checks that nothing is listed that does not exist.
func (k *Keeper) checkCounts(ctx context.Context, sectors, pending uint64) error {
	counted, err := k.pendingSeals(ctx)
	if err != nil {
		return err
	}
	byProvider, err := size(ctx, k.sectorsByProvider.IterateRaw)
	if err != nil {
		return err
	}
	byNumber, err := size(ctx, k.sectorNumbers.IterateRaw)
	if err != nil {
		return err
	}
	waiting, err := size(ctx, k.pending.IterateRaw)
	if err != nil {
		return err
	}
	tallies, err := size(ctx, k.tallies.IterateRaw)
	if err != nil {
		return err
	}
	challenges, err := size(ctx, k.challenges.IterateRaw)
	if err != nil {
		return err
	}
	listedChallenges, err := size(ctx, k.challengesByProvider.IterateRaw)
	if err != nil {
		return err
	}
	for _, check := range []struct {
		what      string
		got, want uint64
	}{
		{"sectors by provider", byProvider, sectors},
		{"sectors by number", byNumber, sectors},
		{"pending seals", counted, pending},
		{"queued seals", waiting, pending},
		{"tallies", tallies, pending},
		{"listed challenges", listedChallenges, challenges},
	} {
		if check.got != check.want {
			return fmt.Errorf("%d %s, want %d", check.got, check.what, check.want)
		}
	}
	return nil
}

// size counts the entries of a collection.
func size[I interface {
	Valid() bool
	Next()
	Close() error
}](ctx context.Context, iterate func(context.Context, []byte, []byte, collections.Order) (I, error),
) (n uint64, err error) {
	it, err := iterate(ctx, nil, nil, collections.OrderAscending)
	if err != nil {
		return 0, fmt.Errorf("failed to walk: %w", err)
	}
	for ; it.Valid(); it.Next() {
		n++
	}
	return n, it.Close()
}

func (k *Keeper) checkChallenge(ctx context.Context, id uint64, c types.UnitChallenge) error {
	unit, err := k.Unit(ctx, c.UnitId)
	if err != nil {
		return err
	}
	if c.Id != id || unit.ChallengeId != id {
		return fmt.Errorf("challenge %d is not the one of unit %d", id, unit.Id)
	}
	listed, err := k.challengesByProvider.Has(ctx, collections.Join(unit.Provider, id))
	if err == nil && !listed {
		err = fmt.Errorf("challenge %d is not listed for %s", id, unit.Provider)
	}
	if err != nil {
		return err
	}
	ends := false
	err = k.due.Walk(ctx, nil, func(key dueKey) (bool, error) {
		ends = types.DueKind(key.K2()) == types.DUE_KIND_CHALLENGE_TIMEOUT && key.K4() == id
		return ends, nil
	})
	if err == nil && !ends {
		err = fmt.Errorf("challenge %d never ends", id)
	}
	return err
}
