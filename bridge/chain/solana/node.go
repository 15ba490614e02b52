package solana

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/gagliardetto/solana-go/rpc/jsonrpc"

	"github.com/ipdm-network/ipdm/bridge/chain/endpoints"
	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
)

const (
	// maxAnswerBytes bounds an answer: the accounts of a checkpoint with 256 signers have about 45 KiB, 98 events at most 180 KiB.
	maxAnswerBytes = 1 << 20
	// maxListBytes bounds the list of all accounts that a payer paid for, 560 bytes for the event of a delivery.
	maxListBytes = 64 << 20
	// maxAccounts is how many accounts a node tells of at once.
	maxAccounts = 100
	// maxErrorText is how many characters of an error are told. A node may answer with any text.
	maxErrorText = 300
)

// node is one RPC node.
type node struct {
	url     string
	name    string // the URL's host: the rest may hold an access key
	timeout time.Duration
	rpc     *rpc.Client
	lists   *rpc.Client // for answers of up to maxListBytes
	trail   *trail      // of events
}

func newNode(url, name string, config ReaderConfig) *node {
	client := func(maxBytes int64) *rpc.Client {
		opts := &jsonrpc.RPCClientOpts{HTTPClient: &http.Client{Transport: endpoints.Bound(config.Transport, maxBytes)}}
		return rpc.NewWithCustomRPCClient(jsonrpc.NewClientWithOpts(url, opts))
	}
	return &node{
		url: url, name: name, timeout: config.RequestTimeout,
		rpc: client(maxAnswerBytes), lists: client(maxListBytes), trail: newTrail(),
	}
}

// call has a request answered in time.
func (n *node) call(ctx context.Context, method string, do func(context.Context) error) error {
	within, cancel := context.WithTimeout(ctx, n.timeout)
	defer cancel()
	err := do(within)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case within.Err() != nil:
		return fmt.Errorf("%s: %s: no answer within %s", n.name, method, n.timeout)
	}
	return fmt.Errorf("%s: %s: %s", n.name, method, n.words(err))
}

// words says what went wrong in a line, without the URL, and no more than maxErrorText of it.
func (n *node) words(err error) string {
	var refusal *jsonrpc.RPCError
	if errors.As(err, &refusal) {
		return fmt.Sprintf("error %d: %.*s", refusal.Code, maxErrorText, refusal.Message)
	}
	return fmt.Sprintf("%.*s", maxErrorText, strings.ReplaceAll(err.Error(), n.url, n.name))
}

var errAnswer = errors.New("the answer lacks what was asked for")

// account is one that is there.
type account struct {
	Owner    solana.PublicKey `json:"owner"`
	Lamports uint64           `json:"lamports"`
	Data     []string         `json:"data"` // in base64, and the name of that
}

// bytes returns the account's data.
func (a account) bytes() ([]byte, error) {
	if len(a.Data) != 2 || a.Data[1] != string(solana.EncodingBase64) {
		return nil, fmt.Errorf("%w: data in base64", errAnswer)
	}
	return base64.StdEncoding.DecodeString(a.Data[0])
}

// of returns the data of an account that is a program's; nil for one that is not there, or another's.
func (a *account) of(owner solana.PublicKey) ([]byte, error) {
	if a == nil || a.Owner != owner {
		return nil, nil
	}
	return a.bytes()
}

// decoded reads an account of the program; nil stands for one that is not there, or not the program's.
func decoded[T any](p program.Program, a *account, decode func([]byte) (T, error)) (*T, error) {
	raw, err := a.of(p.ID)
	if err != nil || raw == nil {
		return nil, err
	}
	out, err := decode(raw)
	if err != nil {
		return nil, err
	}
	return &out, nil
}

