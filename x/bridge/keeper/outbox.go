package keeper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// letter is a message before it has its place in the outbox.
type letter struct {
	kind          wire.Kind
	to            types.Domain
	sender        wire.Party // zero for governance
	recipient     wire.Party
	timeoutMillis uint64
	payload       []byte
	owner         string    // who gets back what it carries
	coin          *sdk.Coin // what a transfer carries
}

// post appends a message to the outbox and returns its nonce.
func (k *Keeper) post(ctx sdk.Context, l letter) (uint64, error) {
	gateway, err := gatewayOf(l.to)
	if err != nil {
		return 0, err
	}
	nonce, err := number(ctx, k.outboxCount)
	if err != nil {
		return 0, err
	}
	content := wire.Message{
		Kind: l.kind, Domain: wire.Domain(l.to.Config.Domain), Application: gateway, Nonce: nonce, Sender: l.sender,
		Recipient: l.recipient, TimeoutMillis: l.timeoutMillis, PayloadHash: wire.Sum(l.payload),
	}
	message := types.OutboxMessage{
		Content: content.Encode(), Payload: l.payload, Sender: l.owner, Coin: l.coin, Status: types.MESSAGE_STATUS_SENT,
		SentHeight: ctx.BlockHeight(), SentUnixMilli: ctx.BlockTime().UnixMilli(),
	}
	if err := k.append(ctx, nonce, content, message); err != nil {
		return 0, err
	}
	event := &types.EventMessageSent{
		Nonce: nonce, Domain: l.to.Config.Domain, Kind: uint32(l.kind), Sender: l.owner, TimeoutUnixMilli: l.timeoutMillis,
	}
	if l.recipient != (wire.Party{}) {
		event.Recipient = l.to.Config.Form.Format(l.recipient)
	}
	if l.coin != nil {
		event.Amount = l.coin.String()
	}
	return nonce, emit(ctx, event)
}

