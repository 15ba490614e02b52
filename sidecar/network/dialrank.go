package network

import (
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// loopbackQUICDelay is the head start that TCP has over QUIC within a machine.
const loopbackQUICDelay = 100 * time.Millisecond

// rankDials puts QUIC first, as libp2p does, but for addresses of this machine:
// there nothing is lost and no handshake takes long, and TCP, which leaves the
// packets to the kernel, was measured to carry twice as much per core.
func rankDials(addrs []ma.Multiaddr) []network.AddrDelay {
	var ranked []network.AddrDelay
	var rest, loopbackQUIC []ma.Multiaddr
	loopbackTCP := false
	for _, a := range addrs {
		switch {
		case !manet.IsIPLoopback(a):
			rest = append(rest, a)
		case isQUIC(a):
			loopbackQUIC = append(loopbackQUIC, a)
		default:
			loopbackTCP = true
			ranked = append(ranked, network.AddrDelay{Addr: a})
		}
	}
	delay := time.Duration(0)
	if loopbackTCP {
		delay = loopbackQUICDelay
	}
	for _, a := range loopbackQUIC {
		ranked = append(ranked, network.AddrDelay{Addr: a, Delay: delay})
	}
	return append(ranked, swarm.DefaultDialRanker(rest)...)
}

func isQUIC(a ma.Multiaddr) bool {
	_, err := a.ValueForProtocol(ma.P_QUIC_V1)
	return err == nil
}
