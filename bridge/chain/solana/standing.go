package solana

import (
	"context"
	"fmt"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// standing is what a node shows of a message at commitment confirmed.
type standing struct {
	fate
	known    bool            // whether the client takes proofs against the checkpoint
	asset    *program.Asset  // nil where none is needed, or it is not registered
	buffer   *program.Buffer // of this payer, nil if there is none
	homeless bool            // whether the recipient has no account for the tokens
}

// look reads how a message stands from a node.
func (h *handover) look(ctx context.Context, n *node) (standing, error) {
	addresses := []solana.PublicKey{
		h.program.Nonces(h.delivery.Message.Nonce), solana.SysVarClockPubkey, h.program.Client(), h.buffer(),
	}
	if h.asset != nil {
		addresses = append(addresses, h.program.Asset(*h.asset))
	}
	found, err := n.read(ctx, rpc.CommitmentConfirmed, h.slot, addresses...)
	if err != nil {
		return standing{}, err
	}
	out, err := h.decode(found)
	if err != nil {
		return standing{}, fmt.Errorf("%s: %w", n.name, err)
	}
	if out.asset != nil && h.delivery.Message.Kind == wire.KindTransfer {
		found, err := n.read(ctx, rpc.CommitmentConfirmed, h.slot, program.Holding(h.recipient(), out.asset.Mint))
		if err != nil {
			return standing{}, err
		}
		out.homeless = found[0] == nil || found[0].Owner != solana.TokenProgramID
	}
	return out, nil
}

// decode reads the accounts that look asks for, in that order.
func (h *handover) decode(found []*account) (out standing, err error) {
	if out.fate, err = h.decodeFate(found[0], found[1], h.delivery.Message); err != nil {
		return standing{}, err
	}
	client, err := decoded(h.program, found[2], program.DecodeClient)
	if err != nil {
		return standing{}, err
	}
	if client == nil {
		return standing{}, ErrNoClient
	}
	out.known = knows(*client, h.delivery.Checkpoint.Height)
	if out.buffer, err = decoded(h.program, found[3], program.DecodeBuffer); err != nil {
		return standing{}, err
	}
	if h.asset != nil {
		if out.asset, err = decoded(h.program, found[4], program.DecodeAsset); err != nil {
			return standing{}, err
		}
	}
	return out, nil
}
