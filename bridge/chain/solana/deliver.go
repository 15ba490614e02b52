package solana

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"
	associatedtoken "github.com/gagliardetto/solana-go/programs/associated-token-account"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Deliver implements relayer.Gateway. The checkpoint has to be one of the last program.RingSize that the client accepted, and what it
// proves is handed over through a buffer where it does not fit into a transaction. It fails with relayer.ErrTimedOut once a final block
// shows that the message is too late and was not taken.
func (c *Client) Deliver(ctx context.Context, d relayer.Delivery) error {
	if err := d.Validate(); err != nil {
		return err
	}
	asset, err := assetOf(d)
	if err != nil {
		return fmt.Errorf("message %d: %w", d.Message.Nonce, err)
	}
	h := &handover{Client: c, delivery: d, asset: asset}
	if err := c.pursue(ctx, h.step); err != nil {
		return fmt.Errorf("failed to deliver message %d: %w", d.Message.Nonce, err)
	}
	return nil
}

// assetOf returns the asset that has to be registered for a message, nil for none. It fails if the payload is none of the message's kind.
func assetOf(d relayer.Delivery) (*wire.Hash, error) {
	switch d.Message.Kind {
	case wire.KindTransfer:
		transfer, err := wire.DecodeTransfer(d.Payload)
		return &transfer.Asset, err
	case wire.KindControl:
		control, err := wire.DecodeControl(d.Payload)
		if control.Operation == wire.SetLimit {
			return &control.Asset, err
		}
		return nil, err
	default:
		return nil, nil
	}
}

// handover is a message on its way.
type handover struct {
	*Client
	delivery relayer.Delivery
	asset    *wire.Hash // that has to be registered, nil for none
	slot     uint64     // of what was confirmed last: nodes that are behind are not asked
}

func (h *handover) step(ctx context.Context, first int) (progress, error) {
	fate, err := h.fateOf(ctx, h.delivery.Message)
	switch {
	case err != nil:
		return waiting, err
	case fate.taken:
		h.tidyUp(ctx, first)
		return done, nil
	case fate.late:
		h.tidyUp(ctx, first)
		return done, relayer.ErrTimedOut
	}
	now, err := h.look(ctx, h.nodes[first])
	if err != nil {
		h.slot = 0
		return waiting, err
	}
	if now.taken || now.late {
		return waiting, nil // until that is finalized
	}
	batch, err := h.missing(now)
	if err != nil {
		return waiting, err
	}
	slot, err := h.send(ctx, first, batch)
	h.slot = max(h.slot, slot)
	if err != nil {
		return waiting, meaning(err)
	}
	return moving, nil
}

// meaning says what the refusal of a message means; nil that the next look shows it.
func meaning(err error) error {
	var code program.Code
	if !errors.As(err, &code) {
		return err
	}
	switch code {
	case program.CodeMessageTaken, program.CodeMessageTimeout:
		return nil
	case program.CodeRecipientAccount, program.CodeRootUnknown, program.CodeNotLocked, program.CodeTokenMint, codeFrozen:
		return fmt.Errorf("%w: %w", relayer.ErrNotYet, err)
	default:
		return err
	}
}

// missing returns what to send next: the message if it fits into a transaction, or else what its buffer lacks, and then what takes it from
// there. It fails with relayer.ErrNotYet before anything is paid for where the program would refuse the message for now.
func (h *handover) missing(now standing) ([]transaction, error) {
	switch {
	case !now.known:
		return nil, fmt.Errorf("%w: %w", relayer.ErrNotYet, program.CodeRootUnknown)
	case h.asset != nil && now.asset == nil:
		return nil, fmt.Errorf("%w: asset %s is not registered", relayer.ErrNotYet, *h.asset)
	case now.homeless && h.config.NoAccounts:
		return nil, fmt.Errorf("%w: %w", relayer.ErrNotYet, program.CodeRecipientAccount)
	}
	d := program.Delivery{
		Message: h.delivery.Message, Payload: h.delivery.Payload, Height: h.delivery.Checkpoint.Height, Count: h.delivery.Count, Path: h.delivery.Path,
	}
	whole, err := h.program.Deliver(h.Payer(), d, now.asset)
	if err != nil {
		return nil, err
	}
	var home transaction
	if now.homeless {
		home = transaction{associatedtoken.NewCreateIdempotentInstruction(h.Payer(), h.recipient(), now.asset.Mint).Build()}
	}
	if t := append(home, whole); h.fits(t) {
		return []transaction{t}, nil
	}
	if batch := h.fillBuffer(h.bufferID(), whole, now.buffer); batch != nil {
		return batch, nil
	}
	return []transaction{append(home, whole.InBuffer(h.Payer(), h.bufferID()), h.closeOwn(h.buffer()))}, nil
}

// tidyUp closes the buffer if it is left, as where another relayer was quicker. What became of the message does not depend on it.
func (h *handover) tidyUp(ctx context.Context, first int) {
	found, err := h.nodes[first].accounts(ctx, h.program, rpc.CommitmentConfirmed, h.slot, h.buffer())
	if err == nil && found[0] != nil {
		_, _ = h.send(ctx, first, []transaction{{h.closeOwn(h.buffer())}})
	}
}

func (h *handover) recipient() solana.PublicKey {
	return solana.PublicKey(h.delivery.Message.Recipient)
}

// buffer returns the address of the buffer that the message goes through: always the same, so that whoever begins again finds it.
func (h *handover) buffer() solana.PublicKey { return h.program.Buffer(h.Payer(), h.bufferID()) }

func (h *handover) bufferID() uint64 {
	leaf := h.delivery.Message.Leaf()
	return binary.BigEndian.Uint64(leaf[:])
}
