package network

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	ma "github.com/multiformats/go-multiaddr"
)

// Direction tells who opened a connection.
type Direction string

// The directions of a connection.
const (
	Inbound  Direction = "inbound"
	Outbound Direction = "outbound"
)

// Peer describes a connected peer.
type Peer struct {
	ID peer.ID
	// Addrs are the remote addresses of the open connections, oldest first.
	Addrs []ma.Multiaddr
	// Direction, ConnectedAt are those of the oldest connection.
	Direction   Direction
	ConnectedAt time.Time
	// Latency is the average round trip time; 0 while it is not measured.
	Latency time.Duration
	// Agent is the peer's own description of its software.
	Agent string
	// Protocols are those the peer said it speaks, sorted.
	Protocols []protocol.ID
	// BytesIn and BytesOut were received from and sent to the peer on all
	// protocols since this node started.
	BytesIn, BytesOut int64
	// Score lies between -100 and 100; it grows with verified blocks served.
	Score float64
}

// ID is the peer id of this node.
func (n *Network) ID() peer.ID { return n.host.ID() }

// Addrs are the addresses of this node, each with its /p2p part.
func (n *Network) Addrs() []ma.Multiaddr {
	addrs, err := peer.AddrInfoToP2pAddrs(&peer.AddrInfo{ID: n.host.ID(), Addrs: n.host.Addrs()})
	if err != nil {
		// Only an invalid peer id fails, and ours is derived from a key.
		return nil
	}
	return addrs
}

// AddrInfo is the id and the addresses of this node, for others to connect to.
func (n *Network) AddrInfo() peer.AddrInfo {
	return peer.AddrInfo{ID: n.host.ID(), Addrs: n.host.Addrs()}
}

// Connect connects to a peer, or does nothing if it is connected. It is tried at
// once even if an attempt failed just before. A banned peer gives ErrBanned.
func (n *Network) Connect(ctx context.Context, info peer.AddrInfo) error {
	if n.ctx.Err() != nil {
		return ErrClosed
	}
	if n.scores.banned(info.ID) {
		return fmt.Errorf("%w: %s", ErrBanned, info.ID)
	}
	if n.host.Network().Connectedness(info.ID) == network.Connected {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, n.cfg.DialTimeout)
	defer cancel()
	if err := dialNow(ctx, n.host, info); err != nil {
		return fmt.Errorf("failed to connect to %s: %w", info.ID, err)
	}
	return nil
}

// ConnectAddr connects to a peer given by a multiaddr that ends in /p2p/<id>.
func (n *Network) ConnectAddr(ctx context.Context, addr string) error {
	infos, err := ParsePeers([]string{addr})
	if err != nil {
		return err
	}
	return n.Connect(ctx, infos[0])
}

// Disconnect closes every connection to a peer.
func (n *Network) Disconnect(p peer.ID) error {
	if err := n.host.Network().ClosePeer(p); err != nil {
		return fmt.Errorf("failed to disconnect from %s: %w", p, err)
	}
	return nil
}

// Peers lists the connected peers, sorted by id.
func (n *Network) Peers() []Peer {
	ids := n.host.Network().Peers()
	peers := make([]Peer, 0, len(ids))
	for _, id := range ids {
		if p, ok := n.describe(id); ok {
			peers = append(peers, p)
		}
	}
	slices.SortFunc(peers, func(a, b Peer) int { return cmp.Compare(a.ID, b.ID) })
	return peers
}

// describe gathers what is known of a peer, if it is still connected.
func (n *Network) describe(id peer.ID) (Peer, bool) {
	conns := n.host.Network().ConnsToPeer(id)
	if len(conns) == 0 {
		return Peer{}, false
	}
	slices.SortStableFunc(conns, func(a, b network.Conn) int {
		return a.Stat().Opened.Compare(b.Stat().Opened)
	})
	store := n.host.Peerstore()
	p := Peer{
		ID:          id,
		Direction:   Outbound,
		ConnectedAt: conns[0].Stat().Opened,
		Latency:     store.LatencyEWMA(id),
		Score:       n.scores.score(id),
	}
	if conns[0].Stat().Direction == network.DirInbound {
		p.Direction = Inbound
	}
	for _, c := range conns {
		p.Addrs = append(p.Addrs, c.RemoteMultiaddr())
	}
	// A peer that identify has not finished with has neither of these.
	if protocols, err := store.GetProtocols(id); err == nil {
		slices.Sort(protocols)
		p.Protocols = protocols
	}
	if agent, err := store.Get(id, "AgentVersion"); err == nil {
		p.Agent, _ = agent.(string)
	}
	traffic := n.bandwidth.GetBandwidthForPeer(id)
	p.BytesIn, p.BytesOut = traffic.TotalIn, traffic.TotalOut
	return p, true
}
