package keeper

import (
	"context"
	"fmt"
	"time"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Refund gives back what a message carries, once it is certain that it was not delivered in time.
func (m msgServer) Refund(goCtx context.Context, msg *types.MsgRefund) (*types.MsgRefundResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	message, err := m.Message(ctx, msg.Nonce)
	if err != nil {
		return nil, err
	}
	content, err := message.Decode()
	if err != nil {
		return nil, err
	}
	d, err := m.Domain(ctx, uint32(content.Domain))
	if err != nil {
		return nil, err
	}
	if err := refundable(message, content, d); err != nil {
		return nil, err
	}
	return &types.MsgRefundResponse{}, m.endMessage(ctx, content, message, types.MESSAGE_STATUS_TIMED_OUT)
}

// refundable fails with ErrNotRefundable unless a message has timed out for certain: every event of its destination up to the timeout was
// handed in, and its delivery is not among them.
func refundable(message types.OutboxMessage, content wire.Message, d types.Domain) error {
	switch {
	case message.Ended():
		return types.ErrNotRefundable.Wrapf("message %d: %s", content.Nonce, message.Status.Word())
	case content.TimeoutMillis == 0:
		return types.ErrNotRefundable.Wrapf("message %d has no timeout", content.Nonce)
	case d.TakenUnixMilli+1 < content.TimeoutMillis:
		return types.ErrNotRefundable.Wrapf("message %d can be delivered until %s; the events of %s are known up to %s", content.Nonce,
			millis(content.TimeoutMillis), d.Config.Label(), millis(d.TakenUnixMilli))
	}
	return nil
}

// maxExpired bounds the messages that are refunded when a range is attested.
const maxExpired = 8

// expire refunds messages that have timed out for certain, the oldest first, so that nobody has to ask for it. What fails is left to who does.
func (k *Keeper) expire(ctx sdk.Context, d types.Domain) error {
	var due []collections.Triple[uint32, uint64, uint64]
	err := k.deadlines.Walk(ctx, collections.NewPrefixedTripleRange[uint32, uint64, uint64](d.Config.Domain),
		func(key collections.Triple[uint32, uint64, uint64]) (bool, error) {
			if d.TakenUnixMilli+1 < key.K2() {
				return true, nil
			}
			due = append(due, key)
			return len(due) == maxExpired, nil
		})
	if err != nil {
		return fmt.Errorf("failed to read the deadlines of domain %d: %w", d.Config.Domain, err)
	}
	for _, key := range due {
		branch, write := ctx.CacheContext()
		if cause := k.expireOne(branch, key.K3()); cause != nil {
			ctx.Logger().Error("failed to refund a message", "module", types.ModuleName, "nonce", key.K3(), "err", cause)
			if err := k.deadlines.Remove(ctx, key); err != nil {
				return fmt.Errorf("failed to remove the deadline of message %d: %w", key.K3(), err)
			}
			continue
		}
		write()
	}
	return nil
}

func (k *Keeper) expireOne(ctx sdk.Context, nonce uint64) error {
	message, err := k.Message(ctx, nonce)
	if err != nil {
		return err
	}
	content, err := message.Decode()
	if err != nil {
		return err
	}
	return k.endMessage(ctx, content, message, types.MESSAGE_STATUS_TIMED_OUT)
}

// millis writes a time in milliseconds since 1970 for people.
func millis(n uint64) string { return time.UnixMilli(int64(n)).UTC().Format(time.RFC3339) }
