package network

import (
	"context"
	"fmt"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/discovery/mdns"
)

// mdnsQueueLen bounds the peers found and not yet dialled; the rest is announced
// again soon.
const mdnsQueueLen = 64

// localDiscovery connects to nodes of the same network name on the local link.
type localDiscovery struct {
	host    host.Host
	timeout func(context.Context) (context.Context, context.CancelFunc)
	service mdns.Service
	found   chan peer.AddrInfo
}

// newLocalDiscovery announces this node. It fails where multicast is not
// available.
func newLocalDiscovery(cfg Config, h host.Host) (*localDiscovery, error) {
	d := &localDiscovery{
		host: h,
		timeout: func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, cfg.DialTimeout)
		},
		found: make(chan peer.AddrInfo, mdnsQueueLen),
	}
	d.service = mdns.NewMdnsService(h, MDNSService(cfg.NetworkName), d)
	if err := d.service.Start(); err != nil {
		return nil, fmt.Errorf("failed to start mDNS: %w", err)
	}
	return d, nil
}

// HandlePeerFound takes note of a peer that announced itself. It never blocks.
func (d *localDiscovery) HandlePeerFound(info peer.AddrInfo) {
	select {
	case d.found <- info:
	default:
	}
}

// run dials the peers found, one at a time, until ctx ends.
func (d *localDiscovery) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case info := <-d.found:
			if info.ID == d.host.ID() || d.host.Network().Connectedness(info.ID) == network.Connected {
				continue
			}
			dialCtx, cancel := d.timeout(ctx)
			// A peer that cannot be reached is announced again and tried then.
			_ = d.host.Connect(dialCtx, info)
			cancel()
		}
	}
}
