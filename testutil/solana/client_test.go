package solana

import (
	"context"
	"testing"
	"time"

	solanago "github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/gagliardetto/solana-go/rpc/ws"
	"github.com/stretchr/testify/require"
)

const (
	testTimeout = 2 * time.Minute
	sol         = 1_000_000_000 // lamports
	fee         = 5_000         // lamports, of one signature
)

// fixture is a network whose slots pass by command, with depths 2 and 6, and a key with money on it.
type fixture struct {
	*Network
	ctx    context.Context
	client *rpc.Client
	payer  solanago.PrivateKey
}

func start(t *testing.T, options Options) *fixture {
	SkipWithoutNode(t)
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	t.Cleanup(cancel)
	payer, err := solanago.NewRandomPrivateKey()
	require.NoError(t, err)
	options.Balances = map[solanago.PublicKey]uint64{payer.PublicKey(): 100 * sol}
	if options.SlotTime == 0 {
		options.Manual = true
	}
	options.ConfirmedDepth, options.FinalizedDepth = 2, 6
	network, err := Start(ctx, options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, network.Close()) })
	return &fixture{network, ctx, rpc.New(network.Node(0).URL()), payer}
}

func (f *fixture) advance(t *testing.T, slots int) {
	t.Helper()
	require.NoError(t, f.Advance(f.ctx, slots))
}

// transfer signs a transfer that is valid for the 150 blocks after the latest one.
func (f *fixture) transfer(t *testing.T, to solanago.PublicKey, lamports uint64) *solanago.Transaction {
	t.Helper()
	latest, err := f.client.GetLatestBlockhash(f.ctx, rpc.CommitmentProcessed)
	require.NoError(t, err)
	instruction := system.NewTransferInstruction(lamports, f.payer.PublicKey(), to).Build()
	transaction, err := solanago.NewTransaction([]solanago.Instruction{instruction}, latest.Value.Blockhash, solanago.TransactionPayer(f.payer.PublicKey()))
	require.NoError(t, err)
	_, err = transaction.Sign(func(key solanago.PublicKey) *solanago.PrivateKey { return &f.payer })
	require.NoError(t, err)
	return transaction
}

// send sends a transaction with a preflight on the latest block.
func (f *fixture) send(t *testing.T, transaction *solanago.Transaction) solanago.Signature {
	t.Helper()
	signature, err := f.client.SendTransactionWithOpts(f.ctx, transaction, rpc.TransactionOpts{PreflightCommitment: rpc.CommitmentProcessed})
	require.NoError(t, err)
	return signature
}

func (f *fixture) balance(t *testing.T, of solanago.PublicKey, level rpc.CommitmentType) uint64 {
	t.Helper()
	result, err := f.client.GetBalance(f.ctx, of, level)
	require.NoError(t, err)
	return result.Value
}

// status returns what a node says of a transaction, nil where it does not know it.
func (f *fixture) status(t *testing.T, signature solanago.Signature) *rpc.SignatureStatusesResult {
	t.Helper()
	result, err := f.client.GetSignatureStatuses(f.ctx, true, signature)
	require.NoError(t, err)
	require.Len(t, result.Value, 1)
	return result.Value[0]
}

func (f *fixture) subscribe(t *testing.T) *ws.Client {
	t.Helper()
	client, err := ws.Connect(f.ctx, f.Node(0).WebSocketURL())
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return client
}

func newAddress(t *testing.T) solanago.PublicKey {
	t.Helper()
	key, err := solanago.NewRandomPrivateKey()
	require.NoError(t, err)
	return key.PublicKey()
}
