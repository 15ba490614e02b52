package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// drawDelay is how many blocks after the one that leaves a replica unassigned it is drawn: the randomness is then that of
// a block whose content is unknown when the replica is left.
const drawDelay = 2

// createDeal escrows the price of a valid order and queues its assignments.
func (k *Keeper) createDeal(ctx sdk.Context, params types.Params, msg *types.MsgCreateDeal) (types.Deal, error) {
	client, err := k.address(msg.Client)
	if err != nil {
		return types.Deal{}, err
	}
	if err := k.checkSealable(ctx, msg.SizeBytes, msg.Replicas); err != nil {
		return types.Deal{}, err
	}
	budget := types.CostUp(msg.MaxPricePerGibHour, msg.SizeBytes, msg.Duration)
	deposit := budget.MulRaw(int64(msg.Replicas.Total()))
	if has := k.bank.GetBalance(ctx, client, params.Denom).Amount; has.LT(deposit) {
		return types.Deal{}, errorsmod.Wrapf(types.ErrFunds, "the deal takes %s%s into escrow and %s has %s%s",
			deposit, params.Denom, msg.Client, has, params.Denom)
	}
	if err := k.bank.SendCoinsFromAccountToModule(ctx, client, types.EscrowAccount, coins(params, deposit)); err != nil {
		return types.Deal{}, errorsmod.Wrapf(types.ErrFunds, "failed to escrow %s%s: %s", deposit, params.Denom, err)
	}
	id, err := k.nextDeal.Next(ctx)
	if err != nil {
		return types.Deal{}, fmt.Errorf("failed to number the deal: %w", err)
	}
	deal := types.Deal{
		Id: id, Client: msg.Client, Root: msg.Root, Manifest: msg.Manifest, Layout: msg.Layout, CommD: msg.CommD,
		SizeBytes: msg.SizeBytes, Replicas: msg.Replicas, Duration: msg.Duration,
		MaxPricePerGibHour: msg.MaxPricePerGibHour, Source: msg.Source, Status: types.DEAL_STATUS_PENDING,
		CreatedHeight: ctx.BlockHeight(), CreatedAt: ctx.BlockTime(),
		Deposited: deposit, Paid: sdkmath.ZeroInt(), Refunded: sdkmath.ZeroInt(),
	}
	if err := k.insertDeal(ctx, deal); err != nil {
		return types.Deal{}, err
	}
	for index := range uint32(msg.Replicas.Total()) {
		replica := types.Replica{
			DealId: id, Index: index, Class: msg.Replicas.ClassOf(index), Budget: budget,
			PricePerGibHour: sdkmath.ZeroInt(), Pledge: sdkmath.ZeroInt(),
		}
		if err := k.seek(ctx, params, deal, replica); err != nil {
			return types.Deal{}, err
		}
	}
	return deal, emit(ctx, &types.EventDealCreated{
		DealId: id, Client: deal.Client, Root: deal.Root, Deposited: deposit.String(),
	})
}

// checkSealable fails with ErrSealedSize when sealed replicas of a size fit into no sector. Whether the aligned stream, which is a
// little longer, fits as well shows when the provider commits to it.
func (k *Keeper) checkSealable(ctx context.Context, sizeBytes uint64, replicas types.Replicas) error {
	if replicas.Sealed == 0 {
		return nil
	}
	largest, err := k.porep.MaxSealedBytes(ctx)
	if err != nil {
		return fmt.Errorf("failed to read the size of sectors: %w", err)
	}
	if sizeBytes > largest {
		return errorsmod.Wrapf(types.ErrSealedSize, "%d bytes, the largest sector has %d (order open replicas, or store it in parts)", sizeBytes, largest)
	}
	return nil
}

// insertDeal writes a deal and its indexes.
func (k *Keeper) insertDeal(ctx context.Context, deal types.Deal) error {
	client, err := k.address(deal.Client)
	if err != nil {
		return err
	}
	if err := k.byClient.Set(ctx, collections.Join(client, deal.Id)); err != nil {
		return fmt.Errorf("failed to index deal by client: %w", err)
	}
	if err := k.byRoot.Set(ctx, collections.Join(deal.Root, deal.Id)); err != nil {
		return fmt.Errorf("failed to index deal by root: %w", err)
	}
	return k.setDeal(ctx, deal)
}

