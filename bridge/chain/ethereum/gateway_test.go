package ethereum

import (
	"context"
	"encoding/json"
	"math/big"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/holiman/uint256"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/ethereum/bindings"
	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/testutil/ethereum"
	"github.com/ipdm-network/ipdm/testutil/faultproxy"
	"github.com/ipdm-network/ipdm/testutil/signedchain"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

const testDomain wire.Domain = 7

// newGatewayWorld makes a gateway as well.
func newGatewayWorld(t *testing.T, options ethereum.Options) *world {
	t.Helper()
	w := newWorld(t, 4, options)
	w.gateway = w.deploy(&bindings.GatewayMetaData, bindings.NewGateway().PackConstructor(w.contract, uint32(testDomain), 3600, 3600))
	return w
}

func party(address common.Address) wire.Party { return wire.Party(common.LeftPadBytes(address[:], 32)) }

// send puts a message for the gateway into the chain's outbox.
func (w *world) send(m wire.Message, payload []byte) uint64 {
	m.Domain, m.Application = testDomain, party(w.gateway)
	return w.chain.Send(m, payload)
}

func (w *world) control(c wire.Control) uint64 {
	w.Helper()
	payload, err := c.Encode()
	require.NoError(w, err)
	return w.send(wire.Message{Kind: wire.KindControl}, payload)
}

// register has an asset be minted, up to a limit an hour.
func (w *world) register(asset wire.Hash, limit uint64) {
	w.Helper()
	w.control(wire.Control{Operation: wire.RegisterMinted, Asset: asset, Decimals: 18, Symbol: "wIPDM"})
	w.control(wire.Control{Operation: wire.SetLimit, Asset: asset, Limit: uint256.NewInt(limit), WindowSeconds: 3600})
}

// transfer puts a transfer into the chain's outbox.
func (w *world) transfer(asset wire.Hash, amount uint64, recipient wire.Party, timeout time.Time) uint64 {
	m := wire.Message{Kind: wire.KindTransfer, Sender: alice, Recipient: recipient}
	if !timeout.IsZero() {
		m.TimeoutMillis = uint64(timeout.UnixMilli())
	}
	return w.send(m, wire.Transfer{Asset: asset, Amount: uint256.NewInt(amount)}.Encode())
}

// prove has the light client take a checkpoint with all messages.
func (w *world) prove(c *Client) {
	w.Helper()
	require.NoError(w, c.Submit(w.Context(), w.sign(1, false)))
}

// onGateway sends a transaction to the gateway.
func (w *world) onGateway(account int, input []byte) {
	w.Helper()
	contract := bindings.NewGateway().Instance(w.node(), w.gateway)
	tx, err := bind.Transact(contract, w.transactor(account), input)
	require.NoError(w, err)
	w.mine(tx)
}

var (
	alice   = wire.Party{31: 0xa1}
	anAsset = wire.AssetID(0, wire.DenomToken("aipdm"))
)

// accepting returns a contract that takes every call.
func accepting() *bind.MetaData {
	run := append([]byte{0x63}, crypto.Keccak256([]byte("onIpdmCall(uint64,bytes32,bytes)"))[:4]...) // PUSH4
	run = append(run, common.FromHex("60e01b60005260206000f3")...)                                   // in the first 4 of 32 bytes; return them
	init := append([]byte{0x6f}, run...)                                                             // PUSH16
	return &bind.MetaData{Bin: common.Bytes2Hex(append(init, common.FromHex("60005260106010f3")...))}
}

// Value there and back, calls, and what is refused: the gateway's events are those that the chain is to read.
func TestMessagesThereAndBack(t *testing.T) {
	w := newGatewayWorld(t, mining())
	c := w.client(0, nil)
	receiver := w.deploy(accepting(), nil)
	account := party(c.Account())
	w.register(anAsset, 10_000)
	w.transfer(anAsset, 1_000, account, time.Time{})
	w.transfer(anAsset, 1_000, party(w.gateway), time.Time{})
	w.send(wire.Message{Kind: wire.KindCall, Sender: alice, Recipient: party(receiver)}, []byte("take this"))
	w.send(wire.Message{Kind: wire.KindCall, Sender: alice, Recipient: alice}, []byte("nobody takes this"))
	w.prove(c)

	all := []uint64{0, 1, 2, 3, 4, 5, 600}
	delivered, err := c.Delivered(t.Context(), all)
	require.NoError(t, err)
	require.Equal(t, make([]bool, len(all)), delivered)
	for nonce := range uint64(6) {
		require.NoError(t, c.Deliver(t.Context(), w.chain.Delivery(nonce)), "message %d", nonce)
	}
	before := w.balance(c)
	require.NoError(t, c.Deliver(t.Context(), w.chain.Delivery(2)), "delivered already is success")
	require.Equal(t, before, w.balance(c), "and costs nothing")
	delivered, err = c.Delivered(t.Context(), all)
	require.NoError(t, err)
	require.Equal(t, []bool{true, true, true, true, true, true, false}, delivered)

	gateway := bindings.NewGateway()
	w.onGateway(0, gateway.PackSend(anAsset, big.NewInt(400), alice))
	w.onGateway(1, gateway.PackCall(alice, []byte("an answer")))
	require.NoError(t, w.network.Finalize(t.Context()))
	other := party(w.network.Account(1).Address)
	done := func(nonce uint64) []byte { return wire.Delivery{Nonce: nonce, Status: wire.StatusDone}.Encode() }
	refused := func(nonce uint64) []byte { return wire.Delivery{Nonce: nonce, Status: wire.StatusRefused}.Encode() }
	expected := []wire.EventRecord{
		{Event: wire.Event{Kind: wire.KindDelivery}, Payload: done(0)},
		{Event: wire.Event{Kind: wire.KindDelivery}, Payload: done(1)},
		{Event: wire.Event{Kind: wire.KindDelivery, Sender: account, Recipient: alice}, Payload: done(2)},
		{Event: wire.Event{Kind: wire.KindDelivery, Sender: party(w.gateway), Recipient: alice}, Payload: refused(3)},
		{Event: wire.Event{Kind: wire.KindDelivery, Sender: party(receiver), Recipient: alice}, Payload: done(4)},
		{Event: wire.Event{Kind: wire.KindDelivery, Sender: alice, Recipient: alice}, Payload: refused(5)},
		{
			Event:   wire.Event{Kind: wire.KindTransfer, Sender: account, Recipient: alice},
			Payload: wire.Transfer{Asset: anAsset, Amount: uint256.NewInt(400)}.Encode(),
		},
		{Event: wire.Event{Kind: wire.KindCall, Sender: other, Recipient: alice}, Payload: []byte("an answer")},
	}
	logs := w.outbound()
	require.Len(t, logs, len(expected))
	for i := range expected {
		e := &expected[i]
		e.Domain, e.Application, e.Nonce, e.PayloadHash = testDomain, party(w.gateway), uint64(i), wire.Sum(e.Payload)
		e.TimeMillis = w.millisOf(logs[i].BlockNumber)
	}
	events, err := c.Events(t.Context(), 0, 100)
	require.NoError(t, err)
	require.Equal(t, expected, events.Records)
	for i, r := range events.Records {
		require.Equal(t, expected[i].Encode(), r.Encode())
	}
	require.GreaterOrEqual(t, events.Through.UnixMilli(), int64(expected[7].TimeMillis)-1)
}

func TestMessagesThatCannotBeDelivered(t *testing.T) {
	w := newGatewayWorld(t, mining())
	c := w.client(0, nil)
	now := time.UnixMilli(int64(w.millisOf(w.latest())))
	early := w.transfer(anAsset, 1_000, alice, time.Time{})
	late := w.transfer(anAsset, 1_000, alice, now.Add(time.Hour))
	w.transfer(anAsset, 1_000, alice, time.Time{})
	foreign := w.chain.Send(wire.Message{Kind: wire.KindCall, Domain: testDomain + 1, Application: party(w.gateway)}, nil)
	forbidden := w.send(wire.Message{Kind: wire.KindControl, Sender: alice}, []byte{byte(wire.Unpause)})
	w.prove(c)

	err := c.Deliver(t.Context(), w.chain.Delivery(early))
	require.ErrorIs(t, err, relayer.ErrNotYet)
	require.ErrorContains(t, err, "UnknownAsset")
	for nonce, name := range map[uint64]string{foreign: "WrongDomain", forbidden: "ControlNotByGovernance"} {
		err = c.Deliver(t.Context(), w.chain.Delivery(nonce))
		require.ErrorContains(t, err, name)
		require.NotErrorIs(t, err, relayer.ErrNotYet)
		require.NotErrorIs(t, err, relayer.ErrTimedOut)
	}
	forged := w.chain.Delivery(early)
	forged.Payload = append([]byte{1}, forged.Payload...)
	require.ErrorContains(t, c.Deliver(t.Context(), forged), "the payload is another one")
	w.sign(1, false)
	require.ErrorContains(t, c.Deliver(t.Context(), w.chain.Delivery(early)), "CheckpointNotAccepted")

	require.NoError(t, w.network.SetTime(t.Context(), now.Add(time.Hour)))
	w.register(anAsset, 10_000)
	w.prove(c)
	for nonce := range uint64(2) {
		require.NoError(t, c.Deliver(t.Context(), w.chain.Delivery(forbidden+1+nonce)))
	}
	require.ErrorIs(t, c.Deliver(t.Context(), w.chain.Delivery(late)), relayer.ErrTimedOut)
	require.NoError(t, c.Deliver(t.Context(), w.chain.Delivery(early)), "the asset is registered now")
}

// That a message was taken counts only if all endpoints say so: one that claims too much keeps nothing from being delivered.
func TestAnEndpointThatClaimsDeliveries(t *testing.T) {
	w := newGatewayWorld(t, mining())
	proxy := w.proxy()
	c := w.client(0, func(cfg *Config) { cfg.URLs = []string{proxy.URL(), w.network.URL()} })
	proxy.Add(faultproxy.Rule{Methods: []string{"eth_call"}, Fault: faultproxy.Lie(func(_, _ json.RawMessage) (any, error) {
		return hexutil.Encode(common.LeftPadBytes([]byte{1}, 32)), nil
	})})
	delivered, err := c.Delivered(t.Context(), []uint64{0, 1})
	require.NoError(t, err)
	require.Equal(t, []bool{false, false}, delivered)
	alone := w.client(0, func(cfg *Config) { cfg.URLs = []string{proxy.URL()} })
	delivered, err = alone.Delivered(t.Context(), []uint64{0, 1})
	require.NoError(t, err)
	require.Equal(t, []bool{true, true}, delivered, "one alone is believed")
}

func TestRacingDeliveries(t *testing.T) {
	w := newGatewayWorld(t, mining())
	one, other := w.client(0, nil), w.client(1, nil)
	w.send(wire.Message{Kind: wire.KindCall, Sender: alice, Recipient: alice}, []byte("to nobody"))
	w.prove(one)
	results := make(chan error, 2)
	for _, c := range []*Client{one, other} {
		go func() { results <- c.Deliver(w.Context(), w.chain.Delivery(0)) }()
	}
	for range 2 {
		require.NoError(t, <-results)
	}
	require.Len(t, w.outbound(), 1)
}

func TestWithoutAGatewayOnlyCheckpointsAreHandedOver(t *testing.T) {
	c, err := New(t.Context(), Config{URLs: []string{"http://127.0.0.1:1"}, Contract: common.Address{1}, Key: mustKey(t)})
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Delivered(t.Context(), []uint64{0})
	require.ErrorIs(t, err, errNoGateway)
	require.ErrorIs(t, c.Deliver(t.Context(), relayer.Delivery{}), errNoGateway)
	_, err = c.Events(t.Context(), 0, 1)
	require.ErrorIs(t, err, errNoGateway)
}

func TestDeploy(t *testing.T) {
	w := newWorld(t, 1, mining())
	good := Genesis{
		Chain: wire.ChainHash(signedchain.ChainID), Epoch: 1, Set: w.chain.Set(1), TrustPeriod: trustPeriod,
		Domain: testDomain, PausePeriod: time.Hour, PauseCooldown: 2 * time.Hour,
	}
	for says, change := range map[string]func(*Genesis){
		"domain 0":             func(g *Genesis) { g.Domain = 0 },
		"a pause of 59s":       func(g *Genesis) { g.PausePeriod = 59 * time.Second },
		"a pause of 720h0m1s":  func(g *Genesis) { g.PausePeriod = 30*24*time.Hour + time.Second },
		"a cool-down of 59m0s": func(g *Genesis) { g.PauseCooldown = 59 * time.Minute },
	} {
		g := good
		change(&g)
		_, err := Deploy(t.Context(), Config{}, g)
		require.ErrorContains(t, err, says)
	}
	made, err := Deploy(t.Context(), Config{URLs: []string{w.network.URL()}, Key: w.network.Account(2).Key}, good)
	require.NoError(t, err)
	require.Equal(t, w.network.ChainID(), made.ChainID)
	gateway := bindings.NewGateway()
	instance := gateway.Instance(w.node(), made.Gateway)
	client, err := bind.Call(instance, nil, gateway.PackClient(), gateway.UnpackClient)
	require.NoError(t, err)
	require.Equal(t, made.LightClient, client)
	for expected, input := range map[uint64][]byte{3600: gateway.PackPausePeriod(), 7200: gateway.PackPauseCooldown()} {
		seconds, err := bind.Call(instance, nil, input, gateway.UnpackPausePeriod)
		require.NoError(t, err)
		require.Equal(t, expected, seconds)
	}
	code, err := w.node().CodeAt(t.Context(), made.Gateway, new(big.Int).SetUint64(made.Block))
	require.NoError(t, err)
	require.NotEmpty(t, code)
	code, err = w.node().CodeAt(t.Context(), made.Gateway, new(big.Int).SetUint64(made.Block-1))
	require.NoError(t, err)
	require.Empty(t, code)

	w.contract, w.gateway = made.LightClient, made.Gateway
	c := w.client(0, func(cfg *Config) { cfg.FirstBlock = made.Block })
	w.register(anAsset, 1)
	w.prove(c)
	require.NoError(t, c.Deliver(t.Context(), w.chain.Delivery(0)))
	require.NoError(t, w.network.Finalize(t.Context()))
	events, err := c.Events(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Len(t, events.Records, 1)
	require.Equal(t, testDomain, events.Records[0].Domain)
}

// What has been made is told if the rest fails, and no error tells the URL.
func TestADeploymentThatFails(t *testing.T) {
	w := newWorld(t, 1, mining())
	proxy := w.proxy()
	const secret = "dont-tell-anybody"
	cfg := Config{URLs: []string{proxy.URL() + "/" + secret}, Key: w.network.Account(2).Key}
	genesis := Genesis{
		Chain: wire.ChainHash(signedchain.ChainID), Epoch: 1, Set: w.chain.Set(1), TrustPeriod: trustPeriod,
		Domain: testDomain, PausePeriod: time.Hour, PauseCooldown: 2 * time.Hour,
	}
	low := cfg
	low.MaxFee = big.NewInt(1)
	made, err := Deploy(t.Context(), low, genesis)
	require.ErrorContains(t, err, "fees are too high now")
	require.Equal(t, Deployment{ChainID: w.network.ChainID()}, made)
	require.Zero(t, proxy.Calls("eth_sendRawTransaction"))

	sent := 0
	proxy.Add(faultproxy.Rule{Methods: []string{"eth_sendRawTransaction"}, Fault: func(
		ctx context.Context, p *faultproxy.Proxy, request *faultproxy.Request,
	) (json.RawMessage, error) {
		if sent++; sent > 2 {
			return faultproxy.Cut()(ctx, p, request)
		}
		return p.Forward(ctx, request)
	}})
	made, err = Deploy(t.Context(), cfg, genesis)
	require.ErrorContains(t, err, proxy.URL())
	require.NotContains(t, err.Error(), secret)
	require.NotZero(t, made.LightClient)
	require.NotZero(t, made.Anchor)
	require.Zero(t, made.Gateway)
	code, err := w.node().CodeAt(t.Context(), made.Anchor, nil)
	require.NoError(t, err)
	require.NotEmpty(t, code)

	cfg.URLs = []string{"http://127.0.0.1:1/" + secret}
	_, err = Deploy(t.Context(), cfg, genesis)
	require.ErrorContains(t, err, "http://127.0.0.1:1")
	require.NotContains(t, err.Error(), secret)
}
