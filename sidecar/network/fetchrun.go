package network

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ipfs/boxo/exchange"
	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	// The number of blocks asked for ahead starts at firstWindow and then follows
	// the sizes seen, between minWindow and maxWindow. The server side remembers
	// 1,024 wants of a peer by default and forgets the rest.
	firstWindow = 64
	minWindow   = 8
	maxWindow   = 512

	// A restart waits so long for Bitswap to take note of the cancellation.
	cancelWait = 500 * time.Millisecond
	cancelPoll = 5 * time.Millisecond
)

// fetchRun is one fetch: what is still to be asked for and what has arrived. It
// is used by one goroutine; only the forwarders run beside it.
type fetchRun struct {
	bitswap  blockSource
	session  exchange.Fetcher
	received func() int64 // Bitswap bytes received so far
	retry    time.Duration
	timeout  time.Duration

	pending     []cid.Cid            // not asked for yet
	missing     map[cid.Cid]struct{} // not delivered yet
	order       []cid.Cid            // all, to report the missing in order
	inFlight    int
	window      int
	windowBytes int
	averageSize float64 // bytes, moving
	served      map[peer.ID]int

	arrivals   chan blocks.Block
	forwarders sync.WaitGroup
	// round is the context of all requests since the last restart.
	round    context.Context
	endRound context.CancelFunc
}

// blockSource is the part of Bitswap a fetch uses.
type blockSource interface {
	NewSession(ctx context.Context) exchange.Fetcher
	GetWantlist() []cid.Cid
}

// newFetchRun prepares a fetch. A nil session means a new one.
func newFetchRun(ctx context.Context, n *Network, session exchange.Fetcher, wanted []cid.Cid) *fetchRun {
	f := &fetchRun{
		bitswap: n.bitswap,
		session: session,
		received: func() int64 {
			return n.bandwidth.GetBandwidthForProtocol(BitswapProtocol).TotalIn
		},
		retry:       n.cfg.FetchRetry,
		timeout:     n.cfg.FetchTimeout,
		pending:     wanted,
		missing:     make(map[cid.Cid]struct{}, len(wanted)),
		order:       wanted,
		window:      firstWindow,
		windowBytes: n.cfg.FetchWindowBytes,
		served:      make(map[peer.ID]int),
		arrivals:    make(chan blocks.Block, minWindow),
	}
	for _, c := range wanted {
		f.missing[c] = struct{}{}
	}
	f.round, f.endRound = context.WithCancel(ctx)
	if f.session == nil {
		f.session = f.bitswap.NewSession(f.round)
	}
	return f
}

// run asks for blocks and hands them on until all have come.
func (f *fetchRun) run(ctx context.Context, got func(cid.Cid, []byte) error) error {
	watch := newStallWatch(f.retry, f.timeout, f.received)
	defer watch.stop()
	for len(f.missing) > 0 {
		if err := f.ask(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("fetch was interrupted with %d blocks missing: %w", len(f.missing), context.Cause(ctx))
		case b := <-f.arrivals:
			if err := f.accept(b, got); err != nil {
				return err
			}
			watch.progress()
			continue
		case <-watch.timer.C:
		}
		switch watch.judge() {
		case stallOver:
			return f.notFound()
		case stallRetry:
			f.restart(ctx)
		case stallWait:
		}
	}
	return nil
}

// ask fills the window up once half of it is free.
func (f *fetchRun) ask() error {
	if len(f.pending) == 0 || f.inFlight > f.window/2 {
		return nil
	}
	count := min(f.window-f.inFlight, len(f.pending))
	round := f.round
	arriving, err := f.session.GetBlocks(round, f.pending[:count])
	if err != nil {
		return fmt.Errorf("failed to ask for blocks: %w", err)
	}
	f.pending = f.pending[count:]
	f.inFlight += count
	f.forwarders.Go(func() {
		for b := range arriving {
			select {
			case f.arrivals <- b:
			case <-round.Done():
				return
			}
		}
	})
	return nil
}

// restart cancels everything asked for and prepares to ask for what is missing
// in a new session, one that has no opinion of any peer yet.
func (f *fetchRun) restart(ctx context.Context) {
	f.endRound()
	f.forwarders.Wait()
	f.awaitCancelled(ctx)
	f.round, f.endRound = context.WithCancel(ctx)
	f.session = f.bitswap.NewSession(f.round)
	f.pending = f.missingInOrder()
	f.inFlight = 0
}

// awaitCancelled waits until Bitswap has forgotten our wants, which it does in
// its own goroutines: a want it still believes to have sent is not sent again.
// Others may want the same blocks, so it does not wait for long.
func (f *fetchRun) awaitCancelled(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, cancelWait)
	defer cancel()
	ticker := time.NewTicker(cancelPoll)
	defer ticker.Stop()
	for f.wantsPending() {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (f *fetchRun) wantsPending() bool {
	for _, c := range f.bitswap.GetWantlist() {
		if _, ours := f.missing[c]; ours {
			return true
		}
	}
	return false
}

// accept hands one block on and adapts the window to its size.
func (f *fetchRun) accept(b blocks.Block, got func(cid.Cid, []byte) error) error {
	c, data := b.Cid(), b.RawData()
	if _, due := f.missing[c]; !due {
		return nil
	}
	if len(data) > MaxBlockBytes {
		return fmt.Errorf("%w: %s has %d bytes", ErrBlockTooLarge, c, len(data))
	}
	delete(f.missing, c)
	f.inFlight--
	if from, ok := source(b); ok {
		f.served[from]++
	}
	f.adapt(len(data))
	if err := got(c, data); err != nil {
		return fmt.Errorf("failed to accept block %s: %w", c, err)
	}
	return nil
}

func (f *fetchRun) adapt(sizeBytes int) {
	if f.averageSize == 0 {
		f.averageSize = float64(sizeBytes)
	} else {
		f.averageSize += (float64(sizeBytes) - f.averageSize) / 16
	}
	f.window = max(minWindow, min(maxWindow, int(float64(f.windowBytes)/max(1, f.averageSize))))
}

func (f *fetchRun) notFound() error { return &NotFoundError{Missing: f.missingInOrder()} }

func (f *fetchRun) missingInOrder() []cid.Cid {
	missing := make([]cid.Cid, 0, len(f.missing))
	for _, c := range f.order {
		if _, due := f.missing[c]; due {
			missing = append(missing, c)
		}
	}
	return missing
}

// close cancels what is still asked for; no goroutine of the run is left after it.
func (f *fetchRun) close() {
	f.endRound()
	f.forwarders.Wait()
}
