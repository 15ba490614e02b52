package solana

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gagliardetto/solana-go"
	computebudget "github.com/gagliardetto/solana-go/programs/compute-budget"
	"github.com/gagliardetto/solana-go/rpc"
)

const (
	// maxTransactionBytes is what Solana takes.
	maxTransactionBytes = 1232
	// maxUnits is the most compute units that a transaction may ask for.
	maxUnits = 1_400_000
	// A transaction asks for what its simulation took and this much more: an account may be there that was not, or not any more.
	marginPercent, marginUnits = 10, 5_000
	// landingTime bounds the wait for a transaction, for nodes that lie about the block height: 150 blocks take about a minute.
	landingTime = 2 * time.Minute
)

// errExpired tells that a transaction was in no block before its blockhash expired.
var errExpired = errors.New("a transaction expired before it was in a block: the network is busy, a higher priority fee helps")

// transaction is a list of instructions that take effect together.
type transaction []solana.Instruction

// sign makes the transaction. Keys are those beside the payer's.
func (c *Client) sign(t transaction, hash solana.Hash, units uint32, price uint64, keys []solana.PrivateKey) (*solana.Transaction, error) {
	budget := transaction{
		computebudget.NewSetComputeUnitLimitInstruction(units).Build(),
		computebudget.NewSetComputeUnitPriceInstruction(price).Build(),
	}
	tx, err := solana.NewTransaction(append(budget, t...), hash, solana.TransactionPayer(c.Payer()))
	if err != nil {
		return nil, fmt.Errorf("failed to make a transaction: %w", err)
	}
	_, err = tx.Sign(func(key solana.PublicKey) *solana.PrivateKey {
		for _, k := range append(keys, c.config.Payer) {
			if k.PublicKey() == key {
				return &k
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("failed to sign a transaction: %w", err)
	}
	return tx, nil
}

// fits tells whether the instructions go into one transaction.
func (c *Client) fits(t transaction) bool {
	tx, err := c.sign(t, solana.Hash{}, maxUnits, c.config.PriorityFee, nil)
	if err != nil {
		return false
	}
	raw, err := tx.MarshalBinary()
	return err == nil && len(raw) <= maxTransactionBytes
}

// send sends transactions that need nothing of each other, and returns when all are confirmed: the slot of the last one. It fails if one
// of them fails or expires. The node first is asked before others.
func (c *Client) send(ctx context.Context, first int, batch []transaction, keys ...solana.PrivateKey) (slot uint64, err error) {
	n := c.nodes[first]
	hash, lastValid, err := n.blockhash(ctx)
	if err != nil {
		return 0, err
	}
	pending := make([]*solana.Transaction, len(batch))
	for i, t := range batch {
		if pending[i], err = c.prepare(ctx, n, t, hash, keys); err != nil {
			return 0, err
		}
	}
	return c.land(ctx, first, pending, lastValid)
}

// prepare makes a transaction that asks for as many compute units as its simulation takes. It fails with what the transaction would fail
// with.
func (c *Client) prepare(ctx context.Context, n *node, t transaction, hash solana.Hash, keys []solana.PrivateKey) (*solana.Transaction, error) {
	trial, err := c.sign(t, hash, maxUnits, 0, keys)
	if err != nil {
		return nil, err
	}
	units, err := n.simulate(ctx, trial)
	if err != nil {
		return nil, err
	}
	limit := min(units+units*marginPercent/100+marginUnits, maxUnits)
	tx, err := c.sign(t, hash, uint32(limit), c.config.PriorityFee, keys)
	if err != nil || c.config.PriorityFee == 0 {
		return tx, err
	}
	_, err = n.simulate(ctx, tx) // whether the payer has what it bids
	return tx, err
}

// land sends signed transactions, again and again, until each is confirmed, or has failed, or cannot be in a block any more.
func (c *Client) land(ctx context.Context, first int, pending []*solana.Transaction, lastValid uint64) (slot uint64, failure error) {
	until := time.Now().Add(landingTime)
	again := pending
	for ask := first; len(pending) > 0; ask++ { // another node each time: one may be stuck
		c.broadcast(ctx, again)
		if err := c.pause(ctx); err != nil {
			return slot, err
		}
		height, statuses, err := c.statuses(ctx, ask, pending)
		if err != nil {
			statuses = make([]*rpc.SignatureStatusesResult, len(pending)) // nobody answers: they may be there all the same
		}
		if ctx.Err() != nil {
			return slot, ctx.Err()
		}
		var open, unknown []*solana.Transaction
		for i, tx := range pending {
			switch s := statuses[i]; {
			case s != nil && s.Err != nil:
				failure = errors.Join(failure, refusal(s.Err))
			case s != nil && s.ConfirmationStatus != rpc.ConfirmationStatusProcessed:
				slot = max(slot, s.Slot)
			case time.Now().After(until) || (s == nil && height > lastValid):
				failure = errors.Join(failure, errExpired)
			case s == nil:
				open, unknown = append(open, tx), append(unknown, tx)
			default:
				open = append(open, tx)
			}
		}
		pending, again = open, unknown
	}
	return slot, failure
}

// statuses asks one node after the other until one answers.
func (c *Client) statuses(ctx context.Context, first int, of []*solana.Transaction) (height uint64, out []*rpc.SignatureStatusesResult, err error) {
	signatures := make([]solana.Signature, len(of))
	for i, tx := range of {
		signatures[i] = tx.Signatures[0]
	}
	for i := range c.nodes {
		if height, out, err = c.nodes[(first+i)%len(c.nodes)].statuses(ctx, signatures); err == nil {
			break
		}
	}
	return height, out, err
}

// broadcast hands transactions to all nodes. A node that refuses them does not matter: they are sent again until they are in a block.
func (c *Client) broadcast(ctx context.Context, all []*solana.Transaction) {
	var sending sync.WaitGroup
	for _, n := range c.nodes {
		sending.Go(func() {
			for _, tx := range all {
				_ = n.send(ctx, tx) // what becomes of it is what the statuses say
			}
		})
	}
	sending.Wait()
}

// pause waits until it is time to ask again.
func (c *Client) pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(c.config.Poll):
		return nil
	}
}
