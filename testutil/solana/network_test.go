package solana

import (
	"context"
	"testing"
	"time"

	solanago "github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/gagliardetto/solana-go/rpc/jsonrpc"
	"github.com/stretchr/testify/require"
)

func TestATransferReachesOneLevelAfterTheOther(t *testing.T) {
	f := start(t, Options{})
	to := newAddress(t)
	signature := f.send(t, f.transfer(t, to, sol))
	require.Nil(t, f.status(t, signature), "a transaction waits for the next block")

	for _, step := range []struct {
		blocks                          int
		level                           rpc.ConfirmationStatusType
		processed, confirmed, finalized uint64
	}{
		{1, rpc.ConfirmationStatusProcessed, sol, 0, 0},
		{2, rpc.ConfirmationStatusConfirmed, sol, sol, 0},
		{4, rpc.ConfirmationStatusFinalized, sol, sol, sol},
	} {
		f.advance(t, step.blocks)
		require.Equal(t, step.level, f.status(t, signature).ConfirmationStatus)
		require.Equal(t, step.processed, f.balance(t, to, rpc.CommitmentProcessed), step.level)
		require.Equal(t, step.confirmed, f.balance(t, to, rpc.CommitmentConfirmed), step.level)
		require.Equal(t, step.finalized, f.balance(t, to, rpc.CommitmentFinalized), step.level)
	}

	found, err := f.client.GetTransaction(f.ctx, signature, &rpc.GetTransactionOpts{Encoding: solanago.EncodingBase64})
	require.NoError(t, err)
	require.EqualValues(t, fee, found.Meta.Fee)
	require.Nil(t, found.Meta.Err)
	require.NotZero(t, *found.Meta.ComputeUnitsConsumed)
	sent, err := found.Transaction.GetTransaction()
	require.NoError(t, err)
	require.Equal(t, signature, sent.Signatures[0])

	account, err := f.client.GetAccountInfo(f.ctx, to)
	require.NoError(t, err)
	require.EqualValues(t, sol, account.Value.Lamports)
	require.Equal(t, solanago.SystemProgramID, account.Value.Owner)
	_, err = f.client.GetAccountInfo(f.ctx, newAddress(t))
	require.ErrorIs(t, err, rpc.ErrNotFound)
}

func TestAnExpiredTransactionIsRefused(t *testing.T) {
	f := start(t, Options{})
	latest, err := f.client.GetLatestBlockhash(f.ctx, rpc.CommitmentProcessed)
	require.NoError(t, err)
	transaction := f.transfer(t, newAddress(t), sol)
	require.Equal(t, latest.Value.Blockhash, transaction.Message.RecentBlockhash)

	f.advance(t, 150)
	height, err := f.client.GetBlockHeight(f.ctx, rpc.CommitmentProcessed)
	require.NoError(t, err)
	require.Equal(t, latest.Value.LastValidBlockHeight, height)
	valid, err := f.client.IsBlockhashValid(f.ctx, latest.Value.Blockhash, rpc.CommitmentProcessed)
	require.NoError(t, err)
	require.True(t, valid.Value)

	f.advance(t, 1)
	_, err = f.client.SendTransactionWithOpts(f.ctx, transaction, rpc.TransactionOpts{PreflightCommitment: rpc.CommitmentProcessed})
	refusal := requireRPCError(t, err, -32002)
	require.Equal(t, "Transaction simulation failed: Blockhash not found", refusal.Message)
	require.Equal(t, "BlockhashNotFound", refusal.Data.(map[string]any)["err"])

	signature, err := f.client.SendTransactionWithOpts(f.ctx, transaction, rpc.TransactionOpts{SkipPreflight: true})
	require.NoError(t, err)
	f.advance(t, 10)
	require.Nil(t, f.status(t, signature))
}

func TestADroppedTransactionLandsWhenItIsSentAgain(t *testing.T) {
	f := start(t, Options{})
	to := newAddress(t)
	transaction := f.transfer(t, to, sol)
	require.NoError(t, f.Node(0).DropTransactions(f.ctx, 1))
	signature := f.send(t, transaction)
	f.advance(t, 10)
	require.Nil(t, f.status(t, signature))

	require.Equal(t, signature, f.send(t, transaction))
	require.Equal(t, signature, f.send(t, transaction))
	f.advance(t, 7)
	require.Equal(t, rpc.ConfirmationStatusFinalized, f.status(t, signature).ConfirmationStatus)
	require.EqualValues(t, sol, f.balance(t, to, rpc.CommitmentFinalized), "twice sent, once done")
}

func TestARollbackBeforeFinality(t *testing.T) {
	f := start(t, Options{})
	to := newAddress(t)
	transaction := f.transfer(t, to, sol)
	signature := f.send(t, transaction)
	f.advance(t, 6)
	require.Equal(t, rpc.ConfirmationStatusConfirmed, f.status(t, signature).ConfirmationStatus)

	require.NoError(t, f.Rollback(f.ctx, 6))
	require.Nil(t, f.status(t, signature))
	require.Zero(t, f.balance(t, to, rpc.CommitmentProcessed))
	require.EqualValues(t, 100*sol, f.balance(t, f.payer.PublicKey(), rpc.CommitmentProcessed))
	_, err := f.client.GetTransaction(f.ctx, signature, &rpc.GetTransactionOpts{Commitment: rpc.CommitmentConfirmed})
	require.ErrorIs(t, err, rpc.ErrNotFound)

	require.Equal(t, signature, f.send(t, transaction))
	f.advance(t, 7)
	require.Equal(t, rpc.ConfirmationStatusFinalized, f.status(t, signature).ConfirmationStatus)
	require.ErrorContains(t, f.Rollback(f.ctx, 7), "only 6 are not finalized")
}

