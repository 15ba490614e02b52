package ethereum

import (
	"context"
	"crypto/ecdsa"
	"encoding/json"
	"errors"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/ethereum/bindings"
	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/testutil/ethereum"
	"github.com/ipdm-network/ipdm/testutil/faultproxy"
	"github.com/ipdm-network/ipdm/testutil/signedchain"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// world is a chain whose checkpoints go to a light client on a real EVM.
type world struct {
	*testing.T
	chain    *signedchain.Chain
	network  *ethereum.Network
	contract common.Address
	gateway  common.Address // zero unless newGatewayWorld has made it
	height   uint64
}

const trustPeriod = 14 * 24 * time.Hour

// newWorld deploys a light client that trusts the signers of epoch 1. Account 3 has deployed it.
func newWorld(t *testing.T, signers int, options ethereum.Options) *world {
	t.Helper()
	ethereum.SkipWithoutNode(t)
	network, err := ethereum.Start(t.Context(), options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, network.Close()) })
	w := &world{T: t, chain: signedchain.New(t, signers), network: network}

	w.contract = w.deploy(&bindings.LightClientMetaData, bindings.NewLightClient().PackConstructor(
		wire.ChainHash(signedchain.ChainID), w.chain.Set(1).Root(), 1, uint64(trustPeriod/time.Second), common.Address{}, 0))
	return w
}

// deploy makes a contract by account 3.
func (w *world) deploy(meta *bind.MetaData, arguments []byte) common.Address {
	w.Helper()
	address, tx, err := bind.DeployContract(w.transactor(3), common.FromHex(meta.Bin), w.node(), arguments)
	require.NoError(w, err)
	w.mine(tx)
	return address
}

// node returns a client of the network.
func (w *world) node() *ethclient.Client {
	w.Helper()
	node, err := ethclient.DialContext(w.Context(), w.network.URL())
	require.NoError(w, err)
	w.Cleanup(node.Close)
	return node
}

func (w *world) transactor(account int) *bind.TransactOpts {
	return bind.NewKeyedTransactor(w.network.Account(account).Key, w.network.ChainID())
}

// mine makes a block, and waits until one has a transaction.
func (w *world) mine(tx *types.Transaction) {
	w.Helper()
	require.NoError(w, w.network.Mine(w.Context(), 1))
	receipt, err := bind.WaitMined(w.Context(), w.node(), tx.Hash())
	require.NoError(w, err)
	require.Equal(w, types.ReceiptStatusSuccessful, receipt.Status)
}

// client returns a client that pays from an account.
func (w *world) client(account int, change func(*Config)) *Client {
	w.Helper()
	cfg := Config{
		URLs: []string{w.network.URL()}, Contract: w.contract, Gateway: w.gateway, Key: w.network.Account(account).Key,
		Poll: 10 * time.Millisecond, Timeout: time.Minute,
	}
	if change != nil {
		change(&cfg)
	}
	c, err := New(w.Context(), cfg)
	require.NoError(w, err)
	w.Cleanup(c.Close)
	return c
}

// sign has the chain sign its next checkpoint, at the time of Ethereum's latest block.
func (w *world) sign(epoch uint64, ends bool) relayer.Checkpoint {
	w.Helper()
	head, err := w.node().HeaderByNumber(w.Context(), nil)
	require.NoError(w, err)
	w.height += 10
	return w.chain.Sign(epoch, w.height, head.Time*1000, ends)
}

func (w *world) head(c *Client) relayer.Head {
	w.Helper()
	head, err := c.Head(w.Context())
	require.NoError(w, err)
	return head
}

// relayTo returns a relayer from the chain to clients.
func (w *world) relayTo(clients ...*Client) *relayer.Relayer {
	r := relayer.New(w.chain)
	for _, c := range clients {
		r.Add(c, relayer.DefaultRouteOptions(), slog.New(slog.DiscardHandler), relayer.NewMetrics(prometheus.NewRegistry()))
	}
	return r
}

// mining has blocks come as transactions do.
func mining() ethereum.Options { return ethereum.Options{BlockTime: time.Second} }

func TestCheckpointsArriveOverSkippedEpochs(t *testing.T) {
	for _, signers := range []int{1, 4, 67} {
		w := newWorld(t, signers, mining())
		c := w.client(0, nil)
		require.Equal(t, uint64(1), w.head(c).Epoch)
		w.sign(1, false)
		w.sign(1, true)
		w.sign(2, true)
		w.sign(3, false)
		last := w.sign(3, false)
		handed, err := w.relayTo(c).Once(t.Context())
		require.NoError(t, err)
		require.Equal(t, 3, handed.Checkpoints)
		head := w.head(c)
		require.Equal(t, uint64(3), head.Epoch)
		require.Equal(t, last.Content.Height, head.Height)
		require.Equal(t, last.Content.Time().Add(trustPeriod).Unix(), head.StaleAt.Unix())

		before := w.balance(c)
		handed, err = w.relayTo(c).Once(t.Context())
		require.NoError(t, err)
		require.Zero(t, handed.Checkpoints)
		require.NoError(t, c.Submit(t.Context(), last), "done already is success")
		require.Equal(t, before, w.balance(c), "and costs nothing")
	}
}

