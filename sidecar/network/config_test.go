package network_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/network"
)

func TestDefaultConfigIsValid(t *testing.T) {
	require.NoError(t, network.DefaultConfig("ipdm-localnet-1").Validate())
	require.NoError(t, network.DefaultConfig("ipdm_9000-1.test").Validate())
}

func TestConfigErrors(t *testing.T) {
	for name, test := range map[string]struct {
		edit func(*network.Config)
		want string
	}{
		"no name":              {func(c *network.Config) { c.NetworkName = "" }, "network name"},
		"name with slash":      {func(c *network.Config) { c.NetworkName = "a/b" }, "network name"},
		"long name":            {func(c *network.Config) { c.NetworkName = string(make([]byte, 65)) }, "network name"},
		"nothing to listen on": {func(c *network.Config) { c.Listen = nil }, "listen address"},
		"bad listen address":   {func(c *network.Config) { c.Listen = []string{"localhost:1"} }, "localhost:1"},
		"bad announce address": {func(c *network.Config) { c.Announce = []string{"x"} }, "announce"},
		"bootstrap without id": {func(c *network.Config) { c.Bootstrap = []string{"/ip4/127.0.0.1/tcp/1"} }, "bootstrap"},
		"too many bootstraps":  {func(c *network.Config) { c.Bootstrap = make([]string, 65) }, "at most 64"},
		"holes without relay":  {func(c *network.Config) { c.HolePunching = true }, "needs relay"},
		"low above high":       {func(c *network.Config) { c.ConnsLow = 300 }, "conns low"},
		"high above max":       {func(c *network.Config) { c.MaxConns = 10 }, "max conns"},
		"tiny memory":          {func(c *network.Config) { c.MaxMemoryBytes = 1 }, "64 MiB"},
		"no timeout":           {func(c *network.Config) { c.FetchTimeout = 0 }, "fetch timeout"},
		"negative interval":    {func(c *network.Config) { c.PingInterval = -time.Second }, "ping interval"},
		"no workers":           {func(c *network.Config) { c.ProvideWorkers = 0 }, "provide workers"},
		"no exchange workers":  {func(c *network.Config) { c.Exchange.TaskWorkers = 0 }, "task workers"},
		"oversize message":     {func(c *network.Config) { c.Exchange.TargetMessageBytes = 3 << 20 }, "target message"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := network.DefaultConfig("test")
			test.edit(&cfg)
			require.ErrorContains(t, cfg.Validate(), test.want)
			_, err := network.New(t.Context(), cfg, network.Deps{Key: newKey(t), Blocks: newStore()})
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestNewNeedsKeyAndBlocks(t *testing.T) {
	_, err := network.New(t.Context(), testConfig(), network.Deps{Blocks: newStore()})
	require.Error(t, err)
	_, err = network.New(t.Context(), testConfig(), network.Deps{Key: newKey(t)})
	require.Error(t, err)
}

func TestNewReportsATakenPort(t *testing.T) {
	first := startNode(t, testConfig())
	for _, a := range first.AddrInfo().Addrs {
		cfg := testConfig()
		cfg.Listen = append(cfg.Listen, a.String())
		_, err := network.New(t.Context(), cfg, network.Deps{Key: newKey(t), Blocks: newStore()})
		require.ErrorContains(t, err, "failed to listen on "+a.String())
	}
}

func TestEveryReachabilityOptionStarts(t *testing.T) {
	hub := startNode(t, testConfig())
	cfg := testConfig()
	cfg.Bootstrap = addrStrings(hub)
	cfg.Announce = []string{"/ip4/203.0.113.7/udp/4001/quic-v1"}
	cfg.AutoNAT, cfg.Relay, cfg.RelayService, cfg.HolePunching = true, true, true, true
	n := startNode(t, cfg)
	require.Len(t, n.Addrs(), 1)
	require.Contains(t, n.Addrs()[0].String(), "203.0.113.7")
	eventually(t, func() bool { return connected(n, hub.ID()) }, "it connects all the same")
}

func TestParsePeersMergesAddresses(t *testing.T) {
	id := peerID(t).String()
	infos, err := network.ParsePeers([]string{
		"/ip4/127.0.0.1/tcp/1/p2p/" + id,
		"/ip4/127.0.0.1/udp/2/quic-v1/p2p/" + id,
		"/ip4/127.0.0.1/tcp/3/p2p/" + peerID(t).String(),
	})
	require.NoError(t, err)
	require.Len(t, infos, 2)
	require.Len(t, infos[0].Addrs, 2)
}
