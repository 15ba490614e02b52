package solana

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"sync"
	"testing"
	"time"

	solanago "github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/relayer"
	testnet "github.com/ipdm-network/ipdm/testutil/solana"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

const image = "ipdm_v3.so"

func TestOnceCatchesUpOverEpochs(t *testing.T) {
	f := start(t, 4, 1, image)
	f.chain.sign(1, 10, false)
	f.chain.sign(1, 20, true)
	f.chain.sign(2, 30, false)
	f.chain.sign(2, 40, true)
	f.chain.sign(3, 50, true)
	f.chain.sign(4, 60, false)
	newest := f.chain.sign(4, 70, false)
	client, tap := f.client(f.payer[0])
	r := relayer.New(f.chain)
	r.Add(client, relayer.DefaultRouteOptions(), slog.New(slog.DiscardHandler), relayer.NewMetrics(prometheus.NewRegistry()))
	handed, err := r.Once(f.ctx)
	require.NoError(t, err)
	require.Equal(t, 4, handed.Checkpoints, "the ends of three epochs, and the newest")
	sent, _ := tap.sent()
	require.Equal(t, 4, sent)
	f.requireHead(newest)
	f.requireTidy()
	status, err := r.Status(f.ctx)
	require.NoError(t, err)
	require.Equal(t, "up to date", status[0].State)
}

func TestRelayersRace(t *testing.T) {
	for name, payers := range map[string][2]int{"of two payers": {0, 1}, "of the same payer": {0, 0}} {
		t.Run(name, func(t *testing.T) {
			f := start(t, 67, 1, image)
			for epoch := range uint64(4) {
				checkpoint := f.chain.sign(epoch+1, 100*(epoch+1), true)
				errs := make([]error, len(payers))
				var racing sync.WaitGroup
				for i, payer := range payers {
					client, _ := f.client(f.payer[payer])
					racing.Go(func() { errs[i] = client.Submit(f.ctx, checkpoint) })
				}
				racing.Wait()
				require.NoError(t, errors.Join(errs...))
				f.requireHead(checkpoint)
				f.requireTidy()
			}
		})
	}
}

// A relayer ends after each of the transactions that a checkpoint takes, and another begins.
func TestCrashBetweenTransactions(t *testing.T) {
	f := start(t, 67, 1, image)
	const transactions = 9
	for n := range uint64(transactions) {
		checkpoint := f.chain.sign(n+1, 10*(n+1), true)
		ctx, cancel := context.WithCancel(f.ctx)
		crashing, tap := f.client(f.payer[0])
		tap.after = func(sent int) {
			if sent == int(n)+1 {
				cancel()
			}
		}
		require.ErrorIs(t, crashing.Submit(ctx, checkpoint), context.Canceled)
		requireNothingRuns(t, tap)
		sent, _ := tap.sent()
		require.Equal(t, int(n)+1, sent)
		require.Less(t, f.head().Height, checkpoint.Content.Height)

		client, tap := f.client(f.payer[0])
		require.NoError(t, client.Submit(f.ctx, checkpoint))
		again, _ := tap.sent()
		require.LessOrEqual(t, again, transactions-sent+1, "what was there is not sent again, but for what was not yet confirmed")
		f.requireHead(checkpoint)
		f.requireTidy()
	}
}

// requireNothingRuns requires that no goroutine of a call is left.
func requireNothingRuns(t *testing.T, tap *wireTap) {
	t.Helper()
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	require.NotContains(t, string(stacks), "solana.(*Client)")
	require.NotContains(t, string(stacks), "solana.(*Reader)")
	require.NotContains(t, string(stacks), "solana.(*node)")
	require.NotZero(t, tap.closed, "connections")
}

func TestReclaim(t *testing.T) {
	f := start(t, 67, 1, image)
	crash := func(checkpoint relayer.Checkpoint, after int) {
		ctx, cancel := context.WithCancel(f.ctx)
		client, tap := f.client(f.payer[0])
		tap.after = func(sent int) {
			if sent == after {
				cancel()
			}
		}
		require.ErrorIs(t, client.Submit(ctx, checkpoint), context.Canceled)
		require.NoError(t, f.Advance(f.ctx, 10))
	}
	crash(f.chain.sign(1, 10, true), 6) // a buffer and a session are left
	f.chain.sets[2] = newChain(t, 67).set(7)
	crash(f.chain.sign(1, 11, true), 1) // a buffer is
	f.chain.sets[2] = newChain(t, 3).set(8)
	other, _ := f.client(f.payer[1])
	require.NoError(t, other.Submit(f.ctx, f.chain.sign(1, 20, true)))

	client, _ := f.client(f.payer[0])
	f.requireReclaimed(client, Reclaimed{Sessions: 1, Buffers: 2})
}

