package node

import (
	"encoding/json"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"
	solanago "github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/catalogue"
	"github.com/ipdm-network/ipdm/testutil/ethereum"
	"github.com/ipdm-network/ipdm/testutil/solana"
)

// pace is that of follows in tests.
func pace(f FollowConfig) FollowConfig {
	every := Duration(5 * time.Millisecond)
	f.PollInterval, f.BatchInterval = &every, &every
	return f
}

// followed returns what a query finds of follows, line by line, in the order of the batches.
func followed(t *testing.T, n *Node, query string) []map[string]any {
	t.Helper()
	answer, err := n.catalogue.Search(t.Context(), catalogue.Request{Query: query + " LIMIT 1000"})
	require.NoError(t, err)
	from := func(r catalogue.Row) string {
		i := slices.IndexFunc(r.Header.Tags, func(tag string) bool { return strings.HasPrefix(tag, "from=") })
		return r.Header.Tags[i]
	}
	slices.SortFunc(answer.Rows, func(a, b catalogue.Row) int { return strings.Compare(from(a), from(b)) })
	var lines []map[string]any
	for _, r := range answer.Rows {
		require.Equal(t, "application/x-ndjson", r.Header.ContentType)
		var c content
		require.NoError(t, n.Engine().Get(t.Context(), r.Root, data.GetOptions{}, &c))
		for line := range strings.Lines(c.String()) {
			var object map[string]any
			require.NoError(t, json.Unmarshal([]byte(line), &object))
			lines = append(lines, object)
		}
	}
	return lines
}

// untilFollow waits for a follow to be so.
func untilFollow(t *testing.T, n *Node, is func(follow.Status) bool) {
	t.Helper()
	require.Eventually(t, func() bool { return is(n.follower.List()[0]) }, 60*time.Second, time.Millisecond)
}

// ledger is a Solana whose slots pass by command, final 6 blocks later, and a key with money on it.
type ledger struct {
	*solana.Network
	t      *testing.T
	client *rpc.Client
	payer  solanago.PrivateKey
}

func startLedger(t *testing.T) *ledger {
	solana.SkipWithoutNode(t)
	payer, err := solanago.NewRandomPrivateKey()
	require.NoError(t, err)
	network, err := solana.Start(t.Context(), solana.Options{
		Manual: true, ConfirmedDepth: 2, FinalizedDepth: 6, Balances: map[solanago.PublicKey]uint64{payer.PublicKey(): 1e12},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, network.Close()) })
	return &ledger{network, t, rpc.New(network.Node(0).URL()), payer}
}

// pay transfers lamports in the next block.
func (l *ledger) pay(to solanago.PublicKey, lamports uint64) {
	l.t.Helper()
	latest, err := l.client.GetLatestBlockhash(l.t.Context(), rpc.CommitmentProcessed)
	require.NoError(l.t, err)
	instruction := system.NewTransferInstruction(lamports, l.payer.PublicKey(), to).Build()
	tx, err := solanago.NewTransaction([]solanago.Instruction{instruction}, latest.Value.Blockhash, solanago.TransactionPayer(l.payer.PublicKey()))
	require.NoError(l.t, err)
	_, err = tx.Sign(func(solanago.PublicKey) *solanago.PrivateKey { return &l.payer })
	require.NoError(l.t, err)
	_, err = l.client.SendTransactionWithOpts(l.t.Context(), tx, rpc.TransactionOpts{PreflightCommitment: rpc.CommitmentProcessed})
	require.NoError(l.t, err)
	l.advance(1)
}

func (l *ledger) advance(blocks int) {
	l.t.Helper()
	require.NoError(l.t, l.Advance(l.t.Context(), blocks))
}

func (l *ledger) finalized() uint64 {
	l.t.Helper()
	state, err := l.State(l.t.Context())
	require.NoError(l.t, err)
	return state.Nodes[0].Finalized.Slot
}