func (w *world) balance(c *Client) *big.Int {
	w.Helper()
	balance, err := c.nodes[0].BalanceAt(w.Context(), c.account, nil)
	require.NoError(w, err)
	return balance
}

func TestRefusals(t *testing.T) {
	w := newWorld(t, 4, mining())
	c := w.client(0, nil)
	good := w.sign(1, false)
	few := good
	few.Signatures = few.Signatures[:2]
	require.ErrorContains(t, c.Submit(t.Context(), few), "NotEnoughPower")
	forged := good
	forged.Content.AnchorRoot[0] ^= 1
	require.ErrorContains(t, c.Submit(t.Context(), forged), "UnexpectedSigner")
	require.ErrorContains(t, c.Submit(t.Context(), w.sign(2, false)), "WrongEpoch")
	foreign := good
	foreign.Content.Chain[0] ^= 1
	require.ErrorContains(t, c.Submit(t.Context(), foreign), "WrongChain")
	require.NoError(t, c.Submit(t.Context(), good))

	require.NoError(t, w.network.SetTime(t.Context(), time.Now().Add(trustPeriod+24*time.Hour)))
	require.NoError(t, w.network.Mine(t.Context(), 1))
	late := w.chain.Sign(1, 1_000, good.Content.TimeMillis+1_000, false)
	require.ErrorIs(t, c.Submit(t.Context(), late), relayer.ErrStale)

	elsewhere := w.client(0, func(cfg *Config) { cfg.Contract = common.Address{9} })
	_, err := elsewhere.Head(t.Context())
	require.ErrorContains(t, err, "no contract at this address")
	for name, change := range map[string]func(*Config){
		"no endpoint": func(cfg *Config) { cfg.URLs = nil },
		"no key":      func(cfg *Config) { cfg.Key = nil },
		"no contract": func(cfg *Config) { cfg.Contract = common.Address{} },
		"bad URL":     func(cfg *Config) { cfg.URLs = []string{"gopher://x"} },
	} {
		cfg := Config{URLs: []string{w.network.URL()}, Contract: w.contract, Key: w.network.Account(0).Key}
		change(&cfg)
		_, err := New(t.Context(), cfg)
		require.Error(t, err, name)
	}
}

func TestAReorganisationBeforeFinality(t *testing.T) {
	w := newWorld(t, 4, mining())
	c := w.client(0, nil)
	w.sign(1, true)
	w.sign(2, false)
	_, err := w.relayTo(c).Once(t.Context())
	require.NoError(t, err)
	after := w.head(c)
	require.NoError(t, w.network.StopMining(t.Context()))
	require.NoError(t, w.network.Reorg(t.Context(), 2))
	require.Less(t, w.head(c).Height, after.Height, "the fork does not have it")
	require.NoError(t, w.network.StartMining(t.Context(), time.Second))
	_, err = w.relayTo(c).Once(t.Context())
	require.NoError(t, err)
	require.Equal(t, after.Height, w.head(c).Height)
}

func TestRacingRelayers(t *testing.T) {
	w := newWorld(t, 4, mining())
	one, other := w.client(0, nil), w.client(1, nil)
	w.sign(1, true)
	w.sign(2, true)
	last := w.sign(3, false)
	results := make(chan error, 2)
	for _, c := range []*Client{one, other} {
		go func() {
			_, err := w.relayTo(c).Once(w.Context())
			results <- err
		}()
	}
	for range 2 {
		require.NoError(t, <-results)
	}
	require.Equal(t, last.Content.Height, w.head(one).Height)
}

// A relayer that is killed between sending and knowing leaves a transaction behind; another with its key replaces or finds it.
func TestCrashBetweenSendAndRecord(t *testing.T) {
	w := newWorld(t, 4, ethereum.Options{})
	checkpoint := w.sign(1, false)
	ctx, crash := context.WithCancel(t.Context())
	proxy, err := faultproxy.Start(w.network.URL())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, proxy.Close()) })
	c := w.client(0, func(cfg *Config) { cfg.URLs = []string{proxy.URL()} })
	done := make(chan error, 1)
	go func() { done <- c.Submit(ctx, checkpoint) }()
	require.Eventually(t, func() bool { return proxy.Calls("eth_sendRawTransaction") == 1 }, 20*time.Second, 5*time.Millisecond)
	crash()
	require.ErrorIs(t, <-done, context.Canceled)
	require.Zero(t, w.head(c).Height, "no block has it")

	again := w.client(0, nil) // the same key
	go func() { done <- again.Submit(t.Context(), checkpoint) }()
	require.NoError(t, w.network.StartMining(t.Context(), time.Second))
	require.NoError(t, <-done)
	require.Equal(t, checkpoint.Content.Height, w.head(c).Height)
}

