package network

import (
	"github.com/libp2p/go-libp2p/core/connmgr"
	"github.com/libp2p/go-libp2p/core/control"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

// banGater refuses connections from and to banned peers.
type banGater struct{ scores *scores }

var _ connmgr.ConnectionGater = banGater{}

// InterceptPeerDial refuses to dial a banned peer.
func (g banGater) InterceptPeerDial(p peer.ID) bool { return !g.scores.banned(p) }

// InterceptAddrDial allows every address of a peer that may be dialled.
func (g banGater) InterceptAddrDial(peer.ID, ma.Multiaddr) bool { return true }

// InterceptAccept allows every address: the peer is not known yet.
func (g banGater) InterceptAccept(network.ConnMultiaddrs) bool { return true }

// InterceptSecured refuses a banned peer once it has proven who it is.
func (g banGater) InterceptSecured(_ network.Direction, p peer.ID, _ network.ConnMultiaddrs) bool {
	return !g.scores.banned(p)
}

// InterceptUpgraded allows what InterceptSecured allowed.
func (g banGater) InterceptUpgraded(network.Conn) (bool, control.DisconnectReason) { return true, 0 }
