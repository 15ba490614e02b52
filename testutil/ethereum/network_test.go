package ethereum

import (
	"context"
	"encoding/json"
	"math/big"
	"net/http"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/rpc"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/testutil/faultproxy"
)

const testTimeout = 2 * time.Minute

var (
	latest    = big.NewInt(int64(rpc.LatestBlockNumber))
	finalized = big.NewInt(int64(rpc.FinalizedBlockNumber))
)

type fixture struct {
	*Network
	ctx    context.Context
	client *ethclient.Client
}

func start(t *testing.T, options Options) *fixture {
	SkipWithoutNode(t)
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	t.Cleanup(cancel)
	network, err := Start(ctx, options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, network.Close()) })
	return &fixture{network, ctx, dial(t, network.URL())}
}

func dial(t *testing.T, url string) *ethclient.Client {
	t.Helper()
	client, err := ethclient.Dial(url)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return client
}

func (f *fixture) mine(t *testing.T, blocks int) {
	t.Helper()
	require.NoError(t, f.Mine(f.ctx, blocks))
}

// send sends one wei from one account to another.
func (f *fixture) send(t *testing.T, client *ethclient.Client, from, to *Account) *types.Transaction {
	t.Helper()
	nonce, err := f.client.PendingNonceAt(f.ctx, from.Address)
	require.NoError(t, err)
	transaction, err := types.SignNewTx(from.Key, types.LatestSignerForChainID(f.ChainID()), &types.DynamicFeeTx{
		ChainID:   f.ChainID(),
		Nonce:     nonce,
		GasTipCap: big.NewInt(1e9),
		GasFeeCap: big.NewInt(1e11),
		Gas:       21_000,
		To:        &to.Address,
		Value:     big.NewInt(1),
	})
	require.NoError(t, err)
	require.NoError(t, client.SendTransaction(f.ctx, transaction))
	return transaction
}

func (f *fixture) height(t *testing.T, tag *big.Int) int {
	t.Helper()
	header, err := f.client.HeaderByNumber(f.ctx, tag)
	require.NoError(t, err)
	return int(header.Number.Int64())
}

func (f *fixture) balance(t *testing.T, of *Account, at *big.Int) string {
	t.Helper()
	balance, err := f.client.BalanceAt(f.ctx, of.Address, at)
	require.NoError(t, err)
	return balance.String()
}

func TestATransferIsMinedAndFinalized(t *testing.T) {
	f := start(t, Options{Balance: big.NewInt(1e18)})
	id, err := f.client.ChainID(f.ctx)
	require.NoError(t, err)
	require.Equal(t, f.ChainID(), id)
	transaction := f.send(t, f.client, f.Account(0), f.Account(1))
	_, err = f.client.TransactionReceipt(f.ctx, transaction.Hash())
	require.ErrorIs(t, err, ethereum.NotFound, "a transaction waits for the next block")

	f.mine(t, 1)
	receipt, err := f.client.TransactionReceipt(f.ctx, transaction.Hash())
	require.NoError(t, err)
	require.Equal(t, types.ReceiptStatusSuccessful, receipt.Status)
	require.Equal(t, "1000000000000000001", f.balance(t, f.Account(1), latest))
	require.Equal(t, "1000000000000000000", f.balance(t, f.Account(1), finalized))
	require.NoError(t, f.Finalize(f.ctx))
	require.Equal(t, f.height(t, latest)-f.FinalityDepth(), f.height(t, finalized))
	require.Equal(t, "1000000000000000001", f.balance(t, f.Account(1), finalized))
}

func TestAReorgTakesBlocksBackUpToTheFinalizedOne(t *testing.T) {
	f := start(t, Options{})
	f.mine(t, 10)
	transaction := f.send(t, f.client, f.Account(0), f.Account(1))
	f.mine(t, 2)
	before, err := f.client.HeaderByNumber(f.ctx, nil)
	require.NoError(t, err)

	require.NoError(t, f.Reorg(f.ctx, 2))
	after, err := f.client.HeaderByNumber(f.ctx, nil)
	require.NoError(t, err)
	require.Equal(t, before.Number, after.Number)
	require.NotEqual(t, before.Hash(), after.Hash())
	_, err = f.client.TransactionReceipt(f.ctx, transaction.Hash())
	require.ErrorIs(t, err, ethereum.NotFound)
	nonce, err := f.client.NonceAt(f.ctx, f.Account(0).Address, nil)
	require.NoError(t, err)
	require.Zero(t, nonce)

	require.ErrorContains(t, f.Reorg(f.ctx, f.FinalityDepth()+1), "only the latest 4 are not finalized")
	require.NoError(t, f.client.SendTransaction(f.ctx, transaction), "what was taken back may be sent again")
	f.mine(t, 1)
	_, err = f.client.TransactionReceipt(f.ctx, transaction.Hash())
	require.NoError(t, err)
}

