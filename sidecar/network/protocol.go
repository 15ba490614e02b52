package network

import (
	"context"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
)

// Host is the libp2p host, for the protocols of other layers. Close closes it.
func (n *Network) Host() host.Host { return n.host }

// Reach connects to peers, the best ones ahead, and returns as soon as one of them is connected or none can be. The
// connections are kept open, and the other peers are dialled on, until release is called.
func (n *Network) Reach(ctx context.Context, peers []peer.AddrInfo) (release func()) {
	return n.connectHints(ctx, peers).release
}

// Served credits a peer for n encodings that it sent over another protocol, verified.
func (n *Network) Served(p peer.ID, encodings int) { n.scores.served(p, encodings) }

// Failed debits a peer that did not answer over another protocol.
func (n *Network) Failed(p peer.ID) { n.scores.failed(p) }

// Misbehaved debits a peer that broke another protocol, as for an invalid block. One that does it again and again is
// banned.
func (n *Network) Misbehaved(p peer.ID) { n.watch.punish(p, 1) }