func TestNodesOfANetworkDiffer(t *testing.T) {
	f := start(t, Options{Nodes: 2})
	to := newAddress(t)
	honest := rpc.New(f.Node(1).URL())
	signature := f.send(t, f.transfer(t, to, sol))
	f.advance(t, 3)

	require.NoError(t, f.Node(0).Lag(f.ctx, 3))
	require.Zero(t, f.balance(t, to, rpc.CommitmentProcessed))
	require.Nil(t, f.status(t, signature))
	require.NoError(t, f.Node(0).ClearFaults(f.ctx))

	require.NoError(t, f.Node(0).ForgeAccount(f.ctx, to, &Account{Lamports: 7, Owner: solanago.TokenProgramID, Data: []byte("lie")}))
	forged, err := f.client.GetAccountInfo(f.ctx, to)
	require.NoError(t, err)
	require.Equal(t, "lie", string(forged.GetBinary()))
	require.NoError(t, f.Node(0).ForgeStatus(f.ctx, signature, nil))
	require.Nil(t, f.status(t, signature))
	truth, err := honest.GetSignatureStatuses(f.ctx, false, signature)
	require.NoError(t, err)
	require.Equal(t, rpc.ConfirmationStatusConfirmed, truth.Value[0].ConfirmationStatus)
	balance, err := honest.GetBalance(f.ctx, to, rpc.CommitmentConfirmed)
	require.NoError(t, err)
	require.EqualValues(t, sol, balance.Value)
}

func TestRepliesAreSpoiled(t *testing.T) {
	f := start(t, Options{})
	require.NoError(t, f.Node(0).RefuseRequests(f.ctx, 429, 1, "getSlot"))
	require.NoError(t, f.Node(0).RefuseRequests(f.ctx, 503, 1, "getBlockHeight"))
	_, err := f.client.GetSlot(f.ctx, rpc.CommitmentProcessed)
	requireRPCError(t, err, 429)
	_, err = f.client.GetBlockHeight(f.ctx, rpc.CommitmentProcessed)
	failure := new(jsonrpc.HTTPError)
	require.ErrorAs(t, err, &failure)
	require.Equal(t, 503, failure.Code)
	_, err = f.client.GetSlot(f.ctx, rpc.CommitmentProcessed)
	require.NoError(t, err)

	require.NoError(t, f.Node(0).HangRequests(f.ctx, 1))
	ctx, cancel := context.WithTimeout(f.ctx, 50*time.Millisecond)
	defer cancel()
	_, err = f.client.GetSlot(ctx, rpc.CommitmentProcessed)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestTimeIsThatOfTheClockSysvar(t *testing.T) {
	f := start(t, Options{})
	to := time.Unix(4_000_000_000, 0)
	require.NoError(t, f.SetTime(f.ctx, to))
	state, err := f.State(f.ctx)
	require.NoError(t, err)
	require.Equal(t, to.Unix(), state.Nodes[0].Processed.Time)
	f.advance(t, 10) // of 400 ms
	clock, err := f.client.GetAccountInfoWithOpts(f.ctx, solanago.SysVarClockPubkey, &rpc.GetAccountInfoOpts{Commitment: rpc.CommitmentProcessed})
	require.NoError(t, err)
	require.Equal(t, to.Unix()+4, int64(leUint64(clock.GetBinary()[32:])))
	require.ErrorContains(t, f.SetTime(f.ctx, to), "cannot go back")
}

func TestSkippedSlotsAreNoBlocks(t *testing.T) {
	f := start(t, Options{})
	before, err := f.client.GetEpochInfo(f.ctx, rpc.CommitmentProcessed)
	require.NoError(t, err)
	require.NoError(t, f.Skip(f.ctx, 9))
	f.advance(t, 1)
	after, err := f.client.GetEpochInfo(f.ctx, rpc.CommitmentProcessed)
	require.NoError(t, err)
	require.Equal(t, before.AbsoluteSlot+10, after.AbsoluteSlot)
	require.Equal(t, before.BlockHeight+1, after.BlockHeight)
	require.NotEqual(t, after.AbsoluteSlot, after.BlockHeight)
}

func TestAProgramThatIsRefusedStopsTheStart(t *testing.T) {
	SkipWithoutNode(t)
	_, err := Start(context.Background(), Options{Programs: map[solanago.PublicKey]string{newAddress(t): "doc.go"}})
	require.ErrorContains(t, err, "failed to start the Solana test network")
}

func TestCloseEndsTheProcess(t *testing.T) {
	f := start(t, Options{SlotTime: 10 * time.Millisecond})
	require.NoError(t, f.Close())
	<-f.Done()
	_, err := f.client.GetHealth(f.ctx)
	require.Error(t, err)
}

func requireRPCError(t *testing.T, err error, code int) *jsonrpc.RPCError {
	t.Helper()
	refusal := new(jsonrpc.RPCError)
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, code, refusal.Code)
	return refusal
}
