package chain_test

import (
	"context"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/testutil/fakechain"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// deadAddress is an address where nothing listens.
func deadAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}

func TestTheClientMovesOnWhenANodeFails(t *testing.T) {
	f, ctx := newFixture(t), testContext(t)
	second := f.chain.Node(t)
	client := newClient(t, f.chain.ChainID(), deadAddress(t), f.node.Addr(), second.Addr())
	_, err := client.Latest(ctx)
	require.NoError(t, err)
	require.Equal(t, f.node.Addr(), client.Endpoint())

	f.node.Stop()
	signer, err := chain.NewSigner(client, f.keys, "alice")
	require.NoError(t, err)
	_, err = signer.Submit(ctx, f.send(t, 1))
	require.NoError(t, err)
	require.Equal(t, second.Addr(), client.Endpoint())
}

func TestAnUnreachableChainSaysWhatToDo(t *testing.T) {
	first, second := deadAddress(t), deadAddress(t)
	client := newClient(t, "ipdm-1", first, second)
	_, err := client.Latest(testContext(t))
	require.ErrorIs(t, err, chain.ErrUnreachable)
	var unreachable *chain.UnreachableError
	require.ErrorAs(t, err, &unreachable)
	require.Equal(t, []string{first, second}, unreachable.Endpoints)
	require.ErrorContains(t, err, first)
	require.ErrorContains(t, err, "--chain-grpc")
}

func TestANodeOfAnotherChainIsNotUsed(t *testing.T) {
	f, ctx := newFixture(t), testContext(t)
	other := fakechain.New(t, fakechain.Options{ChainID: "other-1"}).Node(t)

	client := newClient(t, f.chain.ChainID(), other.Addr(), f.node.Addr())
	_, err := client.Latest(ctx)
	require.NoError(t, err)
	require.Equal(t, f.node.Addr(), client.Endpoint())

	client = newClient(t, f.chain.ChainID(), other.Addr())
	_, err = client.Latest(ctx)
	require.ErrorIs(t, err, chain.ErrWrongChain)
	require.ErrorContains(t, err, "other-1")

	client = newClient(t, "", other.Addr())
	id, err := client.ChainID(ctx)
	require.NoError(t, err)
	require.Equal(t, "other-1", id)
}

func TestLatestGivesTheChainsClock(t *testing.T) {
	f, ctx := newFixture(t), testContext(t)
	before, err := f.client.Latest(ctx)
	require.NoError(t, err)
	f.chain.Block(1234)
	after, err := f.client.Latest(ctx)
	require.NoError(t, err)
	require.Equal(t, before.Height+1, after.Height)
	require.Equal(t, f.chain.Now(), after.Time)
}

func TestADoneContextEndsARequest(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := f.client.Latest(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, chain.ErrUnreachable)
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	f, ctx := newFixture(t), testContext(t)
	address := f.signer.Address()
	_, _, err := f.client.Provider(ctx, address)
	require.ErrorIs(t, err, chain.ErrNotFound)
	_, _, err = f.client.Deal(ctx, 77)
	require.ErrorIs(t, err, chain.ErrNotFound)
	_, err = f.client.ProvingState(ctx, address, poreptypes.CLASS_OPEN)
	require.ErrorIs(t, err, chain.ErrNotFound)
	_, err = f.client.Tx(ctx, "00")
	require.ErrorIs(t, err, chain.ErrNotFound)
	assignments, err := f.client.Assignments(ctx, address)
	require.NoError(t, err)
	require.Empty(t, assignments)
	faults, err := f.client.Faults(ctx, address, poreptypes.CLASS_OPEN)
	require.NoError(t, err)
	require.Empty(t, faults)
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	for name, edit := range map[string]func(*chain.Config){
		"no node":                func(c *chain.Config) { c.Endpoints = nil },
		"no port":                func(c *chain.Config) { c.Endpoints = []string{"localhost"} },
		"no host":                func(c *chain.Config) { c.Endpoints = []string{":9090"} },
		"gas price":              func(c *chain.Config) { c.GasPrice = "cheap" },
		"gas adjustment":         func(c *chain.Config) { c.GasAdjustment = 0.9 },
		"request timeout":        func(c *chain.Config) { c.RequestTimeout = 0 },
		"inclusion timeout":      func(c *chain.Config) { c.InclusionTimeout = -1 },
		"interval between polls": func(c *chain.Config) { c.PollInterval = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := chain.DefaultConfig("ipdm-1", "127.0.0.1:9090")
			require.NoError(t, cfg.Validate())
			edit(&cfg)
			_, err := chain.New(cfg, nil)
			require.ErrorIs(t, err, chain.ErrConfig)
		})
	}
}
