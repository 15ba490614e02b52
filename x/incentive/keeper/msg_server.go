package keeper

import (
	"context"
	"fmt"

	errorsmod "cosmossdk.io/errors"

	"github.com/ipdm-network/ipdm/x/incentive/types"
)

type msgServer struct{ k *Keeper }

// NewMsgServer returns the handler of the module's messages.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{k} }

// ClaimRewards pays the signer what it has earned and what has vested. It fails with ErrNoAccount or ErrNothingToClaim.
func (s msgServer) ClaimRewards(ctx context.Context, msg *types.MsgClaimRewards) (*types.MsgClaimRewardsResponse, error) {
	paid, err := s.k.claim(ctx, msg.Provider)
	if err != nil {
		return nil, err
	}
	return &types.MsgClaimRewardsResponse{Paid: paid}, nil
}

// UpdateParams replaces the parameters when the module's authority asks for it. What vests keeps its time, and the denom stays, since
// balances are in it. It fails with ErrAuthority or ErrInvalidParams.
func (s msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
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
		return nil, fmt.Errorf("failed to write the parameters: %w", err)
	}
	return &types.MsgUpdateParamsResponse{}, nil
}
