package transfer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ipdm-network/ipdm/sidecar/data/rendezvous"
)

const (
	// coolFailed and coolMisbehaved are how long a peer is not asked after it failed or broke the protocol.
	coolFailed     = 10 * time.Second
	coolMisbehaved = 10 * time.Minute
	// maxPeers is how many peers one fetch asks.
	maxPeers = 32
)

// Filter knows what a peer does not have, so that it is asked last. It may be out of date.
type Filter interface {
	// MayHave tells whether a peer may have a block.

	MayHave(p peer.ID, c cid.Cid) bool
}

// ClientOptions are the parts of a Client. Host is needed.
type ClientOptions struct {
	Host host.Host
	// Filter may be nil: every peer may have everything.
	Filter Filter
	// Group is the nodes that this one caches together with, itself included; see FetchThrough.
	Group rendezvous.Group
	// Judge may be nil.
	Judge Judge
	// StallTimeout is how long a peer may take for 64 KiB, 5 s if 0.
	StallTimeout time.Duration
	// Registry takes the metrics; may be nil.
	Registry prometheus.Registerer
	// Logger may be nil.
	Logger *slog.Logger
}

// Client asks peers. All methods may be called concurrently.
type Client struct {
	opts    ClientOptions
	metrics *clientMetrics

	mu     sync.Mutex
	closed bool                // guarded by mu
	peers  map[peer.ID]*remote // guarded by mu
}

// remote is what a client knows of a peer.
type remote struct {
	id    peer.ID
	slots chan struct{} // one for each stream in use
	turns chan struct{} // one for each request in use that has the peer fetch

	// The rest is guarded by the mutex of the client.
	idle   []*line
	cooled time.Time // not to be asked before
	served time.Time // when it last sent something
}

// line is a stream to a peer on which nothing is outstanding, or one request.
type line struct {
	*wire
	stream network.Stream
	used   time.Time // when it became idle
	fresh  bool      // no request was answered on it yet
}

// NewClient returns a Client that the caller closes.
func NewClient(o ClientOptions) (*Client, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.StallTimeout <= 0 {
		o.StallTimeout = defaultStall
	}
	c := &Client{opts: o, metrics: newClientMetrics(), peers: map[peer.ID]*remote{}}
	return c, register(o.Registry, c.metrics.all())
}

// Close gives idle streams up. Calls in progress end by their contexts.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, r := range c.peers {
		for _, l := range r.idle {
			_ = l.stream.Close()
		}
		r.idle = nil
	}
}

// remote returns what is known of a peer. The caller holds mu.
func (c *Client) remote(p peer.ID) *remote {
	r := c.peers[p]
	if r == nil {
		c.forget()
		r = &remote{id: p, slots: make(chan struct{}, clientStreams), turns: make(chan struct{}, memberFetches)}
		c.peers[p] = r
	}
	return r
}

// forget drops peers that are neither in use nor to be avoided, when there are many. The caller holds mu.
func (c *Client) forget() {
	if len(c.peers) < 4*maxPeers {
		return
	}
	now := time.Now()
	for p, r := range c.peers {
		if len(r.slots) == 0 && len(r.idle) == 0 && now.After(r.cooled) {
			delete(c.peers, p)
		}
	}
}

// candidates returns the connected peers that speak the protocol, those that sent something last first.
func (c *Client) candidates() []*remote {
	var found []*remote
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.opts.Host.Network().Peers() {
		if r := c.candidate(p, now); r != nil {
			found = append(found, r)
		}
	}
	slices.SortStableFunc(found, func(a, b *remote) int { return cmp.Compare(b.served.UnixNano(), a.served.UnixNano()) })
	return found[:min(len(found), maxPeers)]
}

// candidate returns a peer if it is connected, speaks the protocol and is not to be avoided, else nil. The caller holds mu.
func (c *Client) candidate(p peer.ID, now time.Time) *remote {
	h := c.opts.Host
	spoken, err := h.Peerstore().SupportsProtocols(p, Protocol)
	if err != nil || len(spoken) == 0 || h.Network().Connectedness(p) != network.Connected {
		return nil
	}
	if r := c.remote(p); now.After(r.cooled) {
		return r
	}
	return nil
}

// line returns an idle stream to a peer or opens one. It waits while too many are in use.
func (c *Client) line(ctx context.Context, r *remote) (*line, error) {
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if l := c.idleLine(r); l != nil {
		return l, nil
	}
	ctx, cancel := context.WithTimeout(network.WithNoDial(ctx, "ipdm data"), c.opts.StallTimeout)
	defer cancel()
	stream, err := c.opts.Host.NewStream(ctx, r.id, Protocol)
	if err != nil {
		<-r.slots
		return nil, fmt.Errorf("failed to open a stream to %s: %w", r.id, err)
	}
	return &line{wire: newWire(stream, c.opts.StallTimeout), stream: stream, fresh: true}, nil
}

// idleLine returns an idle stream that the peer has not given up meanwhile, or nil.
func (c *Client) idleLine(r *remote) *line {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(r.idle) > 0 {
		l := r.idle[len(r.idle)-1]
		r.idle = r.idle[:len(r.idle)-1]
		if time.Since(l.used) < clientIdle && !l.stream.Conn().IsClosed() {
			return l
		}
		_ = l.stream.Close()
	}
	return nil
}

// park keeps a stream for the next request.
func (c *Client) park(r *remote, l *line) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() { <-r.slots }()
	if c.closed {
		_ = l.stream.Close()
		return
	}
	l.used, l.fresh = time.Now(), false
	r.idle = append(r.idle, l)
}

// drop gives a stream up.
func (c *Client) drop(r *remote, l *line) {
	_ = l.stream.Reset()
	<-r.slots
}

// blame takes note of a peer that did not answer to the end.
func (c *Client) blame(r *remote, err error) {
	broke := errors.Is(err, ErrProtocol)
	cool, kind := coolFailed, "failed"
	if broke {
		cool, kind = coolMisbehaved, "misbehaved"
	}
	c.metrics.failures.WithLabelValues(kind).Inc()
	c.opts.Logger.Debug("a peer did not answer to the end", "peer", r.id, "error", err)
	c.mu.Lock()
	r.cooled = time.Now().Add(cool)
	c.mu.Unlock()
	switch {
	case c.opts.Judge == nil:
	case broke:
		c.opts.Judge.Misbehaved(r.id)
	default:
		c.opts.Judge.Failed(r.id)
	}
}
