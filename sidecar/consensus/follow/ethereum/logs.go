package ethereum

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/endpoint"
	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/feed"
)

const (
	// maxLogBlocks is how many blocks' logs are asked for at once.
	maxLogBlocks = 2000
	// maxTopics is how many topics a log has at most.
	maxTopics = 4
)

// Filter selects logs.
type Filter struct {
	// Addresses are the contracts whose logs are read, at least one.
	Addresses []common.Address
	// Topics are what a log has at each place; nil there is anything.
	Topics []*common.Hash
}

// matches tells whether a log is one that was asked for.
func (f *Filter) matches(l *log) bool {
	if !slices.Contains(f.Addresses, *l.Address) || len(l.Topics) < len(f.Topics) {
		return false
	}
	for i, want := range f.Topics {
		if want != nil && l.Topics[i] != *want {
			return false
		}
	}
	return true
}

// question is the filter as an endpoint is asked.
func (f *Filter) question(first, last uint64) map[string]any {
	q := map[string]any{"fromBlock": hexutil.Uint64(first), "toBlock": hexutil.Uint64(last), "address": f.Addresses}
	if len(f.Topics) > 0 {
		q["topics"] = f.Topics
	}
	return q
}

// log is a log as an endpoint shows it.
type log struct {
	Address         *common.Address `json:"address"`
	Topics          []common.Hash   `json:"topics"`
	Data            hexutil.Bytes   `json:"data"`
	BlockNumber     *hexutil.Uint64 `json:"blockNumber"`
	BlockHash       *common.Hash    `json:"blockHash"`
	TransactionHash *common.Hash    `json:"transactionHash"`
	LogIndex        *hexutil.Uint64 `json:"logIndex"`
	Removed         bool            `json:"removed"`
}

// check fails unless the log is complete, and one that was asked for.
func (l *log) check(f *Filter, first, last uint64) error {
	switch {
	case l.Address == nil || l.BlockNumber == nil || l.BlockHash == nil || l.TransactionHash == nil || l.LogIndex == nil:
		return errors.New("a log lacks a field")
	case l.Removed || len(l.Topics) > maxTopics || l.block() < first || l.block() > last || !f.matches(l):
		return fmt.Errorf("log %d of block %d was not asked for", *l.LogIndex, l.block())
	}
	return nil
}

func (l *log) block() uint64 { return uint64(*l.BlockNumber) }

// logLine is the line of a log.
type logLine struct {
	Address   common.Address `json:"address"`
	Block     uint64         `json:"block"`
	BlockHash common.Hash    `json:"block_hash"`
	Data      hexutil.Bytes  `json:"data"`
	LogIndex  uint64         `json:"log_index"`
	Topics    []common.Hash  `json:"topics"`
	TxHash    common.Hash    `json:"tx_hash"`
	Type      string         `json:"type"`
	V         int            `json:"v"`
}

func (l *log) change() (feed.Change, error) {
	topics := l.Topics
	if topics == nil {
		topics = []common.Hash{}
	}
	line, err := json.Marshal(logLine{
		Address: *l.Address, Block: l.block(), BlockHash: *l.BlockHash, Data: l.Data, LogIndex: uint64(*l.LogIndex), Topics: topics,
		TxHash: *l.TransactionHash, Type: "log", V: feed.Version,
	})
	if err != nil {
		return feed.Change{}, fmt.Errorf("failed to encode a log: %w", err)
	}
	return feed.Change{Position: l.block(), Line: line}, nil
}

// logs reads the logs that a filter selects.
type logs struct{ filter Filter }

// read implements reader: a page has the logs of one block, and the last one those of the last block, if there are any.
func (r logs) read(ctx context.Context, n *endpoint.Node, first, last uint64, hash string) ([]feed.Page, error) {
	numbers := []uint64{last}
	if first > 0 && hash != "" {
		numbers = append(numbers, first-1)
	}
	blocks, err := blocksOf(ctx, n, numbers)
	if err != nil {
		return nil, err
	}
	for _, before := range blocks[1:] {
		if err := sameBlock(before.number(), *before.Hash, hash); err != nil {
			return nil, err
		}
	}
	var found []*log
	if err := n.Call(ctx, &found, "eth_getLogs", r.filter.question(first, last)); err != nil {
		return nil, err
	}
	return r.pages(found, first, blocks[0])
}

// pages checks the logs of the blocks from first to last and puts them in order.
func (r logs) pages(found []*log, first uint64, last *block) ([]feed.Page, error) {
	for _, l := range found {
		if l == nil {
			return nil, errors.New("a log lacks a field")
		}
		if err := l.check(&r.filter, first, last.number()); err != nil {
			return nil, err
		}
		if l.block() == last.number() && *l.BlockHash != *last.Hash {
			return nil, fmt.Errorf("a log of block %d has another block's hash", l.block())
		}
	}
	slices.SortFunc(found, func(a, b *log) int {
		return cmp.Or(cmp.Compare(a.block(), b.block()), cmp.Compare(*a.LogIndex, *b.LogIndex))
	})
	var pages []feed.Page
	for i, l := range found {
		if i > 0 && l.block() == found[i-1].block() {
			if *l.LogIndex == *found[i-1].LogIndex || *l.BlockHash != *found[i-1].BlockHash {
				return nil, fmt.Errorf("log %d of block %d came twice", *l.LogIndex, l.block())
			}
		} else {
			pages = append(pages, feed.Page{Cursor: feed.Cursor{Next: l.block() + 1, Hash: l.BlockHash.Hex()}})
		}
		change, err := l.change()
		if err != nil {
			return nil, err
		}
		page := &pages[len(pages)-1]
		page.Changes = append(page.Changes, change)
	}
	end := feed.Cursor{Next: last.number() + 1, Hash: last.Hash.Hex()}
	if len(pages) == 0 || pages[len(pages)-1].Cursor.Next != end.Next {
		pages = append(pages, feed.Page{Cursor: end})
	}
	return pages, nil
}
