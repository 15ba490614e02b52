package network

import (
	"log/slog"

	"github.com/ipfs/boxo/bitswap/message"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
)

// exchangeWatch sees every Bitswap message, counts the blocks in it and judges
// the peers that send them.
type exchangeWatch struct {
	wants   *wantSet
	scores  *scores
	metrics *nodeMetrics
	log     *slog.Logger
	banned  chan<- peer.ID
	sent    func(to peer.ID, c cid.Cid) // may be nil
}

// MessageReceived judges the blocks of an incoming message.
func (w *exchangeWatch) MessageReceived(from peer.ID, msg message.BitSwapMessage) {
	blocks := msg.Blocks()
	if len(blocks) == 0 {
		return
	}
	good, bad, sizeBytes := 0, 0, 0
	for _, b := range blocks {
		sizeBytes += len(b.RawData())
		if len(b.RawData()) > MaxBlockBytes || !w.wants.asked(b.Cid()) {
			bad++
		} else {
			good++
		}
	}
	w.metrics.blocksReceived.Add(float64(good))
	w.metrics.blockBytesReceived.Add(float64(sizeBytes))
	if good > 0 {
		w.scores.served(from, good)
	}
	if bad == 0 {
		return
	}
	w.metrics.blocksInvalid.Add(float64(bad))
	w.punish(from, bad)
}

// punish debits a peer for n invalid blocks and hangs up on it if that gets it banned.
func (w *exchangeWatch) punish(from peer.ID, n int) {
	if !w.scores.invalid(from, n) {
		return
	}
	w.metrics.bans.Inc()
	w.log.Warn("banned a peer that keeps sending what it should not", "peer", from)
	select {
	case w.banned <- from:
	default:
		// The gater refuses its next connection all the same.
	}
}

// MessageSent counts the blocks of an outgoing message.
func (w *exchangeWatch) MessageSent(to peer.ID, msg message.BitSwapMessage) {
	blocks := msg.Blocks()
	if len(blocks) == 0 {
		return
	}
	sizeBytes := 0
	for _, b := range blocks {
		sizeBytes += len(b.RawData())
		if w.sent != nil {
			w.sent(to, b.Cid())
		}
	}
	w.metrics.blocksSent.Add(float64(len(blocks)))
	w.metrics.blockBytesSent.Add(float64(sizeBytes))
}