func TestTimeAndBalancesAreSet(t *testing.T) {
	f := start(t, Options{})
	to := time.Unix(4_000_000_000, 0)
	require.NoError(t, f.SetTime(f.ctx, to))
	header, err := f.client.HeaderByNumber(f.ctx, nil)
	require.NoError(t, err)
	require.EqualValues(t, to.Unix(), header.Time)
	require.ErrorContains(t, f.SetTime(f.ctx, to.Add(-time.Hour)), "lower than previous block's timestamp")
	require.NoError(t, f.SetBalance(f.ctx, f.Account(2).Address, big.NewInt(5)))
	require.Equal(t, "5", f.balance(t, f.Account(2), latest))
}

func TestADroppedTransactionIsNotMined(t *testing.T) {
	f := start(t, Options{})
	transaction := f.send(t, f.client, f.Account(0), f.Account(1))
	require.NoError(t, f.DropTransaction(f.ctx, transaction.Hash()))
	require.ErrorContains(t, f.DropTransaction(f.ctx, transaction.Hash()), "does not wait")
	f.mine(t, 1)
	_, err := f.client.TransactionReceipt(f.ctx, transaction.Hash())
	require.ErrorIs(t, err, ethereum.NotFound)
}

func TestBlocksComeByThemselves(t *testing.T) {
	f := start(t, Options{BlockTime: time.Second})
	heads := make(chan *types.Header)
	subscription, err := dial(t, f.WebSocketURL()).SubscribeNewHead(f.ctx, heads)
	require.NoError(t, err)
	defer subscription.Unsubscribe()
	select {
	case head := <-heads:
		require.Positive(t, head.Number.Int64())
	case <-f.ctx.Done():
		t.Fatal("no block came")
	}
	require.NoError(t, f.StopMining(f.ctx))
	require.ErrorContains(t, f.StartMining(f.ctx, time.Millisecond), "a second or more expected")
}

func TestCloseEndsTheProcess(t *testing.T) {
	f := start(t, Options{})
	require.NoError(t, f.Close())
	<-f.Done()
	_, err := f.client.BlockNumber(f.ctx)
	require.Error(t, err)
}

func TestANodeThatLagsShowsThePast(t *testing.T) {
	f := start(t, Options{Balance: big.NewInt(1e18)})
	proxy, err := faultproxy.Start(f.URL())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, proxy.Close()) })
	client := dial(t, proxy.URL())
	f.mine(t, 10)
	transaction := f.send(t, client, f.Account(0), f.Account(1))
	f.mine(t, 1)
	receipt, err := client.TransactionReceipt(f.ctx, transaction.Hash())
	require.NoError(t, err)

	proxy.Add(faultproxy.Rule{Fault: faultproxy.Lag(3)})
	head, err := client.BlockNumber(f.ctx)
	require.NoError(t, err)
	require.EqualValues(t, 8, head)
	for tag, expected := range map[*big.Int]int64{latest: 8, finalized: 4} {
		header, err := client.HeaderByNumber(f.ctx, tag)
		require.NoError(t, err)
		require.Equal(t, expected, header.Number.Int64())
	}
	_, err = client.HeaderByNumber(f.ctx, big.NewInt(9))
	require.ErrorIs(t, err, ethereum.NotFound)
	_, err = client.TransactionReceipt(f.ctx, transaction.Hash())
	require.ErrorIs(t, err, ethereum.NotFound)
	_, err = client.HeaderByHash(f.ctx, receipt.BlockHash)
	require.ErrorIs(t, err, ethereum.NotFound)
	balance, err := client.BalanceAt(f.ctx, f.Account(1).Address, nil)
	require.NoError(t, err)
	require.Equal(t, "1000000000000000000", balance.String())
	_, err = client.FilterLogs(f.ctx, ethereum.FilterQuery{FromBlock: big.NewInt(9)})
	require.NoError(t, err)

	f.mine(t, 3)
	_, err = client.TransactionReceipt(f.ctx, transaction.Hash())
	require.NoError(t, err)
	require.Equal(t, 3, proxy.Calls("eth_getTransactionReceipt"))
}

func TestANodeThatLosesAndRefuses(t *testing.T) {
	f := start(t, Options{})
	proxy, err := faultproxy.Start(f.URL())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, proxy.Close()) })
	client := dial(t, proxy.URL())
	proxy.Add(faultproxy.Rule{
		Methods: []string{"eth_sendRawTransaction"},
		Count:   1,
		Fault:   faultproxy.Swallow(func(json.RawMessage) (any, error) { return common.Hash{}, nil }),
	})
	transaction := f.send(t, client, f.Account(0), f.Account(1))
	f.mine(t, 1)
	_, err = client.TransactionReceipt(f.ctx, transaction.Hash())
	require.ErrorIs(t, err, ethereum.NotFound, "acknowledged and lost")
	require.NoError(t, client.SendTransaction(f.ctx, transaction))
	f.mine(t, 1)
	_, err = client.TransactionReceipt(f.ctx, transaction.Hash())
	require.NoError(t, err)

	proxy.Add(faultproxy.Rule{Count: 1, Fault: faultproxy.Status(http.StatusTooManyRequests)})
	_, err = client.BlockNumber(f.ctx)
	refusal := new(rpc.HTTPError)
	require.ErrorAs(t, err, refusal)
	require.Equal(t, http.StatusTooManyRequests, refusal.StatusCode)
}
