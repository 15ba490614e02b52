package network

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"time"

	"github.com/ipfs/go-cid"
)

// KeysFunc lists what a node announces in every reprovide round: the CIDs of
// its roots, manifests and layouts. An error ends the round early; the next one
// starts over. It must stop when ctx ends.
type KeysFunc func(ctx context.Context) iter.Seq2[cid.Cid, error]

const (
	// firstProvideRetry is the wait of a worker after a failed announcement; it
	// doubles up to maxProvideRetry and is cut short when a peer connects.
	firstProvideRetry = time.Second
	maxProvideRetry   = time.Minute
)

// provideQueue is a bounded first-in first-out queue without duplicates. Two
// CIDs with the same multihash are one entry, as in the DHT.
type provideQueue struct {
	limit int

	mu     sync.Mutex // guards the fields below
	items  []cid.Cid
	queued map[string]struct{}
	// changed is closed and replaced whenever something is pushed or popped.
	changed chan struct{}
}

func newProvideQueue(limit int) *provideQueue {
	return &provideQueue{limit: limit, queued: make(map[string]struct{}), changed: make(chan struct{})}
}

// push adds c unless it is queued already. It reports false if there is no room.
func (q *provideQueue) push(c cid.Cid) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	key := string(c.Hash())
	if _, dup := q.queued[key]; dup {
		return true
	}
	if len(q.items) >= q.limit {
		return false
	}
	q.queued[key] = struct{}{}
	q.items = append(q.items, c)
	q.signal()
	return true
}

// pushWait is push, but waits for room until ctx ends.
func (q *provideQueue) pushWait(ctx context.Context, c cid.Cid) error {
	for {
		changed := q.watch()
		if q.push(c) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// pop removes the oldest entry, waiting for one until ctx ends.
func (q *provideQueue) pop(ctx context.Context) (cid.Cid, error) {
	for {
		q.mu.Lock()
		if len(q.items) > 0 {
			c := q.items[0]
			q.items = q.items[1:]
			delete(q.queued, string(c.Hash()))
			q.signal()
			q.mu.Unlock()
			return c, nil
		}
		changed := q.changed
		q.mu.Unlock()
		select {
		case <-ctx.Done():
			return cid.Undef, ctx.Err()
		case <-changed:
		}
	}
}

func (q *provideQueue) watch() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.changed
}

// signal wakes everyone who waits. The caller holds mu.
func (q *provideQueue) signal() {
	close(q.changed)
	q.changed = make(chan struct{})
}

func (q *provideQueue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items)
}

// provider announces queued CIDs and repeats the consumer's keys.
type provider struct {
	queue    *provideQueue
	router   *router
	keys     KeysFunc // may be nil
	workers  int
	timeout  time.Duration
	interval time.Duration
	metrics  *nodeMetrics
	log      *slog.Logger
	arrivals *broadcast
}

// run announces until ctx ends.
func (p *provider) run(ctx context.Context) {
	var wg sync.WaitGroup
	for range p.workers {
		wg.Go(func() { p.work(ctx) })
	}
	if p.keys != nil {
		wg.Go(func() { p.reprovide(ctx) })
	}
	wg.Wait()
}

func (p *provider) work(ctx context.Context) {
	retry := firstProvideRetry
	for {
		c, err := p.queue.pop(ctx)
		if err != nil {
			return
		}
		err = p.provide(ctx, c)
		if ctx.Err() != nil {
			return
		}
		p.metrics.provides.WithLabelValues(outcome(err)).Inc()
		if err == nil {
			retry = firstProvideRetry
			continue
		}
		p.log.Debug("failed to announce", "cid", c, "error", err)
		// If the queue has filled up meanwhile, the next round announces c.
		p.queue.push(c)
		if p.pause(ctx, retry) {
			retry = firstProvideRetry
		} else {
			retry = min(2*retry, maxProvideRetry)
		}
	}
}

// provide announces one CID. With nobody to tell it fails at once.
func (p *provider) provide(ctx context.Context, c cid.Cid) error {
	if !p.router.ready() {
		return errNoPeers
	}
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	return p.router.provide(ctx, c)
}

// pause waits for d, less if a DHT peer appears, and reports whether one did.
func (p *provider) pause(ctx context.Context, d time.Duration) (arrived bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return false
	case <-p.arrivals.wait():
		return true
	}
}

// reprovide queues the consumer's keys now and at every interval.
func (p *provider) reprovide(ctx context.Context) {
	ticker := time.NewTicker(p.interval)
	defer ticker.Stop()
	for {
		if err := p.round(ctx); err != nil && ctx.Err() == nil {
			p.log.Warn("reprovide round ended early", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (p *provider) round(ctx context.Context) error {
	for c, err := range p.keys(ctx) {
		if err != nil {
			return fmt.Errorf("failed to list keys to announce: %w", err)
		}
		if !c.Defined() {
			continue
		}
		if err := p.queue.pushWait(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// Provide queues CIDs to be announced on the DHT: this node serves them. Only
// roots, manifests and layouts belong here; blocks below a root are found
// through it. It does not wait. Those that find no room are reported once, as
// ErrProvideQueueFull, and announced in the next reprovide round.
func (n *Network) Provide(_ context.Context, cids ...cid.Cid) error {
	if n.ctx.Err() != nil {
		return ErrClosed
	}
	refused := 0
	for _, c := range cids {
		if !c.Defined() {
			return fmt.Errorf("failed to provide: %w: undefined", ErrInvalidCID)
		}
		if !n.provider.queue.push(c) {
			refused++
		}
	}
	if refused > 0 {
		return fmt.Errorf("%w: %d of %d not accepted", ErrProvideQueueFull, refused, len(cids))
	}
	return nil
}
