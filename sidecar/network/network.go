package network

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ipfs/boxo/bitswap"
	"github.com/ipfs/boxo/bitswap/network/bsnet"
	"github.com/ipfs/boxo/blockstore"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/metrics"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
	"github.com/prometheus/client_golang/prometheus"
)

// Deps are what a Network needs from the program around it.
type Deps struct {
	// Key is the identity of the node; see CreateKey and LoadKey.
	Key crypto.PrivKey
	// Blocks answers the requests of other nodes. Only Has, Get and GetSize are
	// called, concurrently.
	Blocks blockstore.Blockstore
	// Sent is told of every block that was sent to a peer. It is called
	// concurrently and must return at once; may be nil.
	Sent func(to peer.ID, c cid.Cid)
	// Keys lists what to announce in every reprovide round; may be nil.
	Keys KeysFunc
	// Registry takes the metrics; may be nil.
	Registry prometheus.Registerer
	// Log may be nil.
	Log *slog.Logger
}

// Network is a running node of the peer-to-peer network. All methods may be
// called concurrently.
type Network struct {
	cfg       Config
	host      host.Host
	bandwidth *metrics.BandwidthCounter
	router    *router
	bitswap   *bitswap.Bitswap
	mdns      *localDiscovery // nil if off or not possible
	provider  *provider
	scores    *scores
	wants     *wantSet
	watch     *exchangeWatch
	protector *protector
	metrics   *nodeMetrics
	log       *slog.Logger

	// ctx ends, with cause ErrClosed, when Close begins.
	ctx    context.Context
	cancel context.CancelCauseFunc

	mu     sync.Mutex // guards closed, and orders running.Add before Wait
	closed bool
	// running counts the background loops and the calls in progress.
	running sync.WaitGroup

	closeOnce sync.Once
	closeErr  error
}

