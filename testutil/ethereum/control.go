package ethereum

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
)

// Mine makes that many blocks. Waiting transactions are in the first of them, as far as its gas allows.
func (n *Network) Mine(ctx context.Context, blocks int) error {
	return n.do(ctx, "anvil_mine", hexutil.Uint64(blocks))
}

// Finalize makes as many blocks as make the latest one final.
func (n *Network) Finalize(ctx context.Context) error { return n.Mine(ctx, n.FinalityDepth()) }

// Reorg puts empty blocks in the place of that many of the latest ones, whose transactions are gone. It fails if one of these
// is finalized, which anvil itself would allow.
func (n *Network) Reorg(ctx context.Context, depth int) error {
	var latest, finalized struct {
		Number hexutil.Uint64 `json:"number"`
	}
	if err := n.client.CallContext(ctx, &latest, "eth_getBlockByNumber", "latest", false); err != nil {
		return fmt.Errorf("failed to look for the latest block: %w", err)
	}
	if err := n.client.CallContext(ctx, &finalized, "eth_getBlockByNumber", "finalized", false); err != nil {
		return fmt.Errorf("failed to look for the finalized block: %w", err)
	}
	if possible := int(latest.Number - finalized.Number); depth < 1 || depth > possible {
		return fmt.Errorf("a reorg of %d blocks was asked for, but only the latest %d are not finalized", depth, possible)
	}
	return n.do(ctx, "anvil_reorg", depth, []any{})
}

// StartMining has a block come by itself each time that many whole seconds have passed.
func (n *Network) StartMining(ctx context.Context, blockTime time.Duration) error {
	seconds := uint64(blockTime / time.Second)
	if seconds == 0 {
		return fmt.Errorf("blocks every %s: a second or more expected", blockTime)
	}
	return n.do(ctx, "evm_setIntervalMining", seconds)
}

// StopMining has blocks come by Mine only.
func (n *Network) StopMining(ctx context.Context) error { return n.do(ctx, "evm_setIntervalMining", 0) }

// DropTransaction has a waiting transaction be forgotten.
func (n *Network) DropTransaction(ctx context.Context, hash common.Hash) error {
	var dropped *common.Hash
	if err := n.client.CallContext(ctx, &dropped, "anvil_dropTransaction", hash); err != nil {
		return fmt.Errorf("failed to drop the transaction %s: %w", hash, err)
	}
	if dropped == nil {
		return fmt.Errorf("failed to drop the transaction %s: it does not wait", hash)
	}
	return nil
}

// SetBalance gives an account that many wei.
func (n *Network) SetBalance(ctx context.Context, address common.Address, wei *big.Int) error {
	return n.do(ctx, "anvil_setBalance", address, (*hexutil.Big)(wei))
}

// SetTime makes a block at that time, in whole seconds; time goes on from there. It fails if time would go back.
func (n *Network) SetTime(ctx context.Context, to time.Time) error {
	if err := n.do(ctx, "evm_setNextBlockTimestamp", to.Unix()); err != nil {
		return err
	}
	return n.Mine(ctx, 1)
}

func (n *Network) do(ctx context.Context, method string, params ...any) error {
	if err := n.client.CallContext(ctx, nil, method, params...); err != nil {
		return fmt.Errorf("the network refused %s%v: %w", method, params, err)
	}
	return nil
}