// requireReclaimed requires that so much is reclaimed, that its lamports come back, and that nothing is left to reclaim.
func (f *fixture) requireReclaimed(c *Client, expected Reclaimed) {
	f.t.Helper()
	require.NoError(f.t, f.Advance(f.ctx, 10)) // until what was before is finalized
	for _, of := range []Reclaimed{expected, {}} {
		before := f.lamports(c.Payer())
		reclaimed, err := c.Reclaim(f.ctx, math.MaxUint64)
		require.NoError(f.t, err)
		if of != (Reclaimed{}) {
			fees := before + reclaimed.Lamports - f.lamports(c.Payer())
			require.Less(f.t, fees, uint64(20_000), "what came back, but for the fees of two transactions")
			of.Lamports = reclaimed.Lamports
		}
		require.Equal(f.t, of, reclaimed)
	}
}

func (f *fixture) lamports(of solanago.PublicKey) uint64 {
	f.t.Helper()
	balance, err := f.rpc().GetBalance(f.ctx, of, rpc.CommitmentConfirmed)
	require.NoError(f.t, err)
	return balance.Value
}

// Events are reclaimed when IPDM's time is past their retention, and calls that nobody reads 30 days after they were delivered.
func TestReclaimOfDeliveries(t *testing.T) {
	f := start(t, 4, 2, image)
	client, _ := f.client(f.payer[0])
	other, _ := f.client(f.payer[1])
	wallet := newKey(t).PublicKey()
	for range 15 {
		f.call(wallet, 3)
	}
	f.accept(client)
	for nonce := range uint64(14) {
		f.deliver(client, nonce)
	}
	f.deliver(other, 14)
	f.requireReclaimed(client, Reclaimed{})

	require.NoError(t, client.Submit(f.ctx, f.chain.sign(1, retained, false)))
	require.NoError(t, f.Advance(f.ctx, 10))
	reclaimed, err := client.Reclaim(f.ctx, 3)
	require.NoError(t, err)
	require.Equal(t, 3, reclaimed.Events, "IPDM still needs the others")
	f.requireReclaimed(client, Reclaimed{Events: 11})
	require.NoError(t, f.SetTime(f.ctx, f.now().Add(30*24*time.Hour+time.Minute)))
	f.requireReclaimed(client, Reclaimed{Calls: 14})
	require.NotNil(t, f.finalized(f.program().Mail(14)), "of the other")
	require.NotNil(t, f.finalized(f.program().DeliveryEvent(14)))

	require.NoError(t, f.Node(0).RefuseRequests(f.ctx, 403, 1, "getProgramAccounts"))
	f.requireReclaimed(other, Reclaimed{Calls: 1, Events: 1})
	for _, n := range f.Nodes() {
		require.NoError(t, n.RefuseRequests(f.ctx, 403, 1, "getProgramAccounts"))
	}
	_, err = client.Reclaim(f.ctx, math.MaxUint64)
	require.ErrorIs(t, err, ErrNoList)
	require.ErrorContains(t, err, client.nodes[1].name)
}

func TestDroppedTransactionsAreSentAgain(t *testing.T) {
	f := start(t, 67, 1, image)
	checkpoint := f.chain.sign(1, 10, true)
	client, tap := f.client(f.payer[0])
	tap.after = func(sent int) {
		if sent%2 == 1 {
			require.NoError(t, f.Node(0).DropTransactions(f.ctx, 1))
		}
	}
	require.NoError(t, client.Submit(f.ctx, checkpoint))
	sent, _ := tap.sent()
	require.Equal(t, 9, sent, "the same ones again")
	f.requireHead(checkpoint)
	f.requireTidy()
}

func TestRollback(t *testing.T) {
	f := start(t, 4, 1, image)
	for n := range uint64(5) { // slots after the one that took the transaction: in the third it is confirmed
		checkpoint := f.chain.sign(n+1, 10*(n+1), true)
		client, tap := f.client(f.payer[0])
		var requests int // since it was sent
		rolledBack := false
		tap.request = func(string) {
			sent, _ := tap.sent()
			if sent == 0 || rolledBack {
				return
			}
			if requests++; requests == int(n)+1 {
				require.NoError(t, f.Rollback(f.ctx, int(n)+1))
				rolledBack = true
			}
		}
		require.NoError(t, client.Submit(f.ctx, checkpoint))
		require.True(t, rolledBack)
		f.requireHead(checkpoint)
		f.requireTidy()
	}
}

