package keeper

import (
	"context"
	"fmt"
	"time"

	"github.com/holiman/uint256"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// postGas is what a place in the outbox costs beside what it writes: hashes of a subtree at each level.
const postGas = 20_000

// Send sends value to another chain.
func (m msgServer) Send(goCtx context.Context, msg *types.MsgSend) (*types.MsgSendResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	sender, d, recipient, timeout, err := m.address(ctx, msg.Sender, msg.Domain, msg.Recipient, msg.Timeout)
	if err != nil {
		return nil, err
	}
	if err := msg.Amount.Validate(); err != nil || !msg.Amount.IsPositive() {
		return nil, types.ErrInvalidAmount.Wrapf("%s", msg.Amount)
	}
	if err := m.deps.Bank.IsSendEnabledCoins(ctx, msg.Amount); err != nil {
		return nil, err
	}
	l, err := m.laneOf(ctx, msg.Amount.Denom, d)
	if err != nil {
		return nil, err
	}
	if unit := l.asset.Unit(d.Config); !msg.Amount.Amount.Mod(unit).IsZero() {
		return nil, types.ErrInvalidAmount.Wrapf("%s: on %s amounts are multiples of %s%s", msg.Amount, d.Config.Name, unit, msg.Amount.Denom)
	}
	if err := checkLimit(ctx.BlockTime(), l, msg.Amount, msg.AcceptDelay); err != nil {
		return nil, err
	}
	amount, overflows := uint256.FromBig(msg.Amount.Amount.BigInt())
	if overflows {
		return nil, types.ErrInvalidAmount.Wrapf("%s has more than 256 bits", msg.Amount)
	}
	ctx.GasMeter().ConsumeGas(postGas, "bridge: append to the outbox")
	if err := m.depart(ctx, &l, sender, msg.Amount.Amount); err != nil {
		return nil, err
	}
	l.There.Release(ctx.BlockTime(), msg.Amount.Amount)
	if err := m.setLane(ctx, l); err != nil {
		return nil, err
	}
	from, err := wire.PartyOf(sender)
	if err != nil {
		return nil, fmt.Errorf("failed to encode the sender: %w", err)
	}
	nonce, err := m.post(ctx, letter{
		kind: wire.KindTransfer, to: d, sender: from, recipient: recipient, timeoutMillis: timeout,
		payload: wire.Transfer{Asset: l.asset.ID(), Amount: amount}.Encode(), owner: msg.Sender, coin: &msg.Amount,
	})
	if err != nil {
		return nil, err
	}
	return &types.MsgSendResponse{Nonce: nonce, TimeoutUnixMilli: timeout}, nil
}

// Call sends bytes to a recipient on another chain.
func (m msgServer) Call(goCtx context.Context, msg *types.MsgCall) (*types.MsgCallResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	sender, d, recipient, timeout, err := m.address(ctx, msg.Sender, msg.Domain, msg.Recipient, msg.Timeout)
	if err != nil {
		return nil, err
	}
	most := wire.MaxPayloadBytes
	if d.Config.Form == types.ADDRESS_FORM_SOLANA {
		most = types.MaxCallBytesSolana
	}
	if len(msg.Payload) > most {
		return nil, types.ErrInvalidPayload.Wrapf("%d bytes, %s takes %d", len(msg.Payload), d.Config.Name, most)
	}
	ctx.GasMeter().ConsumeGas(postGas, "bridge: append to the outbox")
	from, err := wire.PartyOf(sender)
	if err != nil {
		return nil, fmt.Errorf("failed to encode the sender: %w", err)
	}
	nonce, err := m.post(ctx, letter{
		kind: wire.KindCall, to: d, sender: from, recipient: recipient, timeoutMillis: timeout, payload: msg.Payload, owner: msg.Sender,
	})
	if err != nil {
		return nil, err
	}
	return &types.MsgCallResponse{Nonce: nonce, TimeoutUnixMilli: timeout}, nil
}

// address reads what messages to other chains have in common. The timeout is milliseconds since 1970.
func (m msgServer) address(
	ctx sdk.Context, sender string, domain uint32, recipient string, timeout time.Duration,
) (from sdk.AccAddress, d types.Domain, to wire.Party, timeoutMillis uint64, err error) {
	if from, err = m.accounts.StringToBytes(sender); err != nil {
		return nil, d, to, 0, types.ErrInvalidRecipient.Wrapf("sender %q: %s", sender, err)
	}
	if d, err = m.Domain(ctx, domain); err != nil {
		return nil, d, to, 0, err
	}
	if to, err = d.Config.Form.Parse(recipient); err != nil {
		return nil, d, to, 0, err
	}
	if d.Config.Form.Format(to) == d.Config.Gateway {
		return nil, d, to, 0, types.ErrInvalidRecipient.Wrapf("%s is the gateway itself, which refuses it", recipient)
	}
	if timeout == 0 {
		params, err := m.Params(ctx)
		if err != nil {
			return nil, d, to, 0, err
		}
		timeout = params.MessageTimeout
	}
	if err := types.CheckTimeout(timeout); err != nil {
		return nil, d, to, 0, err
	}
	return from, d, to, uint64(ctx.BlockTime().Add(timeout).UnixMilli()), nil
}

// checkLimit fails with ErrLimit where the other side would hold an amount back, unless that is accepted.
func checkLimit(now time.Time, l lane, amount sdk.Coin, acceptDelay bool) error {
	available := l.There.Available(now)
	switch {
	case acceptDelay && l.There.Capacity.IsPositive() || available.GTE(amount.Amount):
		return nil
	case l.There.Capacity.IsZero():
		return types.ErrLimit.Wrapf("%s releases no %s: governance has set no limit for it there, or one of 0", l.domain.Config.Label(), l.asset.Symbol)
	}
	return types.ErrLimit.Wrapf("%s releases %s%s now %s; --accept-delay sends %s anyway, and the rest is released there as the limit allows",
		l.domain.Config.Label(), available, amount.Denom, moreWhen(now, l.There), amount)
}
