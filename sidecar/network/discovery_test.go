package network_test

import (
	"context"
	"iter"
	"net"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/network"
)

func TestBootstrapThenFindProvidersThenFetch(t *testing.T) {
	hub := startNode(t, testConfig())
	cfg := testConfig()
	cfg.Bootstrap = addrStrings(hub)
	server, client := startNode(t, cfg), startNode(t, cfg)
	for _, n := range []*node{server, client} {
		eventually(t, func() bool { return connected(n, hub.ID()) }, "bootstrap peer is connected")
	}
	cids := fill(t, server.store, repeat(10_000, 30)...)
	root := cids[0]
	require.NoError(t, server.Provide(t.Context(), root))

	var providers []peer.AddrInfo
	eventually(t, func() bool {
		var err error
		providers, err = client.FindProviders(t.Context(), root, 5)
		require.NoError(t, err)
		return len(providers) == 1
	}, "the provider is found")
	require.Equal(t, server.ID(), providers[0].ID)

	got := make(collector)
	require.NoError(t, client.FetchFrom(t.Context(), providers, cids, got.got))
	got.requireAll(t, server.store, cids)
}

func TestFetchFindsProvidersByItself(t *testing.T) {
	hub := startNode(t, testConfig())
	cfg := testConfig()
	cfg.Bootstrap = addrStrings(hub)
	server := startNode(t, cfg)
	eventually(t, func() bool { return connected(server, hub.ID()) }, "server joins")
	root := fill(t, server.store, 1000)
	require.NoError(t, server.Provide(t.Context(), root...))
	eventually(t, func() bool {
		found, err := hub.FindProviders(t.Context(), root[0], 1)
		return err == nil && len(found) == 1
	}, "the announcement is stored")

	client := startNode(t, cfg)
	eventually(t, func() bool { return connected(client, hub.ID()) }, "client joins")
	got := make(collector)
	require.NoError(t, client.Fetch(t.Context(), root, got.got))
	got.requireAll(t, server.store, root)
}

func TestProvideWaitsForPeersAndReprovidesOnStart(t *testing.T) {
	keys := []cid.Cid{randomBlock(t, 10).Cid(), randomBlock(t, 11).Cid()}
	server := startNode(t, testConfig(), func(d *network.Deps) {
		d.Keys = func(context.Context) iter.Seq2[cid.Cid, error] {
			return func(yield func(cid.Cid, error) bool) {
				for _, c := range keys {
					if !yield(c, nil) {
						return
					}
				}
			}
		}
	})
	// Nobody is there to be told yet.
	late := randomBlock(t, 12).Cid()
	require.NoError(t, server.Provide(t.Context(), late))

	other := startNode(t, testConfig())
	require.NoError(t, other.Connect(t.Context(), server.AddrInfo()))
	for _, c := range append(keys, late) {
		eventually(t, func() bool {
			found, err := other.FindProviders(t.Context(), c, 1)
			require.NoError(t, err)
			return len(found) == 1 && found[0].ID == server.ID()
		}, "every key is announced")
	}
}

func TestProvideQueueIsBounded(t *testing.T) {
	cfg := testConfig()
	cfg.ProvideQueueLen, cfg.ProvideWorkers = 3, 1
	n := startNode(t, cfg)
	// One announcement may be in the hands of the worker, beside the queue.
	var err error
	for range 5 {
		err = n.Provide(t.Context(), randomBlock(t, 20).Cid())
	}
	require.ErrorIs(t, err, network.ErrProvideQueueFull)
	require.ErrorIs(t, n.Provide(t.Context(), cid.Undef), network.ErrInvalidCID)
}

func TestBootstrapPeerIsReconnected(t *testing.T) {
	key := newKey(t)
	hubStore := newStore()
	hubConfig := testConfig()
	hub, err := network.New(t.Context(), hubConfig, network.Deps{Key: key, Blocks: hubStore})
	require.NoError(t, err)
	var listen, bootstrap []string
	for _, a := range hub.AddrInfo().Addrs {
		listen = append(listen, a.String())
	}
	for _, a := range hub.Addrs() {
		bootstrap = append(bootstrap, a.String())
	}
	cfg := testConfig()
	cfg.Bootstrap = bootstrap
	n := startNode(t, cfg)
	eventually(t, func() bool { return connected(n, hub.ID()) }, "first connection")

	require.NoError(t, hub.Close())
	eventually(t, func() bool { return !connected(n, hub.ID()) }, "the loss is noticed")

	hubConfig.Listen = listen
	hub, err = network.New(t.Context(), hubConfig, network.Deps{Key: key, Blocks: hubStore})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, hub.Close()) })
	eventually(t, func() bool { return connected(n, hub.ID()) }, "second connection")
}

func TestNetworksOfDifferentNamesDoNotMix(t *testing.T) {
	red, blue := testConfig(), testConfig()
	red.NetworkName, blue.NetworkName = "red", "blue"
	server, stranger := startNode(t, red), startNode(t, blue)
	friend := startNode(t, red)
	require.NoError(t, stranger.Connect(t.Context(), server.AddrInfo()))
	require.NoError(t, friend.Connect(t.Context(), server.AddrInfo()))
	root := randomBlock(t, 10).Cid()
	require.NoError(t, server.Provide(t.Context(), root))
	eventually(t, func() bool {
		found, err := friend.FindProviders(t.Context(), root, 1)
		return err == nil && len(found) == 1
	}, "the same network finds it")

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	found, _ := stranger.FindProviders(ctx, root, 1)
	require.Empty(t, found)
	require.NotEqual(t, network.MDNSService("red"), network.MDNSService("blue"))
	require.NotEqual(t, network.DHTPrefix("red"), network.DHTPrefix("blue"))
}

// requireMulticast skips a test on a machine where a multicast packet does not
// come back to its sender, which is all that mDNS is made of.
func requireMulticast(t *testing.T) {
	t.Helper()
	group := &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 45353}
	in, err := net.ListenMulticastUDP("udp4", nil, group)
	if err != nil {
		t.Skipf("mDNS needs multicast, which this machine refuses: %v", err)
	}
	defer in.Close()
	out, err := net.DialUDP("udp4", nil, group)
	if err != nil {
		t.Skipf("mDNS needs multicast, which this machine refuses: %v", err)
	}
	defer out.Close()
	if _, err := out.Write([]byte("ipdm")); err != nil {
		t.Skipf("mDNS needs multicast, which this machine refuses: %v", err)
	}
	require.NoError(t, in.SetReadDeadline(time.Now().Add(2*time.Second)))
	if _, _, err := in.ReadFromUDP(make([]byte, 16)); err != nil {
		t.Skipf("mDNS needs multicast, which does not come back on this machine: %v", err)
	}
}

func TestMDNSFindsNodesOfTheSameNetwork(t *testing.T) {
	requireMulticast(t)
	cfg := testConfig()
	cfg.MDNS = true
	cfg.NetworkName = "mdns-" + peerID(t).String()[:12]
	other := cfg
	other.NetworkName = "mdns-" + peerID(t).String()[40:52]
	a, b, stranger := startNode(t, cfg), startNode(t, cfg), startNode(t, other)
	eventually(t, func() bool { return connected(a, b.ID()) && connected(b, a.ID()) }, "the two find each other")
	require.Empty(t, stranger.Peers())
}