func TestExpiredTransactionIsSignedAgain(t *testing.T) {
	f := start(t, 4, 1, image)
	checkpoint := f.chain.sign(1, 10, false)
	client, tap := f.client(f.payer[0])
	require.NoError(t, f.Node(0).DropTransactions(f.ctx, 10_000))
	var first, second uint64 // heights
	tap.after = func(sent int) {
		state, err := f.State(f.ctx)
		require.NoError(t, err)
		if sent == 1 {
			first = state.Nodes[0].Confirmed.Height
			return
		}
		second = state.Nodes[0].Confirmed.Height
		require.NoError(t, f.Node(0).ClearFaults(f.ctx))
	}
	require.NoError(t, client.Submit(f.ctx, checkpoint))
	sent, _ := tap.sent()
	require.Equal(t, 2, sent)
	require.Greater(t, second, first+145, "not before the first one's blockhash has expired")
	f.requireHead(checkpoint)
}

func TestNodeThatLags(t *testing.T) {
	for _, c := range []struct {
		name   string
		blocks int
		most   int // transactions
	}{
		{"a little", 20, 12},
		{"so far that its blockhashes have expired", 250, 16},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := start(t, 67, 3, image)
			require.NoError(t, f.Advance(f.ctx, 300))
			for i, lagging := range f.Nodes() {
				require.NoError(t, lagging.Lag(f.ctx, c.blocks))
				checkpoint := f.chain.sign(uint64(i+1), uint64(10*(i+1)), true)
				client, tap := f.client(f.payer[0])
				require.NoError(t, client.Submit(f.ctx, checkpoint))
				sent, _ := tap.sent()
				t.Logf("node %d lags: %d transactions", i, sent)
				f.requireSent(tap, 9, c.most)
				require.NoError(t, lagging.ClearFaults(f.ctx))
				f.requireHead(checkpoint)
				f.requireTidy()
			}
		})
	}
}

// forged returns the client's account with another head.
func (f *fixture) forged(epoch, height uint64, digest wire.Hash) *testnet.Account {
	account := f.shown(f.program().Client())
	data := account.Data
	const header, chain, number, root = 34, 32, 8, 32
	binary.BigEndian.PutUint64(data[header+chain:], epoch)
	binary.BigEndian.PutUint64(data[header+chain+number+root:], height)
	copy(data[header+chain+number+root+2*number:], digest[:])
	return account
}

// shown returns an account as nodes show it that tell the truth.
func (f *fixture) shown(address solanago.PublicKey) *testnet.Account {
	raw, err := f.rpc().GetAccountInfoWithOpts(f.ctx, address, &rpc.GetAccountInfoOpts{Commitment: rpc.CommitmentProcessed})
	require.NoError(f.t, err)
	return &testnet.Account{Lamports: raw.Value.Lamports, Owner: raw.Value.Owner, Data: raw.GetBinary()}
}

func TestNodeThatLies(t *testing.T) {
	type lie = func(f *fixture, c relayer.Checkpoint) *testnet.Account
	behind := func(f *fixture, _ relayer.Checkpoint) *testnet.Account { return f.forged(1, 0, wire.Hash{}) }
	for _, c := range []struct {
		name  string
		nodes int
		shows lie
	}{
		{"of two says it is accepted", 2, func(f *fixture, c relayer.Checkpoint) *testnet.Account { return f.forged(1, 10, c.Content.Digest()) }},
		{"of two is epochs ahead", 2, func(f *fixture, _ relayer.Checkpoint) *testnet.Account { return f.forged(1000, 1, wire.Hash{1}) }},
		{"of three is on a fork", 3, func(f *fixture, _ relayer.Checkpoint) *testnet.Account { return f.forged(2, 10, wire.Hash{1}) }},
		{"of three knows nothing", 3, behind},
		{"of three has no client", 3, func(*fixture, relayer.Checkpoint) *testnet.Account { return nil }},
		{"of three has another's client", 3, func(f *fixture, c relayer.Checkpoint) *testnet.Account {
			a := behind(f, c)
			a.Owner = solanago.SystemProgramID
			return a
		}},
		{"of three has a broken client", 3, func(f *fixture, c relayer.Checkpoint) *testnet.Account {
			a := behind(f, c)
			a.Data = a.Data[:100]
			return a
		}},
	} {
		t.Run("one "+c.name, func(t *testing.T) {
			f := start(t, 4, c.nodes, image)
			checkpoint := f.chain.sign(1, 10, true)
			require.NoError(t, f.Node(1).ForgeAccount(f.ctx, f.program().Client(), c.shows(f, checkpoint)))
			client, tap := f.client(f.payer[0])
			head, err := client.Head(f.ctx)
			require.NoError(t, err)
			require.Equal(t, relayer.Head{Epoch: 1, Time: time.UnixMilli(0).UTC(), StaleAt: head.StaleAt}, head)
			require.NoError(t, client.Submit(f.ctx, checkpoint))
			f.requireHead(checkpoint)
			f.requireSent(tap, 1, 2)
		})
	}
}