// read reads up to maxAccounts accounts, all as of one block, of a slot or later; nil stands for one that is not there.
func (n *node) read(ctx context.Context, level rpc.CommitmentType, slot uint64, addresses ...solana.PublicKey) ([]*account, error) {
	var said struct {
		Value []*account `json:"value"`
	}
	options := rpc.M{"commitment": level, "encoding": solana.EncodingBase64, "minContextSlot": slot}
	err := n.call(ctx, "getMultipleAccounts", func(ctx context.Context) error {
		return n.rpc.RPCCallForInto(ctx, &said, "getMultipleAccounts", []any{addresses, options})
	})
	if err != nil {
		return nil, err
	}
	if len(said.Value) != len(addresses) {
		return nil, fmt.Errorf("%s: getMultipleAccounts: %d accounts, expected %d", n.name, len(said.Value), len(addresses))
	}
	return said.Value, nil
}

// accounts reads accounts of the program as read does; nil stands also for one that is not the program's.
func (n *node) accounts(
	ctx context.Context, p program.Program, level rpc.CommitmentType, slot uint64, addresses ...solana.PublicKey,
) ([][]byte, error) {
	found, err := n.read(ctx, level, slot, addresses...)
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(addresses))
	for i, a := range found {
		if out[i], err = a.of(p.ID); err != nil {
			return nil, fmt.Errorf("%s: getMultipleAccounts: account %s: %w", n.name, addresses[i], err)
		}
	}
	return out, nil
}

// blockhash returns a blockhash that has a good chance to last, and the last block height at which it is valid.
func (n *node) blockhash(ctx context.Context) (hash solana.Hash, lastValid uint64, err error) {
	err = n.call(ctx, "getLatestBlockhash", func(ctx context.Context) error {
		said, err := n.rpc.GetLatestBlockhash(ctx, rpc.CommitmentConfirmed)
		if err != nil {
			return err
		}
		if said == nil || said.Value == nil {
			return errAnswer
		}
		hash, lastValid = said.Value.Blockhash, said.Value.LastValidBlockHeight
		return nil
	})
	return hash, lastValid, err
}

// simulate returns how many compute units a transaction takes. It fails with what it would fail with.
func (n *node) simulate(ctx context.Context, tx *solana.Transaction) (units uint64, err error) {
	var result *rpc.SimulateTransactionResult
	err = n.call(ctx, "simulateTransaction", func(ctx context.Context) error {
		said, err := n.rpc.SimulateTransactionWithOpts(ctx, tx, &rpc.SimulateTransactionOpts{Commitment: rpc.CommitmentConfirmed})
		if err != nil {
			return err
		}
		if said == nil || said.Value == nil || (said.Value.Err == nil && said.Value.UnitsConsumed == nil) {
			return errAnswer
		}
		result = said.Value
		return nil
	})
	if err != nil {
		return 0, err
	}
	if result.Err != nil {
		return 0, refusal(result.Err)
	}
	return *result.UnitsConsumed, nil
}

// send hands a transaction over; that the node takes it says nothing of its fate.
func (n *node) send(ctx context.Context, tx *solana.Transaction) error {
	none := uint(0) // retries by the node: the client sends again itself
	return n.call(ctx, "sendTransaction", func(ctx context.Context) error {
		_, err := n.rpc.SendTransactionWithOpts(ctx, tx, rpc.TransactionOpts{SkipPreflight: true, MaxRetries: &none})
		return err
	})
}

// statuses returns the block height at commitment confirmed, and then what became of transactions, nil for those in no block.
func (n *node) statuses(ctx context.Context, signatures []solana.Signature) (height uint64, out []*rpc.SignatureStatusesResult, err error) {
	err = n.call(ctx, "getBlockHeight", func(ctx context.Context) (err error) {
		height, err = n.rpc.GetBlockHeight(ctx, rpc.CommitmentConfirmed)
		return err
	})
	if err != nil {
		return 0, nil, err
	}
	err = n.call(ctx, "getSignatureStatuses", func(ctx context.Context) error {
		said, err := n.rpc.GetSignatureStatuses(ctx, false, signatures...)
		if err != nil {
			return err
		}
		if len(said.Value) != len(signatures) {
			return errAnswer
		}
		out = said.Value
		return nil
	})
	return height, out, err
}
