package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"
	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

const (
	// maxTaken bounds the events that one message hands in.
	maxTaken = 64
	// eventGas is what an event costs beside what it writes: the hashes of its leaf, payload and path.
	eventGas = 15_000
	// maxAmountBits bounds what arrives at once, so that no sum has more than the 256 bits of an amount.
	maxAmountBits = 128
)

// TakeEvents hands in events that the validators have attested.
func (m msgServer) TakeEvents(goCtx context.Context, msg *types.MsgTakeEvents) (*types.MsgTakeEventsResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	if len(msg.Events) == 0 || len(msg.Events) > maxTaken {
		return nil, types.ErrInvalidEvent.Wrapf("%d events, want 1 to %d", len(msg.Events), maxTaken)
	}
	d, err := m.Domain(ctx, msg.Domain)
	if err != nil {
		return nil, err
	}
	gateway, err := gatewayOf(d)
	if err != nil {
		return nil, err
	}
	var taken uint32
	for _, proof := range msg.Events {
		ctx.GasMeter().ConsumeGas(eventGas, "bridge: check an event")
		record, err := decodeRecord(proof)
		if err != nil {
			return nil, err
		}
		if record.Domain != wire.Domain(d.Config.Domain) || record.Application != gateway {
			return nil, types.ErrInvalidEvent.Wrapf("event %d is of application %s on domain %d", record.Nonce, record.Application, record.Domain)
		}
		if record.Nonce < d.TakenEvents {
			continue // somebody was quicker
		}
		if d, err = m.take(ctx, d, record, proof.Path); err != nil {
			return nil, err
		}
		taken++
	}
	return &types.MsgTakeEventsResponse{Taken: taken}, nil
}

func decodeRecord(proof types.EventProof) (wire.EventRecord, error) {
	event, err := wire.DecodeEvent(proof.Event)
	if err != nil {
		return wire.EventRecord{}, types.ErrInvalidEvent.Wrap(err.Error())
	}
	record := wire.EventRecord{Event: event, Payload: proof.Payload}
	if err := record.Validate(); err != nil {
		return wire.EventRecord{}, types.ErrInvalidEvent.Wrap(err.Error())
	}
	return record, nil
}

// take checks the event that is next, and has it take effect.
func (k *Keeper) take(ctx sdk.Context, d types.Domain, record wire.EventRecord, path [][]byte) (types.Domain, error) {
	if record.Nonce != d.TakenEvents {
		return d, types.ErrInvalidEvent.Wrapf("event %d of %s, next is %d", record.Nonce, d.Config.Label(), d.TakenEvents)
	}
	r, found, err := k.oldestRange(ctx, d.Config.Domain)
	if err != nil {
		return d, err
	}
	if !found {
		return d, types.ErrNotAttested.Wrapf("event %d of %s; those before are, up to %s", record.Nonce, d.Config.Label(), millis(d.AttestedUnixMilli))
	}
	hashes, err := hashesOf(path)
	if err != nil {
		return d, err
	}
	if err := wire.VerifyInclusion(record.Leaf(), record.Nonce-r.FirstNonce, uint64(r.Count), hashes, wire.Hash(r.Root)); err != nil {
		return d, types.ErrInvalidEvent.Wrapf("event %d: %s", record.Nonce, err)
	}
	if err := k.apply(ctx, d, record); err != nil {
		return d, err
	}
	if d, err = k.Domain(ctx, d.Config.Domain); err != nil { // as the event has left it
		return d, err
	}
	d.TakenEvents++
	if d.TakenEvents == r.FirstNonce+uint64(r.Count) {
		if err := k.ranges.Remove(ctx, collections.Join(r.Domain, r.FirstNonce)); err != nil {
			return d, fmt.Errorf("failed to remove a range of domain %d: %w", r.Domain, err)
		}
		d.TakenUnixMilli = r.TimeUnixMilli
	}
	if d.TakenAll() {
		d.TakenUnixMilli = d.AttestedUnixMilli
	}
	return d, k.setDomain(ctx, d)
}

func hashesOf(path [][]byte) ([]wire.Hash, error) {
	out := make([]wire.Hash, len(path))
	for i, raw := range path {
		if len(raw) != len(out[i]) {
			return nil, types.ErrInvalidEvent.Wrapf("a hash of %d bytes", len(raw))
		}
		out[i] = wire.Hash(raw)
	}
	return out, nil
}

// oldestRange returns the range that is handed in next, and whether there is one.
func (k *Keeper) oldestRange(ctx context.Context, domain uint32) (r types.Range, found bool, err error) {
	err = k.ranges.Walk(ctx, collections.NewPrefixedPairRange[uint32, uint64](domain),
		func(_ collections.Pair[uint32, uint64], value types.Range) (bool, error) {
			r, found = value, true
			return true, nil
		})
	if err != nil {
		return types.Range{}, false, fmt.Errorf("failed to read the ranges of domain %d: %w", domain, err)
	}
	return r, found, nil
}

// apply has an event take effect. One that can have none is passed over, so that it does not keep those behind it.
func (k *Keeper) apply(ctx sdk.Context, d types.Domain, record wire.EventRecord) error {
	switch record.Kind {
	case wire.KindTransfer:
		return k.receive(ctx, d, record)
	case wire.KindCall:
		return k.hear(ctx, d, record)
	case wire.KindDelivery:
		return k.deliver(ctx, d, record)
	}
	return k.passOver(ctx, d, record, fmt.Sprintf("kind %d", record.Kind))
}

func (k *Keeper) passOver(ctx sdk.Context, d types.Domain, record wire.EventRecord, reason string) error {
	return emit(ctx, &types.EventEventPassed{Domain: d.Config.Domain, Nonce: record.Nonce, Reason: reason})
}

