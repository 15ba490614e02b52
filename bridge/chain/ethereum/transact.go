package ethereum

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/ipdm-network/ipdm/bridge/chain/endpoints"
	"github.com/ipdm-network/ipdm/bridge/relayer"
)

const (
	// gasMargin is what is added to the estimate, as a divisor: a fifth.
	gasMargin = 5
	// feeRise is what a replacement pays more, as a divisor: a quarter. Nodes ask for a tenth or an eighth.
	feeRise = 4
	// maxGas is more than a checkpoint with 256 signers takes, and than any message: a call gets 500,000. An endpoint that estimates
	// more is not believed.
	maxGas = 5_000_000
)

// fees are what a transaction pays for a unit of gas, in wei.
type fees struct{ tip, cap *big.Int }

// transact has a call mined. It returns nil as well if somebody else has had it mined.
func (c *Client) transact(ctx context.Context, what call) error {
	if err := c.simulate(ctx, what); err != nil {
		if errors.Is(err, errDone) {
			return nil
		}
		return err
	}
	chain, nonce, gas, err := c.prepare(ctx, what)
	if err != nil {
		if errors.Is(err, errDone) {
			return nil
		}
		return err
	}
	price, err := c.suggest(ctx)
	if err != nil {
		return err
	}
	var sent []common.Hash // with this nonce
	defer func() {
		if len(sent) > 0 && ctx.Err() != nil {
			c.misled.Add(1)
		}
	}()
	for {
		above := false
		if price, above = c.bound(price); above && len(sent) == 0 {
			return c.tooHigh()
		} // while one is under way it is waited for, however high fees are
		tx, err := types.SignNewTx(c.cfg.Key, types.LatestSignerForChainID(chain), &types.DynamicFeeTx{
			ChainID: chain, Nonce: nonce, GasTipCap: price.tip, GasFeeCap: price.cap, Gas: gas, To: &what.address, Data: what.input,
		})
		if err != nil {
			return fmt.Errorf("failed to sign the transaction: %w", err)
		}
		switch err := c.broadcast(ctx, tx); {
		case err == nil || refused(err, "already known", "already imported"):
			sent = append(sent, tx.Hash())
		case refused(err, "insufficient funds"):
			return fmt.Errorf("%w: %s: %w", relayer.ErrFunds, c.account, err)
		case refused(err, "underpriced"): // another with the nonce waits already
			if err := c.pause(ctx); err != nil {
				return err
			}
		case refused(err, "nonce too low"):
			if len(sent) == 0 {
				c.misled.Add(1)
			}
			return c.check(ctx, what) // it was mined meanwhile, ours or another's
		default:
			return fmt.Errorf("failed to send the transaction: %w", err)
		}
		if len(sent) > 0 {
			mined, err := c.await(ctx, what, sent)
			if mined || err != nil {
				return err
			}
		}
		price = fees{tip: raised(price.tip), cap: raised(price.cap)}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("no block has the transaction: %w", err)
		}
	}
}

// prepare reads what a transaction needs: the chain's id, the lowest nonce that no block has, and how much gas the call takes. The nonce is
// the greatest that an endpoint says, as with that of one that lags nothing would be mined; but where nothing was mined with one, the next lower
// one, as with that of one that lies nothing would be mined ever.
func (c *Client) prepare(ctx context.Context, what call) (chain *big.Int, nonce, gas uint64, err error) {
	err = c.ask(ctx, func(ctx context.Context, node endpoint) (err error) {
		if chain, err = node.ChainID(ctx); err != nil {
			return fmt.Errorf("failed to read the chain's id: %w", err)
		}
		// In the latest block: some nodes take the pending one, with what waits for a block already done.
		gas, err = node.EstimateGasAtBlock(ctx, what.from(c.account), nil)
		return what.decode(err)
	})
	switch {
	case refused(err, "insufficient funds", "exceeds allowance", "out of funds"):
		return nil, 0, 0, fmt.Errorf("%w: %s: %w", relayer.ErrFunds, c.account, err)
	case err != nil:
		return nil, 0, 0, fmt.Errorf("failed to estimate the gas: %w", err)
	case gas > maxGas:
		return nil, 0, 0, fmt.Errorf("an endpoint estimates %d gas, which is not believed: nothing takes more than %d", gas, maxGas)
	}
	nonces, err := concurrently(ctx, c.nodes, func(ctx context.Context, node endpoint) (uint64, error) {
		ctx, cancel := context.WithTimeout(ctx, node.timeout)
		defer cancel()
		nonce, err := node.NonceAt(ctx, c.account, nil)
		return nonce, endpoints.Plain(err)
	})
	if len(nonces) == 0 {
		return nil, 0, 0, fmt.Errorf("failed to read the account's nonce: %w", err)
	}
	slices.Sort(nonces)
	nonces = slices.Compact(nonces)
	turn := int(c.misled.Load() % uint64(len(nonces)))
	nonce = nonces[len(nonces)-1-turn]
	return chain, nonce, gas + gas/gasMargin, nil
}