func TestAStuckTransactionIsReplaced(t *testing.T) {
	w := newWorld(t, 4, ethereum.Options{})
	checkpoint := w.sign(1, false)
	proxy, err := faultproxy.Start(w.network.URL())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, proxy.Close()) })
	c := w.client(0, func(cfg *Config) { cfg.URLs, cfg.ReplaceAfter = []string{proxy.URL()}, 50*time.Millisecond })
	done := make(chan error, 1)
	go func() { done <- c.Submit(t.Context(), checkpoint) }()
	require.Eventually(t, func() bool { return proxy.Calls("eth_sendRawTransaction") >= 3 }, 20*time.Second, 5*time.Millisecond)
	require.NoError(t, w.network.Mine(t.Context(), 1))
	require.NoError(t, <-done)
	nonce, err := c.nodes[0].NonceAt(t.Context(), c.account, nil)
	require.NoError(t, err)
	require.Equal(t, uint64(1), nonce, "one of them, once")
}

func TestFeesAreBounded(t *testing.T) {
	w := newWorld(t, 4, mining())
	c := w.client(0, func(cfg *Config) { cfg.MaxFee = big.NewInt(1) })
	err := c.Submit(t.Context(), w.sign(1, false))
	require.ErrorContains(t, err, "fees are too high now")
	require.Zero(t, w.head(c).Height)
}

func TestOutOfFunds(t *testing.T) {
	w := newWorld(t, 4, mining())
	c := w.client(0, nil)
	require.NoError(t, w.network.SetBalance(t.Context(), c.Account(), big.NewInt(1_000)))
	checkpoint := w.sign(1, false)
	err := c.Submit(t.Context(), checkpoint)
	require.ErrorIs(t, err, relayer.ErrFunds)
	require.ErrorContains(t, err, c.Account().String())
	require.NoError(t, w.network.SetBalance(t.Context(), c.Account(), new(big.Int).Lsh(big.NewInt(1), 70)))
	require.NoError(t, c.Submit(t.Context(), checkpoint))
}

// An endpoint that lags or claims more than there is does not keep a checkpoint from arriving, nor one that does not answer.
func TestLaggingAndLyingEndpoints(t *testing.T) {
	w := newWorld(t, 4, mining())
	first := w.sign(1, false)
	proxy, err := faultproxy.Start(w.network.URL())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, proxy.Close()) })
	c := w.client(0, func(cfg *Config) { cfg.URLs = []string{w.network.URL(), proxy.URL()} })
	require.NoError(t, c.Submit(t.Context(), first))

	claimed := make([]byte, 128) // head: epoch 9, height 900
	claimed[31], claimed[62], claimed[63] = 9, 3, 132
	stopLying := proxy.Add(faultproxy.Rule{Methods: []string{"eth_call"}, Fault: faultproxy.Lie(func(_, _ json.RawMessage) (any, error) {
		return hexutil.Encode(claimed), nil
	})})
	second := w.sign(1, false)
	handed, err := w.relayTo(c).Once(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, handed.Checkpoints)
	require.Equal(t, second.Content.Height, w.head(c).Height)
	stopLying()

	proxy.Add(faultproxy.Rule{Fault: faultproxy.Status(503)})
	third := w.sign(1, false)
	_, err = w.relayTo(c).Once(t.Context())
	require.NoError(t, err)
	require.Equal(t, third.Content.Height, w.head(c).Height)
}

// With the nonce of an endpoint that claims too high a one nothing is mined, and with that of one that lags neither.
func TestEndpointsThatTellAnotherNonce(t *testing.T) {
	for name, nonce := range map[string]hexutil.Uint64{"too high": 1_000, "too low": 0} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 4, mining())
			proxy, err := faultproxy.Start(w.network.URL())
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, proxy.Close()) })
			c := w.client(0, func(cfg *Config) {
				cfg.URLs, cfg.Timeout, cfg.Poll = []string{w.network.URL(), proxy.URL()}, 4*time.Second, 100*time.Millisecond
			})
			require.NoError(t, c.Submit(t.Context(), w.sign(1, false)))
			proxy.Add(faultproxy.Rule{Methods: []string{"eth_getTransactionCount"}, Fault: faultproxy.Lie(func(_, _ json.RawMessage) (any, error) {
				return nonce, nil
			})})
			newest := w.sign(1, false)
			if err := c.Submit(t.Context(), newest); err != nil {
				require.ErrorContains(t, err, "no block has the transaction")
				unsigned := newest
				unsigned.Signatures = nil
				require.Error(t, c.Submit(t.Context(), unsigned), "which says nothing of nonces")
				require.NoError(t, c.Submit(t.Context(), newest), "with the nonce of the other")
			}
			require.Equal(t, newest.Content.Height, w.head(c).Height)
		})
	}
}

