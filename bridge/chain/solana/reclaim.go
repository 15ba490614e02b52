package solana

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
)

const (
	// payerOffset is where an account of the program has its payer.
	payerOffset = 2
	// closesPerTransaction fit into a transaction.
	closesPerTransaction = 12
	// closesPerRound are on their way at the same time.
	closesPerRound = 16 * closesPerTransaction
)

// ErrNoList tells that no node lists the accounts of a program.
var ErrNoList = errors.New("no node of Solana lists the accounts of a program: name one that answers getProgramAccounts, as many public ones do not")

// Reclaimed is what Reclaim has closed.
type Reclaimed struct {
	Events   int    `json:"events"`
	Calls    int    `json:"calls"` // mailboxes
	Sessions int    `json:"sessions"`
	Buffers  int    `json:"buffers"`
	Lamports uint64 `json:"lamports"` // that came back of them, without the fees of the transactions
}

// Reclaim closes what this payer paid rent for and that is over: events before the nonce handed, up to which IPDM was handed them, after the
// gateway's retention, mailboxes that nobody has read for program.MailKept, sessions and buffers. Where it fails it returns what is known to be
// closed. Signer sets are left: whether one is over or still to come no account tells, and others may rely on it. Submit closes those of its own
// checkpoint, also sets, and Deliver its buffer: what is left is of what a process ended with, or others were quicker with, or could not be done.
// It fails with ErrNoList where no node answers getProgramAccounts, before it has closed anything. No checkpoint or message of this payer's
// should be on its way: its buffers would have to be written again.
func (c *Client) Reclaim(ctx context.Context, handed uint64) (Reclaimed, error) {
	defer c.closeIdle()
	client, err := c.finalized(ctx)
	if err != nil {
		return Reclaimed{}, err
	}
	n, owned, err := c.list(ctx)
	if err != nil {
		return Reclaimed{}, err
	}
	now, err := c.presentOf(ctx, c.nodes[n], client, handed)
	if err != nil {
		return Reclaimed{}, err
	}
	var all []closing
	for _, a := range owned {
		if one, over := c.closingOf(a, now); over {
			all = append(all, one)
		}
	}
	var out Reclaimed
	for round := range slices.Chunk(all, closesPerRound) {
		if err := c.closeAll(ctx, n, round); err != nil {
			return out, err
		}
		for _, one := range round {
			out.add(one.reclaimed)
		}
	}
	return out, nil
}

// closeAll closes accounts in transactions that are sent at the same time.
func (c *Client) closeAll(ctx context.Context, first int, round []closing) error {
	ctx, cancel := context.WithTimeout(ctx, c.config.SubmitTimeout)
	defer cancel()
	var batch []transaction
	for some := range slices.Chunk(round, closesPerTransaction) {
		var t transaction
		for _, one := range some {
			t = append(t, one.instruction)
		}
		batch = append(batch, t)
	}
	_, err := c.send(ctx, first, batch)
	return err
}

func (r *Reclaimed) add(more Reclaimed) {
	r.Events += more.Events
	r.Calls += more.Calls
	r.Sessions += more.Sessions
	r.Buffers += more.Buffers
	r.Lamports += more.Lamports
}

// present is what decides what is over.
type present struct {
	client    program.Client
	handed    uint64 // events before that nonce were handed to IPDM
	retention uint64 // of events, milliseconds
	now       uint64 // milliseconds since 1970
}

func (c *Client) presentOf(ctx context.Context, n *node, client program.Client, handed uint64) (present, error) {
	found, err := n.read(ctx, rpc.CommitmentConfirmed, 0, c.program.Gateway(), solana.SysVarClockPubkey)
	if err != nil {
		return present{}, err
	}
	gateway, err := decoded(c.program, found[0], program.DecodeGateway)
	if err != nil {
		return present{}, fmt.Errorf("%s: the gateway: %w", n.name, err)
	}
	if gateway == nil {
		return present{}, ErrNoClient
	}
	now, err := clockOf(found[1])
	if err != nil {
		return present{}, fmt.Errorf("%s: %w", n.name, err)
	}
	return present{client, handed, gateway.Retention, uint64(now.UnixMilli())}, nil
}

// closing is what closes an account, and what that brings.
type closing struct {
	instruction program.Instruction
	reclaimed   Reclaimed
}

// closingOf tells whether an account of this payer's is of no more use, and what closes it.
func (c *Client) closingOf(a owned, at present) (closing, bool) {
	out := closing{c.closeOwn(a.address), Reclaimed{Lamports: a.lamports}}
	if e, err := program.DecodeEvent(a.raw); err == nil {
		out.instruction, out.reclaimed.Events = c.program.CloseEvent(a.address, c.Payer(), c.Payer()), 1
		return out, e.Event.Nonce < at.handed && at.client.TimeMillis >= e.Event.TimeMillis && at.client.TimeMillis-e.Event.TimeMillis >= at.retention
	}
	if m, err := program.DecodeMail(a.raw); err == nil {
		out.reclaimed.Calls = 1
		return out, at.now >= m.TimeMillis && at.now-m.TimeMillis >= program.MailKept
	}
	if s, err := program.DecodeSession(a.raw); err == nil {
		out.reclaimed.Sessions = 1
		return out, s.Checkpoint.Epoch < at.client.Epoch || s.Checkpoint.Height <= at.client.Height
	}
	_, err := program.DecodeBuffer(a.raw)
	out.reclaimed.Buffers = 1
	return out, err == nil
}

// owned is an account of the program that the payer paid rent for.
type owned struct {
	address  solana.PublicKey
	lamports uint64
	raw      []byte
}

// list asks one node after the other for the accounts that the payer paid rent for, and tells which one has answered.
func (c *Client) list(ctx context.Context) (n int, all []owned, err error) {
	var failures error
	for n, from := range c.nodes {
		all, err := from.paidBy(ctx, c.program, c.Payer())
		if err == nil {
			return n, all, nil
		}
		failures = errors.Join(failures, err)
	}
	return 0, nil, fmt.Errorf("%w: %w", ErrNoList, failures)
}

// paidBy reads the accounts of the program that a payer paid rent for, at commitment confirmed: those that were just closed are gone.
func (n *node) paidBy(ctx context.Context, p program.Program, payer solana.PublicKey) (all []owned, err error) {
	var said []struct {
		Address solana.PublicKey `json:"pubkey"`
		Account account          `json:"account"`
	}
	options := rpc.M{
		"commitment": rpc.CommitmentConfirmed, "encoding": solana.EncodingBase64,
		"filters": []rpc.M{{"memcmp": rpc.M{"offset": payerOffset, "bytes": payer.String()}}},
	}
	err = n.call(ctx, "getProgramAccounts", func(ctx context.Context) error {
		return n.lists.RPCCallForInto(ctx, &said, "getProgramAccounts", []any{p.ID, options})
	})
	if err != nil {
		return nil, err
	}
	for _, s := range said {
		raw, err := s.Account.bytes()
		if err != nil {
			return nil, fmt.Errorf("%s: getProgramAccounts: account %s: %w", n.name, s.Address, err)
		}
		all = append(all, owned{s.Address, s.Account.Lamports, raw})
	}
	return all, nil
}
