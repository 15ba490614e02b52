package chain

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"

	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	"google.golang.org/grpc/status"
)

// Error codes of the SDK that a signer handles itself or gives a name.
const (
	sdkCodespace          = sdkerrors.RootCodespace
	codeInsufficientFunds = 5
	codeInMempool         = 19
	codeWrongSequence     = 32
)

// maxSequenceTries bounds how often a transaction is signed again after a wrong sequence number.
const maxSequenceTries = 4

// Signer signs and sends the transactions of one account. It may be used concurrently: transactions get their sequence numbers
// in the order of the calls. Another program that signs for the same account is noticed, and the number taken up again.
type Signer struct {
	client  *Client
	keys    *Keyring
	name    string
	address string
	public  cryptotypes.PubKey

	mu       sync.Mutex
	known    bool   // guarded by mu: number and sequence are set
	number   uint64 // guarded by mu
	sequence uint64 // guarded by mu: of the next transaction
}

// NewSigner makes a signer for a key. It does not ask the chain. It fails with ErrNoKey.
func NewSigner(client *Client, keys *Keyring, name string) (*Signer, error) {
	record, err := keys.record(name)
	if err != nil {
		return nil, err
	}
	public, err := record.GetPubKey()
	if err != nil {
		return nil, fmt.Errorf("failed to read key %q: %w", name, err)
	}
	address, err := FormatAddress(public.Address())
	if err != nil {
		return nil, err
	}
	return &Signer{client: client, keys: keys, name: name, address: address, public: public}, nil
}

// Address returns the account's address in text form.
func (s *Signer) Address() string { return s.address }

// Submit sends the messages in one transaction and waits until it is in a block. It fails as Broadcast and Client.Wait do.
func (s *Signer) Submit(ctx context.Context, msgs ...sdk.Msg) (*TxResult, error) {
	hash, err := s.Broadcast(ctx, msgs...)
	if err != nil {
		return nil, err
	}
	return s.Wait(ctx, hash)
}

// Broadcast sends the messages in one transaction to a node, which checks it and passes it on, and returns its hash. It fails
// with a TxError when the chain refuses it, with ErrNoAccount, or with an UnreachableError; then nothing was sent, except that
// after an UnreachableError a node may have got it without answering.
func (s *Signer) Broadcast(ctx context.Context, msgs ...sdk.Msg) (hash string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for try := 1; ; try++ {
		if err := s.load(ctx); err != nil {
			return "", err
		}
		hash, err = s.send(ctx, msgs)
		if err == nil {
			s.sequence++
			return hash, nil
		}
		var wrong *sequenceError
		if !errors.As(err, &wrong) || try == maxSequenceTries {
			s.known = false
			return "", err
		}
		if wrong.expected != nil && *wrong.expected != s.sequence {
			s.sequence = *wrong.expected
		} else {
			s.known = false
		}
	}
}

// Wait waits until a transaction of this signer is in a block, as Client.Wait does. When it gives up, the next transaction asks
// the chain again which sequence number it is to have.
func (s *Signer) Wait(ctx context.Context, hash string) (*TxResult, error) {
	result, err := s.client.Wait(ctx, hash)
	if errors.Is(err, ErrNotIncluded) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.known = false
	}
	return result, err
}

// load learns the account's number and sequence. The caller holds mu.
func (s *Signer) load(ctx context.Context) error {
	if s.known {
		return nil
	}
	number, sequence, err := s.client.Account(ctx, s.address)
	if err != nil {
		return err
	}
	s.number, s.sequence, s.known = number, sequence, true
	return nil
}

// send simulates, signs and broadcasts. The caller holds mu.
func (s *Signer) send(ctx context.Context, msgs []sdk.Msg) (hash string, err error) {
	chainID, err := s.client.ChainID(ctx)
	if err != nil {
		return "", err
	}
	account := signingAccount{chainID: chainID, address: s.address, number: s.number, sequence: s.sequence, public: s.public}
	gas, err := s.estimate(ctx, account, msgs)
	if err != nil {
		return "", err
	}
	tx, err := s.build(ctx, account, msgs, gas)
	if err != nil {
		return "", err
	}
	answer, err := txtypes.NewServiceClient(s.client).BroadcastTx(ctx, &txtypes.BroadcastTxRequest{
		TxBytes: tx, Mode: txtypes.BroadcastMode_BROADCAST_MODE_SYNC,
	})
	if err != nil {
		return "", fmt.Errorf("failed to broadcast transaction: %w", err)
	}
	response := answer.GetTxResponse()
	if response == nil {
		return "", fmt.Errorf("failed to broadcast transaction: %w", errNoAnswer)
	}
	switch {
	case response.Code == 0, response.Codespace == sdkCodespace && response.Code == codeInMempool:
		return response.TxHash, nil
	case response.Codespace == sdkCodespace && response.Code == codeWrongSequence:
		// A node that did not answer in time may have taken it all the same.
		if _, err := s.client.Tx(ctx, response.TxHash); err == nil {
			return response.TxHash, nil
		}
		return "", &sequenceError{expected: expectedSequence(response.RawLog), err: txError(response)}
	default:
		return "", txError(response)
	}
}

// estimate returns the gas that a transaction may use.
func (s *Signer) estimate(ctx context.Context, account signingAccount, msgs []sdk.Msg) (uint64, error) {
	tx, err := s.client.unsigned(account, msgs, 0)
	if err != nil {
		return 0, err
	}
	answer, err := txtypes.NewServiceClient(s.client).Simulate(ctx, &txtypes.SimulateRequest{TxBytes: tx})
	if err != nil {
		if errors.Is(err, ErrUnreachable) || ctx.Err() != nil {
			return 0, fmt.Errorf("failed to estimate gas: %w", err)
		}
		// After the first line comes the node's stack, if it has one to tell.
		log, _, _ := strings.Cut(status.Convert(err).Message(), "\n")
		refused := &TxError{Log: log}
		if strings.Contains(log, sequenceMismatch) {
			return 0, &sequenceError{expected: expectedSequence(log), err: refused}
		}
		return 0, refused
	}
	used := float64(answer.GetGasInfo().GetGasUsed()) * s.client.cfg.GasAdjustment
	if used >= math.MaxInt64 {
		return 0, fmt.Errorf("failed to estimate gas: %v is absurd", used)
	}
	return max(uint64(used), s.client.cfg.MinGas), nil
}

const sequenceMismatch = "account sequence mismatch"

var expectedPattern = regexp.MustCompile(sequenceMismatch + `, expected (\d{1,19})`)

// expectedSequence finds the sequence number that the chain asks for in its explanation.
func expectedSequence(log string) *uint64 {
	match := expectedPattern.FindStringSubmatch(log)
	if match == nil {
		return nil
	}
	expected, err := strconv.ParseUint(match[1], 10, 64)
	if err != nil {
		return nil
	}
	return &expected
}

// sequenceError reports a wrong sequence number.
type sequenceError struct {
	expected *uint64 // what the chain asks for, if it said
	err      *TxError
}

func (e *sequenceError) Error() string { return e.err.Error() }
func (e *sequenceError) Unwrap() error { return e.err }
