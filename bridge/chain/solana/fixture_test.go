package solana

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	solanago "github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/bridge/relayer"
	testnet "github.com/ipdm-network/ipdm/testutil/solana"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

const (
	sol         = 1_000_000_000 // lamports
	trustPeriod = 14 * 24 * time.Hour
	testTimeout = time.Minute
	priorityFee = 1000 // micro-lamports a compute unit
	domain      = wire.Domain(2)
)

// chain signs checkpoints. The signer set of each epoch has as many members as the chain was made with.
type chain struct {
	t       testing.TB
	signers int
	began   uint64 // milliseconds since 1970
	id      string

	mu     sync.Mutex // guards the fields below
	sets   map[uint64]wire.SignerSet
	keys   map[wire.Address]*ecdsa.PrivateKey
	made   []relayer.Checkpoint
	outbox *wire.Tree
	posted []relayer.Delivery // message and payload
}

func newChain(t testing.TB, signers int) *chain {
	return &chain{
		t: t, signers: signers, id: "ipdm-test", began: uint64(time.Now().Add(-time.Hour).UnixMilli()),
		sets: map[uint64]wire.SignerSet{}, keys: map[wire.Address]*ecdsa.PrivateKey{}, outbox: wire.NewTree(),
	}
}

func (c *chain) set(epoch uint64) wire.SignerSet {
	if set, ok := c.sets[epoch]; ok {
		return set
	}
	var members []wire.Member
	for i := range c.signers {
		secret := wire.Sum([]byte(fmt.Sprintf("%d %d", epoch, i)))
		key, err := crypto.ToECDSA(secret[:])
		require.NoError(c.t, err)
		address := wire.AddressOf(&key.PublicKey)
		c.keys[address] = key
		members = append(members, wire.Member{Address: address, Power: uint64(100 + i)})
	}
	set, err := wire.NewSignerSet(members)
	require.NoError(c.t, err)
	c.sets[epoch] = set
	return set
}

// sign makes the checkpoint of an epoch at a height, with the signatures of all.
func (c *chain) sign(epoch, height uint64, ends bool) relayer.Checkpoint {
	c.mu.Lock()
	defer c.mu.Unlock()
	set := c.set(epoch)
	out := relayer.Checkpoint{Sequence: uint64(len(c.made) + 1), Set: set, Content: wire.Checkpoint{
		Chain: wire.ChainHash(c.id), Epoch: epoch, Height: height, TimeMillis: c.began + height, Set: set.Root(), NextSet: set.Root(),
		AnchorRoot: wire.Sum([]byte{byte(height)}), OutboxRoot: wire.OutboxRoot(c.outbox.Count(), c.outbox.Hash()),
	}}
	if ends {
		out.NextSet = c.set(epoch + 1)
		out.Content.NextSet = out.NextSet.Root()
	}
	for i, m := range set {
		s, err := wire.Sign(out.Content.Digest(), c.keys[m.Address])
		require.NoError(c.t, err)
		out.Signatures = append(out.Signatures, wire.MemberSignature{Index: i, Signature: s})
	}
	c.made = append(c.made, out)
	return out
}

func (c *chain) Newest(context.Context) (relayer.Checkpoint, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.made[len(c.made)-1], nil
}

func (c *chain) EndOf(_ context.Context, epoch uint64) (relayer.Checkpoint, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.made {
		if s.Content.Epoch == epoch && s.Content.EndsEpoch() {
			return s, nil
		}
	}
	return relayer.Checkpoint{}, errors.New("the epoch has not ended")
}

// fixture is a network with the program and a client of epoch 1. A slot passes with each request of a relayer, so that tests do not
// depend on time.
type fixture struct {
	*testnet.Network
	manual bool // slots pass by requests

	t     *testing.T
	ctx   context.Context
	chain *chain
	id    solanago.PublicKey
	own   solanago.PrivateKey   // of that address
	payer []solanago.PrivateKey // of two relayers
	poor  solanago.PrivateKey   // who has less than the rent of a session
	urls  []string

	genesis program.Genesis
}

// start starts a network of nodes whose client trusts the first set of a chain of so many signers.
func start(t *testing.T, signers, nodes int, image string) *fixture {
	return startWith(t, signers, image, testnet.Options{Nodes: nodes, Manual: true, ConfirmedDepth: 2, FinalizedDepth: 6})
}