// append writes a message behind the others, and what it completes of the tree.
func (k *Keeper) append(ctx context.Context, nonce uint64, content wire.Message, message types.OutboxMessage) error {
	err := wire.Append(nonce, content.Leaf(), k.loadSubtree(ctx), func(s wire.Subtree, h wire.Hash) error {
		if err := k.outboxTree.Set(ctx, subtreeKey(s), h[:]); err != nil {
			return fmt.Errorf("failed to write a subtree of the outbox: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := k.setMessage(ctx, nonce, message); err != nil {
		return err
	}
	if !message.Ended() {
		if err := k.pendingMessages.Set(ctx, collections.Join(uint32(content.Domain), nonce)); err != nil {
			return fmt.Errorf("failed to list message %d: %w", nonce, err)
		}
		if content.TimeoutMillis != 0 {
			if err := k.deadlines.Set(ctx, deadlineKey(content)); err != nil {
				return fmt.Errorf("failed to write the deadline of message %d: %w", nonce, err)
			}
		}
	}
	return setNumber(ctx, k.outboxCount, nonce+1)
}

func subtreeKey(s wire.Subtree) collections.Pair[uint32, uint64] {
	return collections.Join(uint32(s.Level), s.Index)
}

// loadSubtree returns what reads subtrees of the outbox.
func (k *Keeper) loadSubtree(ctx context.Context) func(wire.Subtree) (wire.Hash, error) {
	return func(s wire.Subtree) (wire.Hash, error) {
		raw, err := k.outboxTree.Get(ctx, subtreeKey(s))
		if err == nil && len(raw) != len(wire.Hash{}) {
			err = types.ErrInvariant.Wrapf("%d bytes for a hash", len(raw))
		}
		if err != nil {
			return wire.Hash{}, fmt.Errorf("failed to read subtree %d of level %d of the outbox: %w", s.Index, s.Level, err)
		}
		return wire.Hash(raw), nil
	}
}

// outboxRoot returns the root over all messages, and how many there are.
func (k *Keeper) outboxRoot(ctx context.Context) (wire.Hash, uint64, error) {
	count, err := number(ctx, k.outboxCount)
	if err != nil {
		return wire.Hash{}, 0, err
	}
	tree, err := wire.TreeHash(count, k.loadSubtree(ctx))
	if err != nil {
		return wire.Hash{}, 0, err
	}
	return wire.OutboxRoot(count, tree), count, nil
}

// Message returns a message. It fails with ErrUnknownMessage.
func (k *Keeper) Message(ctx context.Context, nonce uint64) (types.OutboxMessage, error) {
	m, err := k.messages.Get(ctx, nonce)
	if errors.Is(err, collections.ErrNotFound) {
		return types.OutboxMessage{}, types.ErrUnknownMessage.Wrapf("%d", nonce)
	}
	if err != nil {
		return types.OutboxMessage{}, fmt.Errorf("failed to read message %d: %w", nonce, err)
	}
	return m, nil
}

func (k *Keeper) setMessage(ctx context.Context, nonce uint64, m types.OutboxMessage) error {
	if err := k.messages.Set(ctx, nonce, m); err != nil {
		return fmt.Errorf("failed to write message %d: %w", nonce, err)
	}
	return nil
}

// endMessage takes note of what became of a message, and gives back what it carries unless it was delivered.
func (k *Keeper) endMessage(ctx sdk.Context, content wire.Message, m types.OutboxMessage, status types.MessageStatus) error {
	m.Status, m.Payload = status, nil
	if err := k.setMessage(ctx, content.Nonce, m); err != nil {
		return err
	}
	if err := k.unlist(ctx, content); err != nil {
		return err
	}
	event := &types.EventMessageEnded{Nonce: content.Nonce, Domain: uint32(content.Domain), Status: status.Word()}
	if m.Coin != nil {
		l, err := k.laneOfMessage(ctx, content, m)
		if err != nil {
			return err
		}
		if err := k.land(ctx, &l, m.Coin.Amount); err != nil {
			return err
		}
		if status != types.MESSAGE_STATUS_DELIVERED {
			event.Refunded = m.Coin.String()
			if err := k.giveBack(ctx, l, content, m); err != nil {
				return err
			}
		}
	}
	return emit(ctx, event)
}

// unlist drops a message from those whose fate is not known.
func (k *Keeper) unlist(ctx context.Context, content wire.Message) error {
	if err := k.pendingMessages.Remove(ctx, collections.Join(uint32(content.Domain), content.Nonce)); err != nil {
		return fmt.Errorf("failed to unlist message %d: %w", content.Nonce, err)
	}
	if err := k.deadlines.Remove(ctx, deadlineKey(content)); err != nil {
		return fmt.Errorf("failed to remove the deadline of message %d: %w", content.Nonce, err)
	}
	return nil
}

func deadlineKey(content wire.Message) collections.Triple[uint32, uint64, uint64] {
	return collections.Join3(uint32(content.Domain), content.TimeoutMillis, content.Nonce)
}

func (k *Keeper) laneOfMessage(ctx context.Context, content wire.Message, m types.OutboxMessage) (lane, error) {
	d, err := k.Domain(ctx, uint32(content.Domain))
	if err != nil {
		return lane{}, err
	}
	return k.laneOf(ctx, m.Coin.Denom, d)
}

// giveBack returns what a message carries to its sender. Limits and pauses do not hold for that.
func (k *Keeper) giveBack(ctx sdk.Context, l lane, content wire.Message, m types.OutboxMessage) error {
	l.There.Return(time.UnixMilli(m.SentUnixMilli), m.Coin.Amount)
	if err := k.hold(ctx, &l, m.Coin.Amount); err != nil {
		return err
	}
	owed := types.Owed{Nonce: content.Nonce, Recipient: m.Sender, Coin: *m.Coin, LaneDomain: l.Domain}
	recipient, err := k.accounts.StringToBytes(m.Sender)
	if err != nil {
		return types.ErrInvariant.Wrapf("message %d has the sender %q", content.Nonce, m.Sender)
	}
	if k.deps.Bank.BlockedAddr(recipient) {
		return k.setOwed(ctx, owed) // governance may unblock it
	}
	return k.payOut(ctx, owed, m.Coin.Amount)
}