func address(t *testing.T) solanago.PublicKey {
	t.Helper()
	key, err := solanago.NewRandomPrivateKey()
	require.NoError(t, err)
	return key.PublicKey()
}

// lamports returns the balances of an account in the order of their slots.
func lamports(lines []map[string]any, of solanago.PublicKey) []float64 {
	var states []map[string]any
	for _, line := range lines {
		if line["account"] == of.String() {
			states = append(states, line)
		}
	}
	slices.SortFunc(states, func(a, b map[string]any) int { return int(a["slot"].(float64) - b["slot"].(float64)) })
	var out []float64
	for i, s := range states {
		if i > 0 && states[i-1]["slot"] == s["slot"] {
			return nil // a slot has one state
		}
		out = append(out, s["lamports"].(float64))
	}
	return out
}

// TestFinalizedAccountsAreFollowed: every finalized state is stored, with a subscription; none of a fork that was dropped is.
func TestFinalizedAccountsAreFollowed(t *testing.T) {
	l := startLedger(t)
	to, quiet := address(t), address(t)
	cfg := pace(FollowConfig{
		Name: "wallets", Kind: follow.SolanaAccount, RPC: []string{l.Node(0).URL()}, WS: l.Node(0).WebSocketURL(), Address: []string{to.String(), quiet.String()},
	})
	rare := Duration(time.Hour)
	cfg.PollInterval = &rare // what comes now comes by the subscription
	n := startBare(t, func(c *Config) { c.Follow = []FollowConfig{cfg} })
	untilFollow(t, n, func(s follow.Status) bool { return s.Changes == 2 })
	require.Equal(t, []float64{0}, lamports(followed(t, n, "tag:follow=wallets"), quiet), "that there is no account is a state")

	// The subscription stands when it brings something.
	paid := 0.0
	pay := func(sol uint64) {
		l.pay(to, sol*1e9)
		paid += float64(sol * 1e9)
	}
	require.Eventually(t, func() bool {
		pay(1)
		l.advance(6)
		states := lamports(followed(t, n, "tag:chain=solana"), to)
		return states[len(states)-1] > 0
	}, 60*time.Second, 5*time.Millisecond)
	before := paid

	l.pay(to, 500e9) // on a fork that is dropped
	l.advance(3)
	require.NoError(t, l.Rollback(t.Context(), 4))
	pay(2)
	pay(3)
	l.advance(6)
	untilFollow(t, n, func(follow.Status) bool {
		states := lamports(followed(t, n, "tag:follow=wallets"), to)
		return states[len(states)-1] == paid
	})
	states := lamports(followed(t, n, "tag:follow=wallets AND type=application/x-ndjson"), to)
	require.Equal(t, []float64{before, before + 2e9, paid}, states[len(states)-3:], "what was between is stored, what was dropped is not")
	require.NotContains(t, states, before+500e9)
	require.Equal(t, []float64{0}, lamports(followed(t, n, "tag:follow=wallets"), quiet))

	// After a connection that is lost everything that stays is found.
	require.NoError(t, l.Node(0).Disconnect(t.Context()))
	pay(4)
	l.advance(6)
	untilFollow(t, n, func(s follow.Status) bool {
		states := lamports(followed(t, n, "tag:follow=wallets"), to)
		return states[len(states)-1] == paid && s.Trouble == ""
	})
}

