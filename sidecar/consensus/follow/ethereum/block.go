package ethereum

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/feed"
)

const blockByNumber = "eth_getBlockByNumber"

// block is a header with the hashes of its transactions, as an endpoint shows it.
type block struct {
	Number           *hexutil.Uint64 `json:"number"`
	Hash             *common.Hash    `json:"hash"`
	ParentHash       *common.Hash    `json:"parentHash"`
	Timestamp        *hexutil.Uint64 `json:"timestamp"`
	TransactionsRoot *common.Hash    `json:"transactionsRoot"`
	StateRoot        *common.Hash    `json:"stateRoot"`
	ReceiptsRoot     *common.Hash    `json:"receiptsRoot"`
	Transactions     []common.Hash   `json:"transactions"`
}

// check fails if a field is missing, or the number is no block's.
func (b *block) check() error {
	switch {
	case b.Number == nil || b.Hash == nil || b.ParentHash == nil || b.Timestamp == nil ||
		b.TransactionsRoot == nil || b.StateRoot == nil || b.ReceiptsRoot == nil:
		return errors.New("a block lacks a field")
	case *b.Number >= feed.MaxPosition:
		return fmt.Errorf("%d is no block's number", *b.Number)
	}
	return nil
}

func (b *block) number() uint64 { return uint64(*b.Number) }

// blockLine is the line of a block.
type blockLine struct {
	Hash             common.Hash   `json:"hash"`
	Number           uint64        `json:"number"`
	Parent           common.Hash   `json:"parent"`
	ReceiptsRoot     common.Hash   `json:"receipts_root"`
	StateRoot        common.Hash   `json:"state_root"`
	Time             uint64        `json:"time"`
	Transactions     []common.Hash `json:"transactions"`
	TransactionsRoot common.Hash   `json:"transactions_root"`
	Type             string        `json:"type"`
	V                int           `json:"v"`
}

func (b *block) change() (feed.Change, error) {
	transactions := b.Transactions
	if transactions == nil {
		transactions = []common.Hash{}
	}
	line, err := json.Marshal(blockLine{
		Hash: *b.Hash, Number: b.number(), Parent: *b.ParentHash, ReceiptsRoot: *b.ReceiptsRoot, StateRoot: *b.StateRoot,
		Time: uint64(*b.Timestamp), Transactions: transactions, TransactionsRoot: *b.TransactionsRoot, Type: "block", V: feed.Version,
	})
	if err != nil {
		return feed.Change{}, fmt.Errorf("failed to encode a block: %w", err)
	}
	return feed.Change{Position: b.number(), Line: line}, nil
}
