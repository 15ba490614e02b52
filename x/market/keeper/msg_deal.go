package keeper

import (
	"context"
	"fmt"

	errorsmod "cosmossdk.io/errors"
	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/market/types"
)

// CreateDeal escrows the price at the highest price the client allows and queues the assignments. It fails with
// ErrInvalidDeal, ErrSealedSize, ErrInvalidAmount, ErrInvalidEndpoint or ErrFunds.
func (s msgServer) CreateDeal(goCtx context.Context, msg *types.MsgCreateDeal) (*types.MsgCreateDealResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	params, err := s.k.Params(ctx)
	if err != nil {
		return nil, err
	}
	if err := msg.Validate(params); err != nil {
		return nil, err
	}
	ctx.GasMeter().ConsumeGas(params.GasPerReplica*msg.Replicas.Total(), "replicas of a deal")
	deal, err := s.k.createDeal(ctx, params, msg)
	if err != nil {
		return nil, err
	}
	return &types.MsgCreateDealResponse{DealId: deal.Id, Deposited: deal.Deposited}, nil
}

// CancelDeal ends a running deal of the signer; what is not earned is refunded once its units are released. It fails
// with ErrDealNotFound, ErrNotClient or ErrDealState.
func (s msgServer) CancelDeal(goCtx context.Context, msg *types.MsgCancelDeal) (*types.MsgCancelDealResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	deal, err := s.k.Deal(ctx, msg.DealId)
	if err != nil {
		return nil, err
	}
	if deal.Client != msg.Client {
		return nil, errorsmod.Wrapf(types.ErrNotClient, "deal %d belongs to %s", deal.Id, deal.Client)
	}
	if !deal.Running() {
		return nil, errorsmod.Wrapf(types.ErrDealState, "deal %d is %s", deal.Id, deal.Status)
	}
	if err := s.k.closeDeal(ctx, deal, types.DEAL_STATUS_CANCELLED); err != nil {
		return nil, err
	}
	return &types.MsgCancelDealResponse{}, nil
}

// ActivateReplica checks the proof that the signer holds what it was assigned. It fails with ErrDealNotFound,
// ErrReplicaNotFound, ErrDealState, ErrNotAssigned, ErrDeadline or ErrProof.
func (s msgServer) ActivateReplica(
	goCtx context.Context, msg *types.MsgActivateReplica,
) (*types.MsgActivateReplicaResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	params, err := s.k.Params(ctx)
	if err != nil {
		return nil, err
	}
	unitID, err := s.k.activate(ctx, params, msg)
	if err != nil {
		return nil, err
	}
	return &types.MsgActivateReplicaResponse{UnitId: unitID}, nil
}

// RefuseReplica gives an assignment back, free of charge; another provider is drawn. It fails with ErrDealNotFound,
// ErrReplicaNotFound, ErrDealState, ErrNotAssigned or ErrInvalidRefusal.
func (s msgServer) RefuseReplica(goCtx context.Context, msg *types.MsgRefuseReplica) (*types.MsgRefuseReplicaResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	params, err := s.k.Params(ctx)
	if err != nil {
		return nil, err
	}
	if _, known := types.RefusalReason_name[int32(msg.Reason)]; !known {
		return nil, errorsmod.Wrapf(types.ErrInvalidRefusal, "reason %d", msg.Reason)
	}
	deal, replica, err := s.k.assigned(ctx, msg.Provider, msg.DealId, msg.Index)
	if err != nil {
		return nil, err
	}
	if err := s.k.dropAssignment(ctx, deal, replica, sdkmath.ZeroInt()); err != nil {
		return nil, err
	}
	err = emit(ctx, &types.EventReplicaRefused{
		DealId: deal.Id, Index: replica.Index, Provider: msg.Provider, Reason: msg.Reason,
	})
	if err != nil {
		return nil, err
	}
	if err := s.k.giveBack(ctx, params, deal, replica); err != nil {
		return nil, err
	}
	return &types.MsgRefuseReplicaResponse{}, nil
}

// Settle pays what the providers of the named deals have earned, and ends or repairs replicas whose units x/porep has
// dropped without the market learning of it. It fails with ErrTooMany or ErrDealNotFound.
func (s msgServer) Settle(goCtx context.Context, msg *types.MsgSettle) (*types.MsgSettleResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	if _, err := s.k.address(msg.Sender); err != nil {
		return nil, err
	}
	params, err := s.k.Params(ctx)
	if err != nil {
		return nil, err
	}
	if len(msg.DealIds) == 0 || len(msg.DealIds) > int(params.MaxSettleDeals) {
		return nil, errorsmod.Wrapf(types.ErrTooMany, "%d, allowed are 1 to %d", len(msg.DealIds), params.MaxSettleDeals)
	}
	total := sdkmath.ZeroInt()
	for _, id := range msg.DealIds {
		paid, err := s.k.settleDeal(ctx, id)
		if err != nil {
			return nil, err
		}
		total = total.Add(paid)
	}
	return &types.MsgSettleResponse{Paid: total}, nil
}

// UpdateParams replaces the parameters when the module's authority asks for it. The denom stays, since balances are in
// it. It fails with ErrAuthority or ErrInvalidParams.
func (s msgServer) UpdateParams(goCtx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	if msg.Authority != s.k.authority {
		return nil, errorsmod.Wrapf(types.ErrAuthority, "%s, want %s", msg.Authority, s.k.authority)
	}
	if err := msg.Params.Validate(); err != nil {
		return nil, err
	}
	old, err := s.k.Params(ctx)
	if err != nil {
		return nil, err
	}
	if old.Denom != msg.Params.Denom {
		return nil, errorsmod.Wrapf(types.ErrInvalidParams, "denom %s cannot become %s", old.Denom, msg.Params.Denom)
	}
	if err := s.k.params.Set(ctx, msg.Params); err != nil {
		return nil, fmt.Errorf("failed to write parameters: %w", err)
	}
	if !old.PledgePerGib.Equal(msg.Params.PledgePerGib) {
		if err := s.k.addDue(ctx, ctx.BlockTime(), types.DUE_KIND_REWEIGH, 0, 0); err != nil {
			return nil, err
		}
	}
	return &types.MsgUpdateParamsResponse{}, nil
}