// TestAccountsArePolledAcrossARestart: without a subscription the states that stay are stored, each once.
func TestAccountsArePolledAcrossARestart(t *testing.T) {
	l := startLedger(t)
	to := address(t)
	home, cfg := Home(t.TempDir()), testConfig()
	cfg.Follow = []FollowConfig{pace(FollowConfig{Name: "wallet", Kind: follow.SolanaAccount, RPC: []string{l.Node(0).URL()}, Address: []string{to.String()}})}
	_, err := Init(home, cfg, nil)
	require.NoError(t, err)
	n := startNode(t, home, cfg)
	untilFollow(t, n, func(s follow.Status) bool { return s.Changes == 1 })
	l.pay(to, 1e9)
	l.advance(6)
	untilFollow(t, n, func(s follow.Status) bool { return s.Changes == 2 && s.Position == l.finalized() })
	require.NoError(t, n.Close())

	l.pay(to, 2e9)
	l.pay(to, 4e9)
	l.advance(6)
	n = startNode(t, home, cfg)
	untilFollow(t, n, func(s follow.Status) bool { return s.Position == l.finalized() })
	require.Equal(t, []float64{0, 1e9, 7e9}, lamports(followed(t, n, "tag:address="+to.String()), to))
	text := fetch(t, "http://"+n.MetricsAddress()+"/metrics", http.StatusOK)
	require.Contains(t, text, `ipdm_follow_lag{follow="wallet"} 0`)
	require.Contains(t, text, `ipdm_follow_batches_total{follow="wallet"} 1`)
}

// TestAccountsOfAProgramAreFollowed: accounts come, change, and leave the program.
func TestAccountsOfAProgramAreFollowed(t *testing.T) {
	l := startLedger(t)
	program, bystander := address(t), address(t)
	account, second := address(t), address(t)
	show := func(at solanago.PublicKey, owner solanago.PublicKey, data string) {
		require.NoError(t, l.Node(0).ForgeAccount(t.Context(), at, &solana.Account{Lamports: 1e9, Owner: owner, Data: []byte(data)}))
		l.advance(1)
	}
	l.advance(7) // from now on each block finalizes another one
	few := 1
	cfg := pace(FollowConfig{Name: "program", Kind: follow.SolanaProgram, RPC: []string{l.Node(0).URL()}, Program: program.String(), MaxAccounts: &few})
	n := startBare(t, func(c *Config) { c.Follow = []FollowConfig{cfg} })
	of := func(at solanago.PublicKey) (states []map[string]any) {
		for _, line := range followed(t, n, "tag:kind=solana-program") {
			if line["account"] == at.String() {
				states = append(states, line)
			}
		}
		return states
	}
	show(account, program, "one")
	show(bystander, address(t), "other")
	untilFollow(t, n, func(follow.Status) bool { return len(of(account)) == 1 })
	show(account, program, "two")
	untilFollow(t, n, func(follow.Status) bool { return len(of(account)) == 2 })
	require.Equal(t, "b25l", of(account)[0]["data"])
	require.Equal(t, "dHdv", of(account)[1]["data"])

	show(second, program, "too many")
	untilFollow(t, n, func(s follow.Status) bool {
		return strings.Contains(s.Trouble, "has 2 accounts, more than the 1 of max_accounts")
	})
	require.Empty(t, of(second))
	show(account, bystander, "moved")
	untilFollow(t, n, func(s follow.Status) bool { return len(of(second)) == 1 && len(of(account)) == 3 && s.Trouble == "" })
	require.Equal(t, bystander.String(), of(account)[2]["owner"])
	require.Empty(t, of(bystander))
}

// TestASubscriptionToAProgramBringsItsAccounts: they are stored though nobody looks.
func TestASubscriptionToAProgramBringsItsAccounts(t *testing.T) {
	l := startLedger(t)
	l.advance(7)
	rare := Duration(time.Hour)
	cfg := pace(FollowConfig{
		Name: "system", Kind: follow.SolanaProgram, RPC: []string{l.Node(0).URL()}, WS: l.Node(0).WebSocketURL(), Program: solanago.SystemProgramID.String(),
	})
	cfg.PollInterval = &rare
	n := startBare(t, func(c *Config) { c.Follow = []FollowConfig{cfg} })
	untilFollow(t, n, func(s follow.Status) bool { return s.Changes > 0 })
	require.NotEmpty(t, lamports(followed(t, n, "tag:follow=system"), l.payer.PublicKey()))
	to := address(t)
	require.Eventually(t, func() bool { // it is paid until the subscription stands
		l.pay(to, 1e9)
		l.advance(6)
		return len(lamports(followed(t, n, "tag:follow=system"), to)) >= 2
	}, 60*time.Second, 5*time.Millisecond)
}

