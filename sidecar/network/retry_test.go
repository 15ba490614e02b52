package network_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/ipfs/boxo/bitswap/message"
	pb "github.com/ipfs/boxo/bitswap/message/pb"
	bsnetwork "github.com/ipfs/boxo/bitswap/network"
	"github.com/ipfs/boxo/bitswap/network/bsnet"
	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"
)

// forgetful has one block, says so, and loses the first request for it.
type forgetful struct {
	network bsnetwork.BitSwapNetwork
	block   blocks.Block
	sends   sync.WaitGroup

	mu     sync.Mutex // guards asked
	asked  int
	forgot chan struct{}
}

// ReceiveMessage answers everything but the first request for the block itself.
func (f *forgetful) ReceiveMessage(_ context.Context, from peer.ID, msg message.BitSwapMessage) {
	answer := message.New(false)
	for _, want := range msg.Wantlist() {
		if want.Cancel || !want.Cid.Equals(f.block.Cid()) {
			continue
		}
		if want.WantType == pb.Message_Wantlist_Have {
			answer.AddHave(want.Cid)
			continue
		}
		f.mu.Lock()
		f.asked++
		first := f.asked == 1
		f.mu.Unlock()
		if first {
			close(f.forgot)
		} else {
			answer.AddBlock(f.block)
		}
	}
	if !answer.Empty() {
		f.sends.Go(func() { _ = f.network.SendMessage(context.Background(), from, answer) })
	}
}

// ReceiveError does nothing.
func (f *forgetful) ReceiveError(error) {}

// PeerConnected does nothing.
func (f *forgetful) PeerConnected(peer.ID) {}

// PeerDisconnected does nothing.
func (f *forgetful) PeerDisconnected(peer.ID) {}

func TestFetchAsksAgainForALostRequest(t *testing.T) {
	h := plainHost(t)
	f := &forgetful{network: bsnet.NewFromIpfsHost(h), block: randomBlock(t, 5000), forgot: make(chan struct{})}
	f.network.Start(f)
	t.Cleanup(func() {
		f.network.Stop()
		f.sends.Wait()
	})
	cfg := testConfig()
	cfg.FetchRetry = 200 * time.Millisecond
	// Well below the 30 seconds after which Bitswap would repeat it by itself.
	cfg.FetchTimeout = 10 * time.Second
	client := startNode(t, cfg)

	got := make(collector)
	require.NoError(t, client.FetchFrom(t.Context(), []peer.AddrInfo{infoOf(h)}, []cid.Cid{f.block.Cid()}, got.got))
	require.Equal(t, f.block.RawData(), got[f.block.Cid()])
	<-f.forgot
}