func startWith(t *testing.T, signers int, image string, options testnet.Options) *fixture {
	testnet.SkipWithoutNode(t)
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	t.Cleanup(cancel)
	own := newKey(t)
	f := &fixture{
		t: t, ctx: ctx, chain: newChain(t, signers), id: own.PublicKey(), own: own,
		payer: []solanago.PrivateKey{newKey(t), newKey(t)}, poor: newKey(t),
	}
	so, err := filepath.Abs("../../solana/program/image/" + image)
	require.NoError(t, err)
	options.Programs = map[solanago.PublicKey]string{f.id: so}
	options.Balances = map[solanago.PublicKey]uint64{
		f.payer[0].PublicKey(): 100 * sol, f.payer[1].PublicKey(): 100 * sol, f.poor.PublicKey(): sol / 1000,
	}
	f.manual = options.Manual
	f.Network, err = testnet.Start(ctx, options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	for _, n := range f.Nodes() {
		f.urls = append(f.urls, n.URL())
	}
	client, _ := f.client(f.payer[0])
	f.genesis = program.Genesis{
		Chain: wire.ChainHash("ipdm-test"), Domain: domain, Epoch: 1, Set: f.chain.set(1).Root(), TrustPeriod: uint64(trustPeriod.Milliseconds()),
		Guardian: newKey(t).PublicKey(), RecoveryKey: newKey(t).PublicKey(), RecoveryDelay: 1000,
		Pause: 1000, Cooldown: 2000, Retention: program.MinRetention,
	}
	require.NoError(t, client.Initialize(ctx, f.genesis, f.chain.set(1), own))
	return f
}

func newKey(t testing.TB) solanago.PrivateKey {
	key, err := solanago.NewRandomPrivateKey()
	require.NoError(t, err)
	return key
}

// client returns one that asks all nodes, and what it sends.
func (f *fixture) client(payer solanago.PrivateKey, urls ...string) (*Client, *wireTap) {
	if urls == nil {
		urls = f.urls
	}
	tap := &wireTap{seen: map[string]bool{}}
	config := Config{URLs: urls, Program: f.id, Payer: payer, PriorityFee: priorityFee, Transport: tap}
	if f.manual {
		tap.network, config.Poll = f.Network, time.Microsecond
	}
	client, err := New(config)
	require.NoError(f.t, err)
	return client, tap
}

// wireTap lets a slot pass with each request, and sees the transactions.
type wireTap struct {
	network *testnet.Network    // nil where slots pass by time
	after   func(sent int)      // called when a node took another transaction
	request func(method string) // called before each request

	mu     sync.Mutex // guards the fields below
	seen   map[string]bool
	closed int // how often idle connections were
}

func (w *wireTap) RoundTrip(r *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	var call struct {
		Method string
		Params []json.RawMessage
	}
	if err := json.Unmarshal(raw, &call); err != nil {
		return nil, err
	}
	if w.request != nil {
		w.request(call.Method)
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if w.network != nil {
		if err := w.network.Advance(context.Background(), 1); err != nil {
			return nil, err
		}
	}
	w.count(call.Method, call.Params)
	return response, nil
}

func (w *wireTap) count(method string, params []json.RawMessage) {
	sent := 0
	w.mu.Lock()
	if method == "sendTransaction" && !w.seen[string(params[0])] {
		w.seen[string(params[0])] = true
		sent = len(w.seen)
	}
	w.mu.Unlock()
	if sent > 0 && w.after != nil {
		w.after(sent)
	}
}

// CloseIdleConnections is what the client calls at the end of a call.
func (w *wireTap) CloseIdleConnections() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed++
}

// transactions returns those that were sent.
func (w *wireTap) transactions(t testing.TB) (out []*solanago.Transaction) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for text := range w.seen {
		tx, err := solanago.TransactionFromBase64(strings.Trim(text, `"`))
		require.NoError(t, err)
		out = append(out, tx)
	}
	return out
}

// sent returns how many transactions were sent, and the size of the largest.
func (w *wireTap) sent() (count, largest int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for text := range w.seen {
		raw, _ := base64.StdEncoding.DecodeString(strings.Trim(text, `"`))
		largest = max(largest, len(raw))
	}
	return len(w.seen), largest
}

func (f *fixture) rpc() *rpc.Client { return rpc.New(f.Node(0).URL()) }

// head returns the client's account at commitment finalized.
func (f *fixture) head() program.Client {
	f.t.Helper()
	raw, err := f.rpc().GetAccountInfoWithOpts(f.ctx, f.program().Client(), &rpc.GetAccountInfoOpts{Commitment: rpc.CommitmentFinalized})
	require.NoError(f.t, err)
	k, err := program.DecodeClient(raw.GetBinary())
	require.NoError(f.t, err)
	return k
}

func (f *fixture) program() program.Program { return program.Program{ID: f.id} }

// requireTidy requires that there are no accounts of the program but client, gateway and the client's signer set.
func (f *fixture) requireTidy() {
	f.t.Helper()
	require.NoError(f.t, f.Advance(f.ctx, 10))
	all, err := f.rpc().GetProgramAccountsWithOpts(f.ctx, f.id, &rpc.GetProgramAccountsOpts{Commitment: rpc.CommitmentProcessed})
	require.NoError(f.t, err)
	var found []solanago.PublicKey
	for _, a := range all {
		found = append(found, a.Pubkey)
	}
	p := f.program()
	require.ElementsMatch(f.t, []solanago.PublicKey{p.Client(), p.Gateway(), p.Set(f.head().Set)}, found)
}

// requireBudgets requires that transactions ask for little more compute units than they take, at the price that is configured.
func (f *fixture) requireBudgets(tap *wireTap) {
	f.t.Helper()
	for _, tx := range tap.transactions(f.t) {
		result, err := f.rpc().GetTransaction(f.ctx, tx.Signatures[0], &rpc.GetTransactionOpts{Encoding: solanago.EncodingBase64})
		require.NoError(f.t, err)
		require.Nil(f.t, result.Meta.Err)
		took := *result.Meta.ComputeUnitsConsumed
		limit := uint64(binary.LittleEndian.Uint32(tx.Message.Instructions[0].Data[1:]))
		require.GreaterOrEqual(f.t, limit, took)
		require.Less(f.t, limit, took+took/10+30_000)
		require.Equal(f.t, 5000+(limit*priorityFee+999_999)/1_000_000, result.Meta.Fee)
	}
}

// requireHead requires that a checkpoint is the finalized head.
func (f *fixture) requireHead(c relayer.Checkpoint) {
	f.t.Helper()
	require.Equal(f.t, c.Content.Height, f.head().Height)
	require.Equal(f.t, c.Content.Digest(), f.head().Digest)
}
