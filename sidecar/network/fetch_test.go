package network_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/network"
)

func TestFetchBlocksOfEverySize(t *testing.T) {
	server, client := startPair(t, testConfig())
	sizes := []int{1, 2, 100, 1023, 1024, 1025, 16 << 10, 256 << 10, 1 << 20, network.MaxBlockBytes - 1, network.MaxBlockBytes}
	cids := fill(t, server.store, sizes...)

	got := make(collector)
	require.NoError(t, client.Fetch(t.Context(), cids, got.got))
	got.requireAll(t, server.store, cids)
}

func TestFetchOverEachTransport(t *testing.T) {
	for name, listen := range map[string]string{
		"quic": "/ip4/127.0.0.1/udp/0/quic-v1",
		"tcp":  "/ip4/127.0.0.1/tcp/0",
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig()
			cfg.Listen = []string{listen}
			server, client := startPair(t, cfg)
			cids := fill(t, server.store, 1, 5000, network.MaxBlockBytes)
			got := make(collector)
			require.NoError(t, client.Fetch(t.Context(), cids, got.got))
			got.requireAll(t, server.store, cids)
		})
	}
}

func TestFetchManyBlocksBeyondOneWantlist(t *testing.T) {
	server, client := startPair(t, testConfig())
	cids := fill(t, server.store, append(repeat(300, 5000), repeat(200_000, 100)...)...)

	got := make(collector)
	require.NoError(t, client.Fetch(t.Context(), cids, got.got))
	got.requireAll(t, server.store, cids)
}

func TestFetchAsksForEachBlockOnce(t *testing.T) {
	server, client := startPair(t, testConfig())
	cids := fill(t, server.store, 10, 20)

	calls := 0
	err := client.Fetch(t.Context(), []cid.Cid{cids[0], cids[1], cids[0], cids[0]}, func(cid.Cid, []byte) error {
		calls++
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 2, calls)
}

func TestFetchUnwrapsIdentityCIDs(t *testing.T) {
	n := startNode(t, testConfig())
	sum, err := multihash.Sum([]byte("inline"), multihash.IDENTITY, -1)
	require.NoError(t, err)
	id := cid.NewCidV1(cid.Raw, sum)

	got := make(collector)
	require.NoError(t, n.Fetch(t.Context(), []cid.Cid{id}, got.got))
	require.Equal(t, collector{id: []byte("inline")}, got)
}

func TestFetchRefusesWhatCannotTravel(t *testing.T) {
	sum := func(code uint64, length int) multihash.Multihash {
		h, err := multihash.Sum(nil, code, length)
		require.NoError(t, err)
		return h
	}
	tests := map[string]struct {
		id   cid.Cid
		want error
	}{
		"empty raw block, blake3":   {cid.NewCidV1(cid.Raw, sum(multihash.BLAKE3, 32)), network.ErrEmptyBlock},
		"empty raw block, sha2-256": {cid.NewCidV1(cid.Raw, sum(multihash.SHA2_256, 32)), network.ErrEmptyBlock},
		"empty raw block, sha2-512": {cid.NewCidV1(cid.Raw, sum(multihash.SHA2_512, 64)), network.ErrEmptyBlock},
		"empty dag-pb node":         {cid.NewCidV0(sum(multihash.SHA2_256, 32)), network.ErrEmptyBlock},
		"undefined":                 {cid.Undef, network.ErrInvalidCID},
		"insecure hash":             {cid.NewCidV1(cid.Raw, sum(multihash.MURMUR3X64_64, 8)), network.ErrInvalidCID},
		"truncated hash":            {cid.NewCidV1(cid.Raw, sum(multihash.SHA2_256, 8)), network.ErrInvalidCID},
	}
	server, client := startPair(t, testConfig())
	good := fill(t, server.store, 100)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := make(collector)
			err := client.Fetch(t.Context(), append([]cid.Cid{test.id}, good...), got.got)
			require.ErrorIs(t, err, test.want)
			require.Empty(t, got, "nothing may be delivered by a refused fetch")
		})
	}
}

