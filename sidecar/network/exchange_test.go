package network_test

import (
	"sync"
	"testing"

	"github.com/ipfs/boxo/bitswap"
	"github.com/ipfs/boxo/bitswap/network/bsnet"
	"github.com/ipfs/boxo/blockservice"
	"github.com/ipfs/boxo/blockstore"
	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/network"
)

// plainHost is a libp2p host with nothing of ours in it.
func plainHost(t testing.TB) host.Host {
	t.Helper()
	h, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/udp/0/quic-v1"), libp2p.DisableMetrics())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

func plainBitswap(t testing.TB, h host.Host) (*bitswap.Bitswap, blockstore.Blockstore) {
	t.Helper()
	store := newStore()
	bs := bitswap.New(t.Context(), bsnet.NewFromIpfsHost(h), nil, store)
	t.Cleanup(func() { require.NoError(t, bs.Close()) })
	return bs, store
}

func infoOf(h host.Host) peer.AddrInfo { return peer.AddrInfo{ID: h.ID(), Addrs: h.Addrs()} }

func TestPlainBitswapClientFetchesFromUs(t *testing.T) {
	server := startNode(t, testConfig())
	cids := fill(t, server.store, append(repeat(3000, 500), 1, network.MaxBlockBytes)...)
	h := plainHost(t)
	client, _ := plainBitswap(t, h)
	require.NoError(t, h.Connect(t.Context(), server.AddrInfo()))

	arriving, err := client.NewSession(t.Context()).GetBlocks(t.Context(), cids)
	require.NoError(t, err)
	got := make(collector)
	for b := range arriving {
		require.NoError(t, got.got(b.Cid(), b.RawData()))
	}
	got.requireAll(t, server.store, cids)
}

func TestWhatIsSentToWhomIsTold(t *testing.T) {
	var mu sync.Mutex
	sent := map[peer.ID][]cid.Cid{}
	server := startNode(t, testConfig(), func(d *network.Deps) {
		d.Sent = func(to peer.ID, c cid.Cid) {
			mu.Lock()
			defer mu.Unlock()
			sent[to] = append(sent[to], c)
		}
	})
	client := startNode(t, testConfig())
	require.NoError(t, client.Connect(t.Context(), server.AddrInfo()))
	cids := fill(t, server.store, repeat(3000, 20)...)
	require.NoError(t, client.Fetch(t.Context(), cids, make(collector).got))
	eventually(t, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(sent[client.ID()]) == len(cids)
	}, "the last message has been sent when its blocks have arrived, or a moment later")
	mu.Lock()
	defer mu.Unlock()
	require.Len(t, sent, 1)
	require.ElementsMatch(t, cids, sent[client.ID()])
}

func TestWeFetchFromPlainBitswapServer(t *testing.T) {
	h := plainHost(t)
	_, store := plainBitswap(t, h)
	cids := fill(t, store, append(repeat(3000, 2000), 1, network.MaxBlockBytes)...)
	client := startNode(t, testConfig())

	got := make(collector)
	require.NoError(t, client.FetchFrom(t.Context(), []peer.AddrInfo{infoOf(h)}, cids, got.got))
	got.requireAll(t, store, cids)
}

func TestExchangeServesBlockservice(t *testing.T) {
	server, client := startPair(t, testConfig())
	cids := fill(t, server.store, 100, 200, 300)
	service := blockservice.New(client.store, client.Exchange())

	b, err := service.GetBlock(t.Context(), cids[0])
	require.NoError(t, err)
	require.Len(t, b.RawData(), 100)

	session := blockservice.NewSession(t.Context(), service)
	count := 0
	for range session.GetBlocks(t.Context(), cids) {
		count++
	}
	require.Equal(t, 3, count)
}

func TestExchangeRefusesEmptyBlock(t *testing.T) {
	n := startNode(t, testConfig())
	empty := newBlock(t, nil).Cid()
	_, err := n.Exchange().GetBlock(t.Context(), empty)
	require.ErrorIs(t, err, network.ErrEmptyBlock)
	_, err = n.Exchange().NewSession(t.Context()).GetBlocks(t.Context(), []cid.Cid{empty})
	require.ErrorIs(t, err, network.ErrEmptyBlock)
}

func TestBlockStoredLaterReachesWhoWaits(t *testing.T) {
	server, client := startPair(t, testConfig())
	b := randomBlock(t, 4000)
	result := make(chan blocks.Block, 1)
	failure := make(chan error, 1)
	go func() {
		got, err := client.Exchange().GetBlock(t.Context(), b.Cid())
		result <- got
		failure <- err
	}()
	// The server learns of the want; only then does it get the block.
	eventually(t, func() bool { return wantsOf(server, client.ID()) > 0 }, "want arrives")
	require.NoError(t, server.store.Put(t.Context(), b))
	require.NoError(t, server.Exchange().NotifyNewBlocks(t.Context(), b))
	require.NoError(t, <-failure)
	require.Equal(t, b.RawData(), (<-result).RawData())
}