// New starts a node: it listens, answers requests and looks for peers when New
// returns. ctx bounds the start only; its values are kept. Close stops the node.
func New(ctx context.Context, cfg Config, deps Deps) (*Network, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("failed to validate network config: %w", err)
	}
	if deps.Key == nil || deps.Blocks == nil {
		return nil, errors.New("a network needs a key and a blockstore")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n := &Network{
		cfg:       cfg,
		bandwidth: metrics.NewBandwidthCounter(),
		scores:    newScores(cfg.BanThreshold, cfg.BanDuration, time.Now),
		wants:     newWantSet(),
		metrics:   newNodeMetrics(deps.Registry),
		log:       deps.Log,
	}
	if n.log == nil {
		n.log = slog.New(slog.DiscardHandler)
	}
	n.ctx, n.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	if err := n.start(deps); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// start brings the parts up in the order they need each other. What it has
// started when it fails is stopped by Close.
func (n *Network) start(deps Deps) error {
	bootstrap, err := ParsePeers(n.cfg.Bootstrap)
	if err != nil {
		return fmt.Errorf("failed to read bootstrap peers: %w", err)
	}
	n.host, err = newHost(n.cfg, deps.Key, banGater{n.scores}, n.bandwidth, deps.Registry)
	if err != nil {
		return err
	}
	n.protector = newProtector(n.host.ConnManager())
	n.router, err = newRouter(n.ctx, n.cfg, n.host, bootstrap, n.scores)
	if err != nil {
		return err
	}

	banned := make(chan peer.ID, 16)
	n.watch = &exchangeWatch{wants: n.wants, scores: n.scores, metrics: n.metrics, log: n.log, banned: banned, sent: deps.Sent}
	n.bitswap = newBitswap(n.ctx, n.cfg, bsnet.NewFromIpfsHost(n.host), n.router, deps.Blocks, n.watch)

	arrivals := newBroadcast()
	identified, err := n.host.EventBus().Subscribe(new(event.EvtPeerIdentificationCompleted), eventbus.Name("ipdm/network"))
	if err != nil {
		return fmt.Errorf("failed to subscribe to peer events: %w", err)
	}
	n.provider = &provider{
		queue:    newProvideQueue(n.cfg.ProvideQueueLen),
		router:   n.router,
		keys:     deps.Keys,
		workers:  n.cfg.ProvideWorkers,
		timeout:  n.cfg.ProvideTimeout,
		interval: n.cfg.ReprovideInterval,
		metrics:  n.metrics,
		log:      n.log,
		arrivals: arrivals,
	}
	n.metrics.observe(n.host, n.bandwidth, n.provider.queue)
	if err := n.metrics.register(); err != nil {
		return errors.Join(err, identified.Close())
	}

	boot := newBootstrapper(n.cfg, n.host, bootstrap, n.metrics)
	latency := newLatencyMonitor(n.cfg, n.host)
	n.running.Go(func() { boot.run(n.ctx, bootstrap) })
	n.running.Go(func() { latency.run(n.ctx) })
	n.running.Go(func() { n.provider.run(n.ctx) })
	n.running.Go(func() { n.hangUp(banned) })
	n.running.Go(func() {
		defer identified.Close()
		announceArrivals(n.ctx, identified.Out(), arrivals)
	})
	n.startMDNS()
	return nil
}

// startMDNS begins local discovery. A machine without multicast still has the
// bootstrap peers, so a failure is only reported.
func (n *Network) startMDNS() {
	if !n.cfg.MDNS {
		return
	}
	discovery, err := newLocalDiscovery(n.cfg, n.host)
	if err != nil {
		n.log.Warn("local discovery is off", "error", err)
		return
	}
	n.mdns = discovery
	n.running.Go(func() { discovery.run(n.ctx) })
}

// hangUp closes the connections of peers that were just banned.
func (n *Network) hangUp(banned <-chan peer.ID) {
	for {
		select {
		case <-n.ctx.Done():
			return
		case p := <-banned:
			if err := n.host.Network().ClosePeer(p); err != nil {
				n.log.Debug("failed to hang up on a banned peer", "peer", p, "error", err)
			}
		}
	}
}

// announceArrivals wakes the waiting announcements when a peer becomes known.
func announceArrivals(ctx context.Context, events <-chan any, arrivals *broadcast) {
	for {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-events:
			if !ok {
				return
			}
			arrivals.send()
		}
	}
}

// begin registers a call that Close has to wait for. The returned context also
// ends, with cause ErrClosed, when the network is closed; end must be called.
func (n *Network) begin(ctx context.Context) (_ context.Context, end func(), err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, nil, ErrClosed
	}
	n.running.Add(1)
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(n.ctx, func() { cancel(ErrClosed) })
	return ctx, func() {
		stop()
		cancel(context.Canceled)
		n.running.Done()
	}, nil
}

// FindProviders asks the DHT who has c, for up to count peers (0 for all), and
// returns them best first. It ends early when ctx does, with those found so far.
func (n *Network) FindProviders(ctx context.Context, c cid.Cid, count int) ([]peer.AddrInfo, error) {
	if !c.Defined() || count < 0 {
		return nil, fmt.Errorf("failed to find providers: %w: undefined, or negative count", ErrInvalidCID)
	}
	ctx, end, err := n.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	return n.router.findProviders(ctx, c, count)
}

// Close stops the node: calls in progress end with ErrClosed, connections are
// closed, and every goroutine the node started has ended when Close returns, but
// for those of streams that libp2p is still closing. It may be called repeatedly.
func (n *Network) Close() error {
	n.closeOnce.Do(func() { n.closeErr = n.close() })
	return n.closeErr
}

func (n *Network) close() error {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	n.cancel(ErrClosed)

	var errs []error
	if n.mdns != nil {
		errs = append(errs, n.mdns.service.Close())
	}
	n.running.Wait()
	if n.bitswap != nil {
		errs = append(errs, n.bitswap.Close())
	}
	if n.router != nil {
		errs = append(errs, n.router.close())
	}
	if n.host != nil {
		errs = append(errs, n.host.Close())
	}
	n.metrics.unregister()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("failed to close network: %w", err)
	}
	return nil
}
