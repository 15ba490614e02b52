package network

import (
	"context"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
)

const (
	pingTimeout = 5 * time.Second
	// pingsAtOnce bounds the concurrent measurements.
	pingsAtOnce = 8
	// pingQueueLen bounds the new connections waiting for a first measurement;
	// the others are measured in the next round.
	pingQueueLen = 256
)

// latencyMonitor measures the round trip time to connected peers, when they
// connect and periodically; the peerstore keeps a moving average.
type latencyMonitor struct {
	host     host.Host
	interval time.Duration
	fresh    chan peer.ID
	notifiee *network.NotifyBundle
}

func newLatencyMonitor(cfg Config, h host.Host) *latencyMonitor {
	m := &latencyMonitor{host: h, interval: cfg.PingInterval, fresh: make(chan peer.ID, pingQueueLen)}
	m.notifiee = &network.NotifyBundle{
		ConnectedF: func(_ network.Network, c network.Conn) {
			select {
			case m.fresh <- c.RemotePeer():
			default:
			}
		},
	}
	h.Network().Notify(m.notifiee)
	return m
}

// run measures until ctx ends.
func (m *latencyMonitor) run(ctx context.Context) {
	defer m.host.Network().StopNotify(m.notifiee)
	var wg sync.WaitGroup
	defer wg.Wait()
	slots := make(chan struct{}, pingsAtOnce)
	measure := func(p peer.ID) bool {
		select {
		case <-ctx.Done():
			return false
		case slots <- struct{}{}:
		}
		wg.Go(func() {
			defer func() { <-slots }()
			m.ping(ctx, p)
		})
		return true
	}
	ticker := time.NewTicker(m.interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case p := <-m.fresh:
			if !measure(p) {
				return
			}
		case <-ticker.C:
			for _, p := range m.host.Network().Peers() {
				if !measure(p) {
					return
				}
			}
		}
	}
}

func (m *latencyMonitor) ping(ctx context.Context, p peer.ID) {
	ctx, cancel := context.WithTimeout(network.WithNoDial(ctx, "latency"), pingTimeout)
	defer cancel()
	// Ping records the result in the peerstore; a peer that does not answer
	// simply stays without a measurement.
	select {
	case <-ping.Ping(ctx, m.host, p):
	case <-ctx.Done():
	}
}
