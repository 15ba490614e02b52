package keeper

import (
	"context"
	"time"

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

// millis writes a time in milliseconds since 1970 for people.
func millis(n uint64) string { return time.UnixMilli(int64(n)).UTC().Format(time.RFC3339) }
