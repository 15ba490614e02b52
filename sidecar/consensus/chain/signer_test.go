package chain_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

func TestSubmitReturnsWhatTheChainAnswered(t *testing.T) {
	f, ctx := newFixture(t), testContext(t)
	result, err := f.signer.Submit(ctx, f.send(t, 1), &markettypes.MsgSettle{Sender: f.signer.Address(), DealIds: nil})
	var refused *chain.TxError
	require.ErrorAs(t, err, &refused, "settling no deals is refused, and the transfer with it")
	require.Nil(t, result)

	result, err = f.signer.Submit(ctx, f.send(t, 1))
	require.NoError(t, err)
	require.Positive(t, result.Height)
	require.Positive(t, result.GasUsed)
	require.Len(t, result.Hash, 64)
	var settled markettypes.MsgSettleResponse
	require.ErrorContains(t, result.Response(0, &settled), "MsgSendResponse")
	require.Error(t, result.Response(1, &settled))

	balance, err := f.client.Balance(ctx, f.signer.Address())
	require.NoError(t, err)
	require.Equal(t, sdkmath.NewInt(funds-1), balance)
}

func TestTransactionsOfManyGoroutinesAllGetIn(t *testing.T) {
	f, ctx := newFixture(t), testContext(t)
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for range 8 {
		wg.Go(func() {
			_, err := f.signer.Submit(ctx, f.send(t, 1))
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	_, sequence, err := f.client.Account(ctx, f.signer.Address())
	require.NoError(t, err)
	require.EqualValues(t, 8, sequence)
}

func TestASecondProgramWithTheSameKeyIsNoticed(t *testing.T) {
	f, ctx := newFixture(t), testContext(t)
	_, err := f.signer.Submit(ctx, f.send(t, 1))
	require.NoError(t, err)
	other, err := chain.NewSigner(f.client, f.keys, "alice")
	require.NoError(t, err)
	for range 2 {
		_, err = other.Submit(ctx, f.send(t, 1))
		require.NoError(t, err)
		_, err = f.signer.Submit(ctx, f.send(t, 1))
		require.NoError(t, err)
	}
}

func TestTransactionsInTheMempoolCountForTheSequence(t *testing.T) {
	f, ctx := newFixture(t), testContext(t)
	f.chain.HoldTxs(true)
	first, err := f.signer.Broadcast(ctx, f.send(t, 1))
	require.NoError(t, err)
	other, err := chain.NewSigner(f.client, f.keys, "alice") // reads the committed sequence, which is behind
	require.NoError(t, err)
	second, err := other.Broadcast(ctx, f.send(t, 2))
	require.NoError(t, err)
	f.chain.Block(time.Second)
	for _, hash := range []string{first, second} {
		_, err := f.client.Wait(ctx, hash)
		require.NoError(t, err)
	}
}

func TestRefusedTransactionsSayWhy(t *testing.T) {
	f, ctx := newFixture(t), testContext(t)
	_, err := f.signer.Submit(ctx, f.send(t, 2*funds))
	require.ErrorIs(t, err, chain.ErrRejected)
	require.ErrorIs(t, err, chain.ErrInsufficientFunds)
	var refused *chain.TxError
	require.ErrorAs(t, err, &refused)
	require.Contains(t, refused.Log, "insufficient funds")

	// A refusal does not use up a sequence number.
	_, err = f.signer.Submit(ctx, f.send(t, 1))
	require.NoError(t, err)
}

func TestATransactionThatFailsInItsBlockIsReported(t *testing.T) {
	f, ctx := newFixture(t), testContext(t)
	f.chain.HoldTxs(true)
	first, err := f.signer.Broadcast(ctx, f.send(t, funds))
	require.NoError(t, err)
	second, err := f.signer.Broadcast(ctx, f.send(t, funds)) // each can be paid for as long as the other is not
	require.NoError(t, err)
	f.chain.Block(time.Second)
	_, err = f.signer.Wait(ctx, first)
	require.NoError(t, err)
	_, err = f.signer.Wait(ctx, second)
	var refused *chain.TxError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, second, refused.Hash)
	require.Positive(t, refused.Height)
	require.ErrorIs(t, err, chain.ErrInsufficientFunds)
}

func TestAnAccountWithoutFundsIsTold(t *testing.T) {
	f, ctx := newFixture(t), testContext(t)
	_, _, err := f.keys.NewKey("bob")
	require.NoError(t, err)
	bob, err := chain.NewSigner(f.client, f.keys, "bob")
	require.NoError(t, err)
	_, err = bob.Submit(ctx, f.send(t, 1))
	require.ErrorIs(t, err, chain.ErrNoAccount)
	require.ErrorContains(t, err, bob.Address())
}

func TestATransactionThatIsNeverIncludedIsGivenUp(t *testing.T) {
	f := newFixture(t)
	f.chain.HoldTxs(true)
	hash, err := f.signer.Broadcast(testContext(t), f.send(t, 1))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = f.signer.Wait(ctx, hash)
	require.ErrorIs(t, err, chain.ErrNotIncluded)
	require.ErrorContains(t, err, hash)

	// The next one asks for the sequence number again, and finds that the first is still on its way.
	f.chain.HoldTxs(false)
	_, err = f.signer.Submit(testContext(t), f.send(t, 1))
	require.NoError(t, err)
	_, err = f.client.Wait(testContext(t), hash)
	require.NoError(t, err)
}
