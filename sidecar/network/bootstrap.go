package network

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

// firstRetry is the wait after the first failed attempt to reach a peer; it
// doubles up to Config.BootstrapInterval.
const firstRetry = 500 * time.Millisecond

// bootstrapper keeps a fixed list of peers connected.
type bootstrapper struct {
	host     host.Host
	interval time.Duration
	timeout  time.Duration
	metrics  *nodeMetrics
	lost     map[peer.ID]chan struct{} // one-slot signals; the map never changes
	notifiee *network.NotifyBundle
}

func newBootstrapper(cfg Config, h host.Host, peers []peer.AddrInfo, m *nodeMetrics) *bootstrapper {
	b := &bootstrapper{
		host:     h,
		interval: cfg.BootstrapInterval,
		timeout:  cfg.DialTimeout,
		metrics:  m,
		lost:     make(map[peer.ID]chan struct{}, len(peers)),
	}
	for _, p := range peers {
		b.lost[p.ID] = make(chan struct{}, 1)
	}
	b.notifiee = &network.NotifyBundle{
		DisconnectedF: func(_ network.Network, c network.Conn) {
			if signal, ok := b.lost[c.RemotePeer()]; ok {
				select {
				case signal <- struct{}{}:
				default:
				}
			}
		},
	}
	h.Network().Notify(b.notifiee)
	return b
}

// run keeps the peers connected until ctx ends.
func (b *bootstrapper) run(ctx context.Context, peers []peer.AddrInfo) {
	defer b.host.Network().StopNotify(b.notifiee)
	var wg sync.WaitGroup
	for _, p := range peers {
		if p.ID == b.host.ID() {
			continue
		}
		wg.Go(func() { b.keep(ctx, p) })
	}
	wg.Wait()
}

// keep holds one peer connected. A peer that hangs up again and again is tried
// as rarely as one that cannot be reached.
func (b *bootstrapper) keep(ctx context.Context, p peer.AddrInfo) {
	retry := firstRetry
	backoff := func() time.Duration {
		wait := jitter(retry)
		retry = min(2*retry, b.interval)
		return wait
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.lost[p.ID]:
			if !b.connected(p.ID) {
				timer.Reset(backoff())
			}
		case <-timer.C:
			if b.connected(p.ID) {
				// It has stayed for a whole interval.
				retry = firstRetry
				timer.Reset(jitter(b.interval))
			} else if err := b.connect(ctx, p); err != nil {
				timer.Reset(backoff())
			} else {
				timer.Reset(jitter(b.interval))
			}
		}
	}
}

func (b *bootstrapper) connected(p peer.ID) bool {
	return b.host.Network().Connectedness(p) == network.Connected
}

func (b *bootstrapper) connect(ctx context.Context, p peer.AddrInfo) error {
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	err := dialNow(ctx, b.host, p)
	b.metrics.bootstrapDials.WithLabelValues(outcome(err)).Inc()
	return err
}

// jitter spreads d over the quarter around it, so that nodes started together do
// not stay in step.
func jitter(d time.Duration) time.Duration {
	return d*7/8 + rand.N(d/4+1)
}