// suggest returns fees with which a transaction is mined even if the base fee doubles.
func (c *Client) suggest(ctx context.Context) (fees, error) {
	var out fees
	err := c.ask(ctx, func(ctx context.Context, node endpoint) error {
		tip, err := node.SuggestGasTipCap(ctx)
		if err != nil {
			return fmt.Errorf("failed to read the usual tip: %w", err)
		}
		head, err := node.HeaderByNumber(ctx, nil)
		if err != nil {
			return fmt.Errorf("failed to read the latest block: %w", err)
		}
		if head.BaseFee == nil {
			return errors.New("the chain has no base fee (EIP-1559)")
		}
		out = fees{tip: tip, cap: new(big.Int).Add(tip, new(big.Int).Lsh(head.BaseFee, 1))}
		return nil
	})
	return out, err
}

// bound keeps fees within the bound, and tells whether they were above.
func (c *Client) bound(f fees) (within fees, above bool) {
	most := c.cfg.MaxFee
	if f.cap.Cmp(most) <= 0 && f.tip.Cmp(most) <= 0 {
		return f, false
	}
	within = fees{tip: f.tip, cap: most}
	if within.tip.Cmp(most) > 0 {
		within.tip = most
	}
	return within, true
}

func (c *Client) tooHigh() error {
	return fmt.Errorf("fees are too high now: more than %s wei for a unit of gas, the bound", c.cfg.MaxFee)
}

// pause waits before something is tried again.
func (c *Client) pause(ctx context.Context) error {
	wait := time.NewTimer(c.cfg.Poll)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("no block has the transaction: %w", ctx.Err())
	case <-wait.C:
		return nil
	}
}

func raised(n *big.Int) *big.Int {
	more := new(big.Int).Div(n, big.NewInt(feeRise))
	return more.Add(more, n).Add(more, big.NewInt(1))
}

// broadcast sends a transaction to all endpoints. One that takes it is enough.
func (c *Client) broadcast(ctx context.Context, tx *types.Transaction) error {
	var failures error
	taken := false
	for _, node := range c.nodes {
		within, cancel := context.WithTimeout(ctx, node.timeout)
		if err := node.SendTransaction(within, tx); err != nil {
			failures = errors.Join(failures, fmt.Errorf("%s: %w", node.host, endpoints.Plain(err)))
		} else {
			taken = true
		}
		cancel()
	}
	if taken {
		return nil
	}
	return failures
}

// await looks for a receipt of one of the transactions until it is time to raise the fees. It tells whether there is nothing more to
// wait for.
func (c *Client) await(ctx context.Context, what call, sent []common.Hash) (mined bool, err error) {
	deadline := time.NewTimer(c.cfg.ReplaceAfter)
	defer deadline.Stop()
	poll := time.NewTicker(c.cfg.Poll)
	defer poll.Stop()
	for {
		for _, hash := range sent {
			receipt, err := c.receipt(ctx, hash)
			if err != nil {
				continue // not found, or an endpoint that does not answer now
			}
			if receipt.Status == types.ReceiptStatusSuccessful {
				return true, nil
			}
			return true, c.check(ctx, what)
		}
		select {
		case <-ctx.Done():
			return false, fmt.Errorf("no block has the transaction: %w", ctx.Err())
		case <-deadline.C:
			return false, nil
		case <-poll.C:
		}
	}
}

func (c *Client) receipt(ctx context.Context, hash common.Hash) (*types.Receipt, error) {
	var failures error
	for _, node := range c.nodes {
		within, cancel := context.WithTimeout(ctx, node.timeout)
		receipt, err := node.TransactionReceipt(within, hash)
		cancel()
		if err == nil {
			return receipt, nil
		}
		failures = errors.Join(failures, err)
	}
	return nil, failures
}

// check tells why a call was not successful: nil if the contract has what it brings.
func (c *Client) check(ctx context.Context, what call) error {
	switch err := c.simulate(ctx, what); {
	case errors.Is(err, errDone):
		return nil
	case err != nil:
		return err
	}
	return errors.New("the transaction was mined without effect: trying again")
}
