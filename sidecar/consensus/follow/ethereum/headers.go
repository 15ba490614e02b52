package ethereum

import (
	"context"
	"fmt"

	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/endpoint"
	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/feed"
)

// maxHeaders is how many headers are asked for at once.
const maxHeaders = 64

// headers reads block headers.
type headers struct{}

// read implements reader: a page has one block.
func (headers) read(ctx context.Context, n *endpoint.Node, first, last uint64, hash string) ([]feed.Page, error) {
	numbers := make([]uint64, 0, last-first+1)
	for number := first; number <= last; number++ {
		numbers = append(numbers, number)
	}
	blocks, err := blocksOf(ctx, n, numbers)
	if err != nil {
		return nil, err
	}
	pages := make([]feed.Page, len(blocks))
	for i, b := range blocks {
		if b.number() > 0 {
			if err := sameBlock(b.number()-1, *b.ParentHash, hash); err != nil {
				return nil, err
			}
		}
		change, err := b.change()
		if err != nil {
			return nil, err
		}
		hash = b.Hash.Hex()
		pages[i] = feed.Page{Changes: []feed.Change{change}, Cursor: feed.Cursor{Next: b.number() + 1, Hash: hash}}
	}
	return pages, nil
}

// blocksOf returns the blocks of those numbers.
func blocksOf(ctx context.Context, n *endpoint.Node, numbers []uint64) ([]*block, error) {
	blocks := make([]*block, len(numbers))
	questions := make([]rpc.BatchElem, len(numbers))
	for i, number := range numbers {
		questions[i] = rpc.BatchElem{Method: blockByNumber, Args: []any{hexutil.Uint64(number), false}, Result: &blocks[i]}
	}
	if err := n.Batch(ctx, questions); err != nil {
		return nil, err
	}
	for i, b := range blocks {
		if b == nil {
			return nil, fmt.Errorf("the endpoint does not have block %d", numbers[i])
		}
		if err := b.check(); err != nil {
			return nil, err
		}
		if b.number() != numbers[i] {
			return nil, fmt.Errorf("block %d was asked for, %d came", numbers[i], b.number())
		}
	}
	return blocks, nil
}