func TestLoadKey(t *testing.T) {
	dir := t.TempDir()
	const digits = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), mode))
		require.NoError(t, os.Chmod(path, mode))
		return path
	}
	for _, text := range []string{digits, "0x" + digits + "\n"} {
		_, err := LoadKey(write("good", text, 0o600))
		require.NoError(t, err)
	}
	_, err := LoadKey(write("open", digits, 0o644))
	require.ErrorContains(t, err, "chmod 600")
	for name, text := range map[string]string{"short": digits[1:], "words": "a secret that nobody may see", "zero": ""} {
		_, err := LoadKey(write(name, text, 0o600))
		require.ErrorContains(t, err, "no private key in hex")
		if text != "" {
			require.NotContains(t, err.Error(), text)
		}
	}
	_, err = LoadKey(filepath.Join(dir, "none"))
	require.True(t, errors.Is(err, os.ErrNotExist))
}

// An endpoint that suggests absurd fees, or refuses what is offered, spends neither more than the bound nor time.
func TestAGreedyEndpoint(t *testing.T) {
	w := newWorld(t, 4, ethereum.Options{})
	checkpoint := w.sign(1, false)
	proxy, err := faultproxy.Start(w.network.URL())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, proxy.Close()) })
	answer := func(method string, result any) func() {
		return proxy.Add(faultproxy.Rule{Methods: []string{method}, Fault: faultproxy.Lie(func(_, _ json.RawMessage) (any, error) { return result, nil })})
	}
	c := w.client(0, func(cfg *Config) {
		cfg.URLs, cfg.Timeout, cfg.Poll = []string{proxy.URL()}, 2*time.Second, 100*time.Millisecond
	})
	stop := answer("eth_maxPriorityFeePerGas", "0xffffffffffffffff")
	require.ErrorContains(t, c.Submit(t.Context(), checkpoint), "fees are too high now")
	stop()
	stop = answer("eth_estimateGas", "0xffffffff")
	require.ErrorContains(t, c.Submit(t.Context(), checkpoint), "which is not believed")
	stop()
	require.Zero(t, proxy.Calls("eth_sendRawTransaction"))
	proxy.Add(faultproxy.Rule{Methods: []string{"eth_sendRawTransaction"}, Fault: faultproxy.Swallow(func(json.RawMessage) (any, error) {
		return nil, errors.New("replacement transaction underpriced")
	})})
	require.Error(t, c.Submit(t.Context(), checkpoint))
	require.LessOrEqual(t, proxy.Calls("eth_sendRawTransaction"), 25)
}

func TestSecretsInURLsAreNotTold(t *testing.T) {
	const secret = "dont-tell-anybody"
	c, err := New(t.Context(), Config{URLs: []string{"http://127.0.0.1:1/v2/" + secret}, Contract: common.Address{1}, Key: mustKey(t)})
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Head(t.Context())
	require.ErrorContains(t, err, "127.0.0.1:1")
	require.NotContains(t, err.Error(), secret)
	err = c.Submit(t.Context(), signedchain.New(t, 1).Sign(1, 1, 1, false))
	require.Error(t, err)
	require.NotContains(t, err.Error(), secret)
}

func mustKey(t *testing.T) *ecdsa.PrivateKey {
	key, err := crypto.GenerateKey()
	require.NoError(t, err)
	return key
}

// The first endpoint is gone: the second does all.
func TestADeadEndpoint(t *testing.T) {
	w := newWorld(t, 4, mining())
	c := w.client(0, func(cfg *Config) { cfg.URLs = []string{"http://127.0.0.1:1", w.network.URL()} })
	w.sign(1, true)
	w.sign(2, false)
	handed, err := w.relayTo(c).Once(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, handed.Checkpoints)
}

// The first endpoint does not see that the account has sent something.
func TestAStaleNonce(t *testing.T) {
	w := newWorld(t, 4, mining())
	proxy := w.proxy()
	c := w.client(0, func(cfg *Config) { cfg.URLs = []string{proxy.URL(), w.network.URL(), "http://127.0.0.1:1"} })
	require.NoError(t, c.Submit(t.Context(), w.sign(1, false)))
	proxy.Add(faultproxy.Rule{Methods: []string{"eth_getTransactionCount"}, Fault: faultproxy.Lie(func(_, _ json.RawMessage) (any, error) {
		return "0x0", nil
	})})
	last := w.sign(1, false)
	require.NoError(t, c.Submit(t.Context(), last))
	require.Equal(t, last.Content.Height, w.head(c).Height)
}
