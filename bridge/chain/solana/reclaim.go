package solana

import (
	"context"
	"fmt"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
)

const (
	// payerOffset is where an account of the program has its payer.
	payerOffset = 2
	// closesPerTransaction fit into a transaction.
	closesPerTransaction = 12
)

// Reclaim closes sessions and buffers that this payer paid rent for and that are over, and tells how many. Signer sets are left: whether
// one is over or still to come no account tells, and others may rely on it. Submit closes those of its own checkpoint, also sets, and
// Deliver its buffer: what is left is of what a process ended with, or others were quicker with, or could not be done. It needs a node
// that answers getProgramAccounts, and fails without changing anything where the first one does not. No checkpoint or message of this
// payer's should be on its way: its buffers would have to be written again.
func (c *Client) Reclaim(ctx context.Context) (closed int, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.SubmitTimeout)
	defer cancel()
	defer c.closeIdle()
	client, err := c.finalized(ctx)
	if err != nil {
		return 0, err
	}
	owned, err := c.nodes[0].paidBy(ctx, c.program, c.Payer())
	if err != nil {
		return 0, err
	}
	var closes transaction
	for address, raw := range owned {
		if isOver(client, raw) {
			closes = append(closes, c.closeOwn(address))
		}
	}
	for len(closes) > 0 {
		n := min(len(closes), closesPerTransaction)
		if _, err := c.send(ctx, 0, []transaction{closes[:n]}); err != nil {
			return closed, err
		}
		closed, closes = closed+n, closes[n:]
	}
	return closed, nil
}

// isOver tells whether an account is of no more use to a relayer.
func isOver(client program.Client, raw []byte) bool {
	if session, err := program.DecodeSession(raw); err == nil {
		return session.Checkpoint.Epoch < client.Epoch || session.Checkpoint.Height <= client.Height
	}
	_, err := program.DecodeBuffer(raw)
	return err == nil
}

// paidBy reads the accounts of the program that a payer paid rent for, at commitment finalized.
func (n *node) paidBy(ctx context.Context, p program.Program, payer solana.PublicKey) (map[solana.PublicKey][]byte, error) {
	var said []struct {
		Address solana.PublicKey `json:"pubkey"`
		Account account          `json:"account"`
	}
	options := rpc.M{
		"commitment": rpc.CommitmentFinalized, "encoding": solana.EncodingBase64,
		"filters": []rpc.M{{"memcmp": rpc.M{"offset": payerOffset, "bytes": payer.String()}}},
	}
	err := n.call(ctx, "getProgramAccounts", func(ctx context.Context) error {
		return n.rpc.RPCCallForInto(ctx, &said, "getProgramAccounts", []any{p.ID, options})
	})
	if err != nil {
		return nil, err
	}
	out := map[solana.PublicKey][]byte{}
	for _, s := range said {
		raw, err := s.Account.bytes()
		if err != nil {
			return nil, fmt.Errorf("%s: getProgramAccounts: account %s: %w", n.name, s.Address, err)
		}
		out[s.Address] = raw
	}
	return out, nil
}
