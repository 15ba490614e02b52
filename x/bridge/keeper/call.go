package keeper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
)

// callRetention is how long a call waits for its recipient.
const callRetention = 30 * 24 * time.Hour

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
	if err := k.callAges.Set(ctx, ageKey(call), recipient); err != nil {
		return fmt.Errorf("failed to write the age of call %d/%d: %w", call.Domain, call.Nonce, err)
	}
	return nil
}

func ageKey(call types.Call) collections.Triple[uint64, uint32, uint64] {
	return collections.Join3(call.TimeUnixMilli, call.Domain, call.Nonce)
}

func (k *Keeper) dropCall(ctx context.Context, recipient []byte, call types.Call) error {
	if err := k.calls.Remove(ctx, callKey(recipient, call.Domain, call.Nonce)); err != nil {
		return fmt.Errorf("failed to remove call %d/%d: %w", call.Domain, call.Nonce, err)
	}
	if err := k.callAges.Remove(ctx, ageKey(call)); err != nil {
		return fmt.Errorf("failed to remove the age of call %d/%d: %w", call.Domain, call.Nonce, err)
	}
	return nil
}

// pruneCalls removes calls that nobody has read for too long, up to as many as prunedAtOnce for each new one.
func (k *Keeper) pruneCalls(ctx sdk.Context) error {
	oldest := uint64(ctx.BlockTime().Add(-callRetention).UnixMilli())
	var old []types.Call
	var recipients [][]byte
	err := k.callAges.Walk(ctx, nil, func(key collections.Triple[uint64, uint32, uint64], recipient []byte) (bool, error) {
		if key.K1() >= oldest || len(old) == prunedAtOnce {
			return true, nil
		}
		old = append(old, types.Call{TimeUnixMilli: key.K1(), Domain: key.K2(), Nonce: key.K3()})
		recipients = append(recipients, recipient)
		return false, nil
	})
	if err != nil {
		return fmt.Errorf("failed to look for old calls: %w", err)
	}
	for i, call := range old {
		if err := k.dropCall(ctx, recipients[i], call); err != nil {
			return err
		}
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
	call, err := m.calls.Get(ctx, callKey(recipient, msg.Domain, msg.Nonce))
	if errors.Is(err, collections.ErrNotFound) {
		return nil, types.ErrUnknownCall.Wrapf("%d/%d to %s", msg.Domain, msg.Nonce, msg.Recipient)
	}
	if err != nil {
		return nil, fmt.Errorf("failed to read call %d/%d: %w", msg.Domain, msg.Nonce, err)
	}
	return &types.MsgRemoveCallResponse{}, m.dropCall(ctx, recipient, call)
}