// With two nodes of which one lies the relayer stands still, and does not take the lie for success.
func TestTwoNodesThatDisagree(t *testing.T) {
	f := start(t, 4, 2, image)
	checkpoint := f.chain.sign(1, 10, false)
	require.NoError(t, f.Node(1).ForgeAccount(f.ctx, f.program().Client(), f.forged(1, 10, wire.Hash{1})))
	client, _ := f.client(f.payer[0])
	require.ErrorContains(t, client.Submit(f.ctx, checkpoint), "do not agree")

	require.NoError(t, f.Node(1).ForgeAccount(f.ctx, f.program().Client(), f.forged(1, 0, wire.Hash{})))
	client.config.SubmitTimeout = 500 * time.Millisecond
	require.ErrorIs(t, client.Submit(f.ctx, checkpoint), context.DeadlineExceeded, "one says that it is not accepted")
	f.requireHead(checkpoint)
}

// A node says that it has a transaction in a block, which it lost, and that of a slot which is not there yet.
func TestForgedStatus(t *testing.T) {
	f := start(t, 4, 1, image)
	checkpoint := f.chain.sign(1, 10, false)
	require.NoError(t, f.Node(0).DropTransactions(f.ctx, 10_000))
	client, tap := f.client(f.payer[0])
	tap.after = func(sent int) {
		if sent > 1 {
			require.NoError(t, f.Node(0).ClearFaults(f.ctx))
			return
		}
		forged := &rpc.SignatureStatusesResult{Slot: 1 << 40, ConfirmationStatus: rpc.ConfirmationStatusConfirmed}
		require.NoError(t, f.Node(0).ForgeStatus(f.ctx, tap.transactions(t)[0].Signatures[0], forged))
	}
	require.NoError(t, client.Submit(f.ctx, checkpoint))
	f.requireSent(tap, 2, 2)
	f.requireHead(checkpoint)
}

func (f *fixture) requireSent(tap *wireTap, least, most int) {
	f.t.Helper()
	sent, _ := tap.sent()
	require.GreaterOrEqual(f.t, sent, least)
	require.LessOrEqual(f.t, sent, most)
}

func TestOneNodeOfTwoDoesNotSuffice(t *testing.T) {
	f := start(t, 1, 1, image)
	client, _ := f.client(f.payer[0], f.urls[0], "http://127.0.0.1:1/?api-key=secret")
	_, err := client.Head(f.ctx)
	require.ErrorContains(t, err, "1 nodes of Solana answer, 2 have to agree")
	require.NotContains(t, err.Error(), "secret")
}

func TestNodesThatRefuseOrHang(t *testing.T) {
	f := start(t, 4, 2, image)
	methods := []string{"getMultipleAccounts", "getLatestBlockhash", "simulateTransaction", "sendTransaction", "getBlockHeight", "getSignatureStatuses"}
	for i, method := range methods {
		checkpoint := f.chain.sign(1, uint64(10*(i+1)), false)
		require.NoError(t, f.Node(0).RefuseRequests(f.ctx, 429, 1, method))
		require.NoError(t, f.Node(1).HangRequests(f.ctx, 1, method))
		client, _ := f.client(f.payer[0])
		for _, n := range client.nodes {
			n.timeout = 50 * time.Millisecond
		}
		require.NoError(t, client.Submit(f.ctx, checkpoint), method)
		f.requireHead(checkpoint)
		for _, n := range f.Nodes() {
			require.NoError(t, n.ClearFaults(f.ctx))
		}
	}
	f.requireTidy()
}

