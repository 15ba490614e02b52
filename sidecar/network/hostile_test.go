package network_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/ipfs/boxo/bitswap/message"
	bsnetwork "github.com/ipfs/boxo/bitswap/network"
	"github.com/ipfs/boxo/bitswap/network/bsnet"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/network"
)

// liar claims to have every block and answers with other bytes.
type liar struct {
	t       testing.TB
	network bsnetwork.BitSwapNetwork
	sends   sync.WaitGroup
}

func startLiar(t testing.TB) (*liar, host.Host) {
	h := plainHost(t)
	l := &liar{t: t, network: bsnet.NewFromIpfsHost(h)}
	l.network.Start(l)
	t.Cleanup(func() {
		l.network.Stop()
		l.sends.Wait()
	})
	return l, h
}

// ReceiveMessage answers a wantlist with lies.
func (l *liar) ReceiveMessage(_ context.Context, from peer.ID, msg message.BitSwapMessage) {
	answer := message.New(false)
	for _, want := range msg.Wantlist() {
		if want.Cancel {
			continue
		}
		answer.AddHave(want.Cid)
		answer.AddBlock(randomBlock(l.t, 1000))
	}
	if answer.Empty() {
		return
	}
	l.sends.Go(func() {
		// It is refused once the lies are found out.
		_ = l.network.SendMessage(context.Background(), from, answer)
	})
}

// ReceiveError does nothing.
func (l *liar) ReceiveError(error) {}

// PeerConnected does nothing.
func (l *liar) PeerConnected(peer.ID) {}

// PeerDisconnected does nothing.
func (l *liar) PeerDisconnected(peer.ID) {}

func TestLyingPeerIsBannedAndTheHonestOneServes(t *testing.T) {
	_, lyingHost := startLiar(t)
	honest, client := startPair(t, testConfig())
	require.NoError(t, client.Connect(t.Context(), infoOf(lyingHost)))
	cids := fill(t, honest.store, repeat(20_000, 200)...)

	got := make(collector)
	require.NoError(t, client.Fetch(t.Context(), cids, got.got))
	got.requireAll(t, honest.store, cids)

	eventually(t, func() bool { return client.Banned(lyingHost.ID()) }, "the liar is banned")
	eventually(t, func() bool { return !connected(client, lyingHost.ID()) }, "the liar is hung up on")
	require.Negative(t, client.ScoreOf(lyingHost.ID()))
	require.Positive(t, client.ScoreOf(honest.ID()))
	require.ErrorIs(t, client.Connect(t.Context(), infoOf(lyingHost)), network.ErrBanned)
	// Nor may it come back by itself.
	_ = lyingHost.Connect(t.Context(), client.AddrInfo())
	eventually(t, func() bool { return !connected(client, lyingHost.ID()) }, "the liar stays out")
}

func TestOnlyALyingPeerMeansNotFound(t *testing.T) {
	_, lyingHost := startLiar(t)
	cfg := testConfig()
	cfg.FetchTimeout = 500 * time.Millisecond
	client := startNode(t, cfg)

	got := make(collector)
	err := client.FetchFrom(t.Context(), []peer.AddrInfo{infoOf(lyingHost)}, []cid.Cid{randomBlock(t, 50).Cid()}, got.got)
	require.ErrorIs(t, err, network.ErrNotFound)
	require.Empty(t, got)
	require.Negative(t, client.ScoreOf(lyingHost.ID()))
}

func TestPeerThatServesNothingLosesScore(t *testing.T) {
	cfg := testConfig()
	cfg.FetchTimeout = 200 * time.Millisecond
	idle, client := startNode(t, testConfig()), startNode(t, cfg)
	err := client.FetchFrom(t.Context(), []peer.AddrInfo{idle.AddrInfo()}, []cid.Cid{randomBlock(t, 50).Cid()}, make(collector).got)
	require.ErrorIs(t, err, network.ErrNotFound)
	require.Negative(t, client.ScoreOf(idle.ID()))
}

func TestFetchSurvivesAPeerThatDiesMidway(t *testing.T) {
	cfg := testConfig()
	// A small window keeps most of the blocks unasked for when the peer dies.
	cfg.FetchWindowBytes = 1 << 20
	doomed, steady := startNode(t, cfg), startNode(t, cfg)
	client := startNode(t, cfg)
	cids := fill(t, steady.store, repeat(100_000, 200)...)
	for _, c := range cids {
		b, err := steady.store.Get(t.Context(), c)
		require.NoError(t, err)
		require.NoError(t, doomed.store.Put(t.Context(), b))
	}

	got := make(collector)
	err := client.FetchFrom(t.Context(), []peer.AddrInfo{doomed.AddrInfo(), steady.AddrInfo()}, cids, func(c cid.Cid, data []byte) error {
		if len(got) == 20 {
			require.NoError(t, doomed.Close())
		}
		return got.got(c, data)
	})
	require.NoError(t, err)
	got.requireAll(t, steady.store, cids)
}

func TestFetchReportsWhatADeadPeerLeft(t *testing.T) {
	cfg := testConfig()
	cfg.FetchWindowBytes = 1 << 20
	cfg.FetchTimeout = time.Second
	doomed, client := startPair(t, cfg)
	cids := fill(t, doomed.store, repeat(100_000, 200)...)

	got := make(collector)
	err := client.Fetch(t.Context(), cids, func(c cid.Cid, data []byte) error {
		if len(got) == 20 {
			require.NoError(t, doomed.Close())
		}
		return got.got(c, data)
	})
	var notFound *network.NotFoundError
	require.ErrorAs(t, err, &notFound)
	require.Equal(t, len(cids), len(got)+len(notFound.Missing))
}

func TestConnectionLimitHolds(t *testing.T) {
	cfg := testConfig()
	cfg.MaxConns, cfg.ConnsHigh, cfg.ConnsLow = 3, 3, 3
	hub := startNode(t, cfg)
	for range 6 {
		n := startNode(t, testConfig())
		// The excess ones are refused, at once or just after.
		_ = n.Connect(t.Context(), hub.AddrInfo())
		require.LessOrEqual(t, len(hub.Peers()), 3)
	}
	require.Len(t, hub.Peers(), 3)
}