// logger is the code of a contract that emits its call data as a log with the topic 42: the first part puts the rest into place.
var logger = common.FromHex("600d600c600039600d6000f3" + "366000600037" + "602a366000a1" + "00")

func TestLogsAndBlocksOfEthereumAreFollowed(t *testing.T) {
	ethereum.SkipWithoutNode(t)
	chain, err := ethereum.Start(t.Context(), ethereum.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, chain.Close()) })
	client, err := ethclient.Dial(chain.URL())
	require.NoError(t, err)
	t.Cleanup(client.Close)
	from := chain.Account(0)
	nonce := uint64(0)
	send := func(to *common.Address, data []byte) *types.Transaction {
		tx, err := types.SignNewTx(from.Key, types.LatestSignerForChainID(chain.ChainID()), &types.DynamicFeeTx{
			ChainID: chain.ChainID(), Nonce: nonce, GasTipCap: big.NewInt(1e9), GasFeeCap: big.NewInt(1e11), Gas: 200_000, To: to, Data: data,
		})
		require.NoError(t, err)
		require.NoError(t, client.SendTransaction(t.Context(), tx))
		nonce++
		return tx
	}
	contract := crypto.CreateAddress(from.Address, nonce)
	send(nil, logger)
	require.NoError(t, chain.Mine(t.Context(), 1))
	code, err := client.CodeAt(t.Context(), contract, nil)
	require.NoError(t, err)
	require.NotEmpty(t, code)

	first := uint64(1)
	topic := common.BigToHash(big.NewInt(42))
	logs := pace(FollowConfig{
		Name: "logs", Kind: follow.EthereumLogs, RPC: []string{chain.URL()}, Address: []string{contract.Hex()}, Topics: []string{topic.Hex()}, From: &first,
	})
	blocks := pace(FollowConfig{Name: "blocks", Kind: follow.EthereumBlocks, RPC: []string{chain.URL()}, From: &first})
	few := 7
	blocks.BatchChanges = &few
	n := startBare(t, func(c *Config) { c.Follow = []FollowConfig{logs, blocks} })

	var wanted []*types.Transaction
	for round := range 4 {
		for i := range 3 {
			wanted = append(wanted, send(&contract, []byte{byte(round), byte(i)}))
		}
		require.NoError(t, chain.Mine(t.Context(), 5))
	}
	nonceBefore := nonce
	send(&contract, []byte("on a fork that is dropped"))
	require.NoError(t, chain.Mine(t.Context(), 1))
	require.NoError(t, chain.Reorg(t.Context(), 1))
	nonce = nonceBefore
	require.NoError(t, chain.Finalize(t.Context()))
	head, err := client.HeaderByNumber(t.Context(), nil)
	require.NoError(t, err)
	finalized := head.Number.Uint64() - uint64(chain.FinalityDepth())
	untilFollow(t, n, func(s follow.Status) bool {
		list := n.follower.List()
		return list[0].Position == finalized && list[1].Position == finalized
	})

	lines := followed(t, n, "tag:follow=logs AND tag:to<=999999999999")
	require.Len(t, lines, len(wanted))
	for i, line := range lines {
		require.Equal(t, wanted[i].Hash().Hex(), line["tx_hash"])
		require.Equal(t, []any{topic.Hex()}, line["topics"])
		require.Equal(t, "0x"+common.Bytes2Hex(wanted[i].Data()), line["data"])
	}
	lines = followed(t, n, "tag:follow=blocks")
	require.Len(t, lines, int(finalized))
	for i, line := range lines {
		header, err := client.HeaderByNumber(t.Context(), big.NewInt(int64(i+1)))
		require.NoError(t, err)
		require.Equal(t, header.Hash().Hex(), line["hash"])
		require.Equal(t, header.ParentHash.Hex(), line["parent"])
		require.Equal(t, header.ReceiptHash.Hex(), line["receipts_root"])
	}
}
