package keeper

import (
	"context"
	"fmt"

	errorsmod "cosmossdk.io/errors"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/ipdm-network/ipdm/x/anchor/types"
)

type msgServer struct{ k *Keeper }

var _ types.MsgServer = msgServer{}

// NewMsgServer returns the handler of the module's messages.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{k} }

// Anchor records the entries in order: a later one may supersede an earlier one. Either all are recorded or none.
func (s msgServer) Anchor(goCtx context.Context, msg *types.MsgAnchor) (*types.MsgAnchorResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	if err := s.checkAddress(msg.Owner); err != nil {
		return nil, err
	}
	params, err := s.k.params.Get(ctx)
	if err != nil {
		return nil, fmt.Errorf("failed to read parameters: %w", err)
	}
	if len(msg.Entries) == 0 || len(msg.Entries) > int(params.MaxEntriesPerTx) {
		return nil, errorsmod.Wrapf(types.ErrTooMany, "%d, allowed are 1 to %d", len(msg.Entries), params.MaxEntriesPerTx)
	}
	var anchored uint32
	var changed []string
	for i, entry := range msg.Entries {
		ctx.GasMeter().ConsumeGas(params.GasPerEntry, "anchor entry")
		if len(entry.Tags) > int(params.MaxTags) {
			return nil, errorsmod.Wrapf(types.ErrInvalidEntry, "entry %d: %d tags are more than %d", i, len(entry.Tags), params.MaxTags)
		}
		ctx.GasMeter().ConsumeGas(params.GasPerTag*uint64(len(entry.Tags)), "anchor tags")
		if err := entry.Validate(params); err != nil {
			return nil, errorsmod.Wrapf(err, "entry %d", i)
		}
		isNew, err := s.k.anchor(ctx, msg.Owner, entry)
		if err != nil {
			return nil, errorsmod.Wrapf(err, "entry %d", i)
		}
		if isNew {
			anchored++
			changed = append(changed, entry.Manifest)
			if entry.Supersedes != "" {
				changed = append(changed, entry.Supersedes)
			}
		}
	}
	if err := s.k.commitTo(ctx, changed...); err != nil {
		return nil, err
	}
	return &types.MsgAnchorResponse{Anchored: anchored}, nil
}

// Tombstone withdraws a manifest of the signer.
func (s msgServer) Tombstone(goCtx context.Context, msg *types.MsgTombstone) (*types.MsgTombstoneResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	if err := s.checkAddress(msg.Owner); err != nil {
		return nil, err
	}
	params, err := s.k.params.Get(ctx)
	if err != nil {
		return nil, fmt.Errorf("failed to read parameters: %w", err)
	}
	ctx.GasMeter().ConsumeGas(params.GasPerEntry, "anchor tombstone")
	if err := types.ValidateManifest(msg.Manifest); err != nil {
		return nil, err
	}
	if err := s.k.tombstone(ctx, msg.Owner, msg.Manifest); err != nil {
		return nil, err
	}
	if err := s.k.commitTo(ctx, msg.Manifest); err != nil {
		return nil, err
	}
	return &types.MsgTombstoneResponse{}, nil
}

// UpdateParams replaces the parameters when the module's authority asks for it.
func (s msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if msg.Authority != s.k.authority {
		return nil, errorsmod.Wrapf(types.ErrAuthority, "%s, want %s", msg.Authority, s.k.authority)
	}
	if err := msg.Params.Validate(); err != nil {
		return nil, err
	}
	if err := s.k.params.Set(ctx, msg.Params); err != nil {
		return nil, fmt.Errorf("failed to write parameters: %w", err)
	}
	return &types.MsgUpdateParamsResponse{}, nil
}

func (s msgServer) checkAddress(text string) error {
	if _, err := s.k.addresses.StringToBytes(text); err != nil {
		return errorsmod.Wrap(sdkerrors.ErrInvalidAddress, err.Error())
	}
	return nil
}
