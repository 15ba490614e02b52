package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
)

func callKey(recipient []byte, domain uint32, nonce uint64) collections.Triple[[]byte, uint32, uint64] {
	return collections.Join3(recipient, domain, nonce)
}

func (k *Keeper) setCall(ctx context.Context, call types.Call) error {
	recipient, err := k.accounts.StringToBytes(call.Recipient)
	if err != nil {
		return types.ErrInvalidGenesis.Wrapf("call to %q: %s", call.Recipient, err)
	}
	if err := k.calls.Set(ctx, callKey(recipient, call.Domain, call.Nonce), call); err != nil {
		return fmt.Errorf("failed to write call %d/%d: %w", call.Domain, call.Nonce, err)
	}
	return nil
}

// RemoveCall removes a call that its recipient has read.
func (m msgServer) RemoveCall(goCtx context.Context, msg *types.MsgRemoveCall) (*types.MsgRemoveCallResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	recipient, err := m.accounts.StringToBytes(msg.Recipient)
	if err != nil {
		return nil, types.ErrInvalidRecipient.Wrapf("%q: %s", msg.Recipient, err)
	}
	key := callKey(recipient, msg.Domain, msg.Nonce)
	has, err := m.calls.Has(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("failed to look up call %d/%d: %w", msg.Domain, msg.Nonce, err)
	}
	if !has {
		return nil, types.ErrUnknownCall.Wrapf("%d/%d to %s", msg.Domain, msg.Nonce, msg.Recipient)
	}
	if err := m.calls.Remove(ctx, key); err != nil {
		return nil, fmt.Errorf("failed to remove call %d/%d: %w", msg.Domain, msg.Nonce, err)
	}
	return &types.MsgRemoveCallResponse{}, nil
}