func TestOutOfFunds(t *testing.T) {
	for _, signers := range []int{4, 67} { // in one transaction, and in several
		t.Run(fmt.Sprintf("%d signers", signers), func(t *testing.T) {
			f := start(t, signers, 1, image)
			checkpoint := f.chain.sign(1, 10, false)
			for name, payer := range map[string]solanago.PrivateKey{"nothing": newKey(t), "too little for rent": f.poor} {
				client, tap := f.client(payer)
				err := client.Submit(f.ctx, checkpoint)
				require.ErrorIs(t, err, relayer.ErrFunds, name)
				require.ErrorContains(t, err, payer.PublicKey().String(), name)
				sent, _ := tap.sent()
				require.Zero(t, sent, name)
			}
			client, _ := f.client(f.poor)
			client.config.PriorityFee = 1_000_000_000_000 // micro-lamports
			require.ErrorIs(t, client.Submit(f.ctx, checkpoint), relayer.ErrFunds, "for what it bids")
			require.Zero(t, f.head().Height)
		})
	}
}

func TestStaleClient(t *testing.T) {
	f := start(t, 4, 1, image)
	client, tap := f.client(f.payer[0])
	head, err := client.Head(f.ctx)
	require.NoError(t, err)
	require.NoError(t, f.SetTime(f.ctx, head.StaleAt.Add(-time.Minute)))
	require.NoError(t, client.Submit(f.ctx, f.chain.sign(1, 10, false)), "still trusted")
	head, err = client.Head(f.ctx)
	require.NoError(t, err)
	require.NoError(t, f.SetTime(f.ctx, head.StaleAt.Add(time.Minute)))
	require.NoError(t, f.Advance(f.ctx, 10))
	sent, _ := tap.sent()
	require.ErrorIs(t, client.Submit(f.ctx, f.chain.sign(1, 20, false)), relayer.ErrStale)
	f.requireSent(tap, sent, sent)
	f.requireTidy()
}

func TestCheckpointsThatNoClientTakes(t *testing.T) {
	f := start(t, 4, 1, image)
	client, tap := f.client(f.payer[0])
	require.NoError(t, client.Submit(f.ctx, f.chain.sign(1, 10, false)))
	before, _ := tap.sent()

	foreign := newChain(t, 4)
	foreign.id = "another-chain"
	require.ErrorContains(t, client.Submit(f.ctx, foreign.sign(1, 20, false)), "follows chain")
	fork := newChain(t, 4)
	fork.began++
	require.ErrorContains(t, client.Submit(f.ctx, fork.sign(1, 10, false)), "another checkpoint of height 10")
	require.ErrorContains(t, client.Submit(f.ctx, f.chain.sign(2, 20, false)), "skips the end of the client's epoch")
	unsigned := f.chain.sign(1, 20, false)
	unsigned.Signatures = unsigned.Signatures[:2]
	require.ErrorContains(t, client.Submit(f.ctx, unsigned), "two thirds")
	f.requireSent(tap, before, before)
	require.NoError(t, client.Submit(f.ctx, f.chain.sign(1, 5, false)), "a later one is known")
	f.requireSent(tap, before, before)
}

// Somebody puts the next set before the relayer does, and closes it when the signatures are in, again and again.
func TestNobodyKeepsAnEpochFromEnding(t *testing.T) {
	f := start(t, 67, 1, image)
	checkpoint := f.chain.sign(1, 10, true)
	mallory, _ := f.client(f.payer[1])
	p, err := mallory.readPutting(checkpoint.NextSet, nil, nil)
	require.NoError(t, err)
	send := func(batch []transaction) {
		_, err := mallory.send(f.ctx, 0, batch)
		require.NoError(t, err)
	}
	send(mallory.fill(p))
	place := mallory.place(putting{set: checkpoint.NextSet})
	send([]transaction{place[:1]}) // and keeps the buffer
	address := f.program().Set(checkpoint.NextSet.Root())
	client, tap := f.client(f.payer[0])
	closed := 0
	tap.after = func(sent int) {
		if closed < 1 && sent >= 5 { // the signatures are on their way
			closed++
			send([]transaction{{mallory.closeOwn(address)}})
		}
	}
	require.NoError(t, client.Submit(f.ctx, checkpoint))
	require.Equal(t, 1, closed)
	f.requireHead(checkpoint)
}