// startDeal begins the deal's duration when its first replica becomes active, and makes the deal active once every
// replica has been. The replica that became active is written already.
func (k *Keeper) startDeal(ctx sdk.Context, deal *types.Deal) error {
	if !deal.Started() {
		now := ctx.BlockTime()
		end := now.Add(deal.Duration)
		deal.ActivatedAt, deal.EndsAt = &now, &end
		if err := k.addDue(ctx, end, types.DUE_KIND_END, deal.Id, 0); err != nil {
			return err
		}
	}
	if deal.Status == types.DEAL_STATUS_PENDING {
		replicas, err := k.Replicas(ctx, *deal)
		if err != nil {
			return err
		}
		for _, replica := range replicas {
			if replica.ActivatedAt == nil {
				return k.setDeal(ctx, *deal)
			}
		}
		return k.setDealStatus(ctx, deal, types.DEAL_STATUS_ACTIVE)
	}
	return k.setDeal(ctx, *deal)
}

// closeDeal ends a running deal: replicas without a unit end at once, the others when x/porep releases their units. The
// last one to end brings the refund and the final status.
func (k *Keeper) closeDeal(ctx sdk.Context, deal types.Deal, final types.DealStatus) error {
	deal.FinalStatus = final
	if err := k.setDealStatus(ctx, &deal, types.DEAL_STATUS_CLOSING); err != nil {
		return err
	}
	if deal.Started() {
		if err := k.removeDue(ctx, *deal.EndsAt, types.DUE_KIND_END, deal.Id, 0); err != nil {
			return err
		}
	}
	replicas, err := k.Replicas(ctx, deal)
	if err != nil {
		return err
	}
	var held []types.Replica
	for _, replica := range replicas {
		switch {
		case replica.Held():
			held = append(held, replica)
			continue
		case replica.Status == types.REPLICA_STATUS_ASSIGNED:
			if err := k.dropAssignment(ctx, deal, replica, sdkmath.ZeroInt()); err != nil {
				return err
			}
		case replica.Status == types.REPLICA_STATUS_SEALING:
			// The sector learns of it when its seal is accepted.
			if err := k.release(ctx, deal, &replica, sdkmath.ZeroInt(), ""); err != nil {
				return err
			}
		}
		replica.Status = types.REPLICA_STATUS_ENDED
		if err := k.setReplica(ctx, replica); err != nil {
			return err
		}
	}
	// RemoveUnit may call UnitReleased at once, which reads and writes the deal: nothing read before is used after.
	for _, replica := range held {
		if err := k.letGo(ctx, replica); err != nil {
			return err
		}
	}
	return k.finishDeal(ctx, deal.Id)
}

// letGo has x/porep release a held replica's unit. When the unit is gone already, because x/porep dropped it and the
// hook that should have told so failed, the replica ends here: its escrow must not be stuck.
func (k *Keeper) letGo(ctx sdk.Context, replica types.Replica) error {
	deal, err := k.Deal(ctx, replica.DealId)
	if err != nil {
		return err
	}
	if err := k.reconcileReplica(ctx, deal, replica); err != nil {
		return err
	}
	err = k.porep.RemoveUnit(ctx, replica.UnitId)
	if err != nil && !errors.Is(err, poreptypes.ErrUnknownUnit) {
		return fmt.Errorf("failed to remove unit %d: %w", replica.UnitId, err)
	}
	return nil
}

// finishDeal refunds what is left of a closing deal and gives it its final status, once all replicas have ended.
func (k *Keeper) finishDeal(ctx context.Context, id uint64) error {
	deal, err := k.Deal(ctx, id)
	if err != nil {
		return err
	}
	if deal.Status != types.DEAL_STATUS_CLOSING {
		return nil
	}
	replicas, err := k.Replicas(ctx, deal)
	if err != nil {
		return err
	}
	for _, replica := range replicas {
		if replica.Status != types.REPLICA_STATUS_ENDED {
			return nil
		}
	}
	for _, replica := range replicas {
		replica.Budget = sdkmath.ZeroInt()
		if err := k.setReplica(ctx, replica); err != nil {
			return err
		}
	}
	if rest := deal.Remaining(); rest.IsPositive() {
		params, err := k.Params(ctx)
		if err != nil {
			return err
		}
		client, err := k.address(deal.Client)
		if err != nil {
			return err
		}
		if err := k.bank.SendCoinsFromModuleToAccount(ctx, types.EscrowAccount, client, coins(params, rest)); err != nil {
			return fmt.Errorf("failed to refund %s to %s: %w", rest, deal.Client, err)
		}
		deal.Refunded = deal.Refunded.Add(rest)
	}
	return k.setDealStatus(ctx, &deal, deal.FinalStatus)
}
