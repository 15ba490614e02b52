package chain

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/client"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
)

// errNoAnswer reports a node that answered without content.
var errNoAnswer = errors.New("the node gave an empty answer")

// TxResult tells what became of a transaction that succeeded.
type TxResult struct {
	// Hash is the transaction's hash in upper-case hexadecimal.
	Hash string
	// Height is the block that holds it.
	Height int64
	// GasUsed is what it cost in gas.
	GasUsed int64
	// responses are those of the messages, in their order.
	responses []*codectypes.Any
}

// Response decodes the answer to the i-th message into response, a pointer to its type.
func (r *TxResult) Response(i int, response proto.Message) error {
	if i < 0 || i >= len(r.responses) {
		return fmt.Errorf("transaction %s has no response %d", r.Hash, i)
	}
	if got, want := r.responses[i].TypeUrl, "/"+proto.MessageName(response); got != want {
		return fmt.Errorf("response %d of transaction %s is a %s, want %s", i, r.Hash, got, want)
	}
	if err := proto.Unmarshal(r.responses[i].Value, response); err != nil {
		return fmt.Errorf("failed to decode response %d of transaction %s: %w", i, r.Hash, err)
	}
	return nil
}

// Tx returns the result of a transaction that is in a block. It fails with ErrNotFound when it is in none, and with a TxError
// when it failed there.
func (c *Client) Tx(ctx context.Context, hash string) (*TxResult, error) {
	answer, err := txtypes.NewServiceClient(c).GetTx(ctx, &txtypes.GetTxRequest{Hash: hash})
	if err != nil {
		return nil, queryError("transaction "+hash, err)
	}
	response := answer.GetTxResponse()
	if response == nil {
		return nil, fmt.Errorf("failed to query transaction %s: %w", hash, errNoAnswer)
	}
	if response.Code != 0 {
		return nil, txError(response)
	}
	data, err := hex.DecodeString(response.Data)
	if err != nil {
		return nil, fmt.Errorf("failed to decode the result of transaction %s: %w", hash, err)
	}
	var result sdk.TxMsgData
	if err := proto.Unmarshal(data, &result); err != nil {
		return nil, fmt.Errorf("failed to decode the result of transaction %s: %w", hash, err)
	}
	return &TxResult{Hash: response.TxHash, Height: response.Height, GasUsed: response.GasUsed, responses: result.MsgResponses}, nil
}

// Wait waits until a transaction is in a block. It fails with a TxError when it failed there, and with ErrNotIncluded after
// Config.InclusionTimeout or when ctx is done first. Nodes that do not answer meanwhile are asked again.
func (c *Client) Wait(ctx context.Context, hash string) (*TxResult, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.InclusionTimeout)
	defer cancel()
	ticker := time.NewTicker(c.cfg.PollInterval)
	defer ticker.Stop()
	for {
		result, err := c.Tx(ctx, hash)
		if err == nil || errors.Is(err, ErrRejected) {
			return result, err
		}
		if ctx.Err() == nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrUnreachable) && !notYet(err) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %s: %w", ErrNotIncluded, hash, ctx.Err())
		case <-ticker.C:
		}
	}
}

// notYet tells whether a node's answer about a transaction may change by itself: it is behind, or still starting.
func notYet(err error) bool {
	switch status.Code(errors.Unwrap(err)) {
	case codes.Unknown, codes.Internal, codes.ResourceExhausted, codes.Aborted:
		return true
	default:
		return false
	}
}

func txError(response *sdk.TxResponse) *TxError {
	return &TxError{
		Codespace: response.Codespace, Code: response.Code, Log: response.RawLog,
		Hash: response.TxHash, Height: response.Height,
	}
}

// signingAccount is what a signature binds besides the transaction.
type signingAccount struct {
	chainID, address string
	number, sequence uint64
	public           cryptotypes.PubKey
}

// draft lays out a transaction that wants one signature.
func (c *Client) draft(account signingAccount, msgs []sdk.Msg, gas uint64) (client.TxBuilder, error) {
	builder := c.encoding.TxConfig.NewTxBuilder()
	if err := builder.SetMsgs(msgs...); err != nil {
		return nil, fmt.Errorf("failed to build transaction: %w", err)
	}
	builder.SetGasLimit(gas)
	fee := c.gasPrice.Amount.MulInt64(int64(gas)).Ceil().RoundInt()
	if fee.IsPositive() {
		builder.SetFeeAmount(sdk.NewCoins(sdk.NewCoin(c.gasPrice.Denom, fee)))
	}
	if err := builder.SetSignatures(signatureOf(account, nil)); err != nil {
		return nil, fmt.Errorf("failed to build transaction: %w", err)
	}
	return builder, nil
}

// unsigned encodes a transaction with an empty signature, for simulation.
func (c *Client) unsigned(account signingAccount, msgs []sdk.Msg, gas uint64) ([]byte, error) {
	builder, err := c.draft(account, msgs, gas)
	if err != nil {
		return nil, err
	}
	tx, err := c.encoding.TxConfig.TxEncoder()(builder.GetTx())
	if err != nil {
		return nil, fmt.Errorf("failed to encode transaction: %w", err)
	}
	return tx, nil
}

// build encodes a signed transaction.
func (s *Signer) build(ctx context.Context, account signingAccount, msgs []sdk.Msg, gas uint64) ([]byte, error) {
	builder, err := s.client.draft(account, msgs, gas)
	if err != nil {
		return nil, err
	}
	txConfig := s.client.encoding.TxConfig
	data := authsigning.SignerData{
		Address: account.address, ChainID: account.chainID, AccountNumber: account.number, Sequence: account.sequence, PubKey: account.public,
	}
	message, err := authsigning.GetSignBytesAdapter(
		ctx, txConfig.SignModeHandler(), signing.SignMode_SIGN_MODE_DIRECT, data, builder.GetTx())
	if err != nil {
		return nil, fmt.Errorf("failed to make the bytes to sign: %w", err)
	}
	signature, err := s.keys.Sign(s.name, message)
	if err != nil {
		return nil, err
	}
	if err := builder.SetSignatures(signatureOf(account, signature)); err != nil {
		return nil, fmt.Errorf("failed to sign transaction: %w", err)
	}
	tx, err := txConfig.TxEncoder()(builder.GetTx())
	if err != nil {
		return nil, fmt.Errorf("failed to encode transaction: %w", err)
	}
	return tx, nil
}

func signatureOf(account signingAccount, signature []byte) signing.SignatureV2 {
	return signing.SignatureV2{
		PubKey:   account.public,
		Data:     &signing.SingleSignatureData{SignMode: signing.SignMode_SIGN_MODE_DIRECT, Signature: signature},
		Sequence: account.sequence,
	}
}