// deliver takes note of what became of a message.
func (k *Keeper) deliver(ctx sdk.Context, d types.Domain, record wire.EventRecord) error {
	delivery, err := wire.DecodeDelivery(record.Payload)
	if err != nil {
		return k.passOver(ctx, d, record, err.Error())
	}
	has, err := k.messages.Has(ctx, delivery.Nonce)
	if err != nil {
		return fmt.Errorf("failed to look up message %d: %w", delivery.Nonce, err)
	}
	if !has {
		return k.passOver(ctx, d, record, fmt.Sprintf("message %d was never sent", delivery.Nonce))
	}
	message, err := k.Message(ctx, delivery.Nonce)
	if err != nil {
		return err
	}
	content, err := message.Decode()
	if err != nil {
		return err
	}
	switch {
	case content.Domain != record.Domain:
		return k.passOver(ctx, d, record, fmt.Sprintf("message %d was sent to domain %d", delivery.Nonce, content.Domain))
	case message.Ended():
		return k.passOver(ctx, d, record, fmt.Sprintf("message %d is %s", delivery.Nonce, message.Status.Word()))
	}
	if sent := uint64(message.SentUnixMilli); record.TimeMillis > sent {
		d.DeliveryMillis = record.TimeMillis - sent
		if err := k.setDomain(ctx, d); err != nil {
			return err
		}
	}
	status := types.MESSAGE_STATUS_DELIVERED
	if delivery.Status == wire.StatusRefused {
		status = types.MESSAGE_STATUS_REFUSED
	}
	return k.endMessage(ctx, content, message, status)
}

// receive has value arrive. What cannot be paid out here goes back to its sender.
func (k *Keeper) receive(ctx sdk.Context, d types.Domain, record wire.EventRecord) error {
	transfer, err := wire.DecodeTransfer(record.Payload)
	if err != nil {
		return k.passOver(ctx, d, record, err.Error())
	}
	recipient, payable := k.payable(record.Recipient)
	if !payable {
		return k.sendBack(ctx, d, record, "the recipient cannot receive value on IPDM")
	}
	l, err := k.lane(ctx, transfer.Asset, d)
	if types.ErrUnknownAsset.Is(err) {
		return k.sendBack(ctx, d, record, err.Error())
	}
	if err != nil {
		return err
	}
	if transfer.Amount.BitLen() > maxAmountBits {
		return k.sendBack(ctx, d, record, fmt.Sprintf("%s is more than IPDM takes at once", transfer.Amount))
	}
	amount := sdkmath.NewIntFromBigInt(transfer.Amount.ToBig())
	there, err := k.arrive(ctx, &l, amount)
	if err != nil {
		return err
	}
	if !there {
		return k.passOver(ctx, d, record, fmt.Sprintf("%s%s comes from where only %s is out", amount, l.asset.Denom, l.Out))
	}
	address, err := k.accounts.BytesToString(recipient)
	if err != nil {
		return fmt.Errorf("failed to encode an address: %w", err)
	}
	owed := types.Owed{Domain: d.Config.Domain, Nonce: record.Nonce, Recipient: address, Coin: l.coin(amount), LaneDomain: d.Config.Domain}
	paid, why, err := k.release(ctx, &l, owed)
	if err != nil {
		return err
	}
	event := &types.EventTransferArrived{
		Domain: d.Config.Domain, Nonce: record.Nonce, Sender: d.Config.Form.Format(record.Sender), Recipient: address,
		Amount: l.coin(amount).String(), Owed: l.coin(amount.Sub(paid)).String(),
	}
	if why != nil {
		event.Reason = why.Error()
	}
	return emit(ctx, event)
}

// payable returns the account that a party is, and whether it may receive value: one of 20 bytes, or one of 32.
func (k *Keeper) payable(party wire.Party) (sdk.AccAddress, bool) {
	address := accountOf(party)
	return address, party != (wire.Party{}) && !k.deps.Bank.BlockedAddr(address)
}

func accountOf(party wire.Party) sdk.AccAddress {
	if [12]byte(party[:12]) == [12]byte{} {
		return party[12:]
	}
	return party[:]
}

// sendBack returns value to its sender on the other chain, as it is: nothing was moved here.
func (k *Keeper) sendBack(ctx sdk.Context, d types.Domain, record wire.EventRecord, reason string) error {
	ctx.GasMeter().ConsumeGas(postGas, "bridge: append to the outbox")
	_, err := k.post(ctx, letter{kind: wire.KindTransfer, to: d, sender: record.Recipient, recipient: record.Sender, payload: record.Payload})
	if err != nil {
		return err
	}
	return k.passOver(ctx, d, record, "sent back: "+reason)
}

// hear keeps a call until its recipient has read it.
func (k *Keeper) hear(ctx sdk.Context, d types.Domain, record wire.EventRecord) error {
	recipient, err := k.accounts.BytesToString(accountOf(record.Recipient))
	if err != nil {
		return fmt.Errorf("failed to encode an address: %w", err)
	}
	call := types.Call{
		Domain: d.Config.Domain, Nonce: record.Nonce, Sender: d.Config.Form.Format(record.Sender), Recipient: recipient,
		Payload: record.Payload, TimeUnixMilli: record.TimeMillis,
	}
	if err := k.pruneCalls(ctx); err != nil {
		return err
	}
	if err := k.setCall(ctx, call); err != nil {
		return err
	}
	return emit(ctx, &types.EventCallArrived{Domain: call.Domain, Nonce: call.Nonce, Sender: call.Sender, Recipient: recipient})
}