func TestFetchEndsWhenNobodyHasTheBlock(t *testing.T) {
	cfg := testConfig()
	cfg.FetchTimeout = 500 * time.Millisecond
	server, client := startPair(t, cfg)
	present := fill(t, server.store, 100, 200)
	absent := []cid.Cid{randomBlock(t, 10).Cid(), randomBlock(t, 10).Cid()}

	got := make(collector)
	err := client.Fetch(t.Context(), []cid.Cid{absent[0], present[0], absent[1], present[1]}, got.got)
	require.ErrorIs(t, err, network.ErrNotFound)
	var notFound *network.NotFoundError
	require.ErrorAs(t, err, &notFound)
	require.Equal(t, absent, notFound.Missing)
	got.requireAll(t, server.store, present)
}

func TestFetchEndsWithoutAnyPeer(t *testing.T) {
	cfg := testConfig()
	cfg.FetchTimeout = 100 * time.Millisecond
	n := startNode(t, cfg)
	err := n.Fetch(t.Context(), []cid.Cid{randomBlock(t, 10).Cid()}, make(collector).got)
	require.ErrorIs(t, err, network.ErrNotFound)
}

func TestFetchStopsOnConsumerError(t *testing.T) {
	server, client := startPair(t, testConfig())
	cids := fill(t, server.store, repeat(1000, 300)...)
	full := errors.New("disk full")
	calls := 0
	err := client.Fetch(t.Context(), cids, func(cid.Cid, []byte) error {
		calls++
		return full
	})
	require.ErrorIs(t, err, full)
	require.Equal(t, 1, calls)
}

func TestFetchStopsWithItsContext(t *testing.T) {
	n := startNode(t, testConfig())
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := n.Fetch(ctx, []cid.Cid{randomBlock(t, 10).Cid()}, make(collector).got)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestFetchStopsWhenTheNetworkCloses(t *testing.T) {
	server, client := startPair(t, testConfig())
	present := fill(t, server.store, 10)
	started := make(chan struct{})
	result := make(chan error, 1)
	go func() {
		result <- client.Fetch(context.Background(), append(present, randomBlock(t, 10).Cid()), func(cid.Cid, []byte) error {
			close(started)
			return nil
		})
	}()
	<-started
	require.NoError(t, client.Close())
	require.ErrorIs(t, <-result, network.ErrClosed)
	require.ErrorIs(t, client.Fetch(t.Context(), present, make(collector).got), network.ErrClosed)
	require.ErrorIs(t, client.Provide(t.Context(), present...), network.ErrClosed)
	require.ErrorIs(t, client.Connect(t.Context(), server.AddrInfo()), network.ErrClosed)
}

func TestFetchFromConnectsFirst(t *testing.T) {
	server, client := startNode(t, testConfig()), startNode(t, testConfig())
	cids := fill(t, server.store, repeat(10_000, 20)...)
	unreachable := peer.AddrInfo{ID: peerID(t), Addrs: mustAddrs(t, "/ip4/127.0.0.1/udp/1/quic-v1")}

	got := make(collector)
	require.NoError(t, client.FetchFrom(t.Context(), []peer.AddrInfo{unreachable, server.AddrInfo()}, cids, got.got))
	got.requireAll(t, server.store, cids)
	require.True(t, connected(client, server.ID()))
}

func TestPeersThatServeGainScore(t *testing.T) {
	server, client := startPair(t, testConfig())
	cids := fill(t, server.store, repeat(1000, 50)...)
	require.NoError(t, client.Fetch(t.Context(), cids, make(collector).got))

	peers := client.Peers()
	require.Len(t, peers, 1)
	p := peers[0]
	require.Equal(t, server.ID(), p.ID)
	require.Positive(t, p.Score)
	require.Equal(t, network.Outbound, p.Direction)
	require.NotEmpty(t, p.Addrs)
	require.Contains(t, p.Protocols, network.BitswapProtocol)
	require.Equal(t, "ipdm", p.Agent)
	eventually(t, func() bool { return client.Peers()[0].Latency > 0 }, "latency is measured")
	eventually(t, func() bool {
		p := client.Peers()[0]
		return p.BytesIn > 50*1000 && p.BytesOut > 0
	}, "traffic is counted")
	require.Equal(t, network.Inbound, server.Peers()[0].Direction)
}
