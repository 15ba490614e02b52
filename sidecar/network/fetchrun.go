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
)

// fetchRun is one fetch: what is still to be asked for and what has arrived. It
// is used by one goroutine; only the forwarders run beside it.
type fetchRun struct {
	session     exchange.Fetcher
	pending     []cid.Cid            // not asked for yet
	missing     map[cid.Cid]struct{} // not delivered yet
	order       []cid.Cid            // all, to report the missing in order
	inFlight    int
	window      int
	windowBytes int
	averageSize float64 // bytes, moving
	timeout     time.Duration
	served      map[peer.ID]int

	arrivals   chan blocks.Block
	forwarders sync.WaitGroup
}

func newFetchRun(session exchange.Fetcher, wanted []cid.Cid, windowBytes int, timeout time.Duration) *fetchRun {
	missing := make(map[cid.Cid]struct{}, len(wanted))
	for _, c := range wanted {
		missing[c] = struct{}{}
	}
	return &fetchRun{
		session:     session,
		pending:     wanted,
		missing:     missing,
		order:       wanted,
		window:      firstWindow,
		windowBytes: windowBytes,
		timeout:     timeout,
		served:      make(map[peer.ID]int),
		arrivals:    make(chan blocks.Block, minWindow),
	}
}

// run asks for blocks and hands them on until all have come.
func (f *fetchRun) run(ctx context.Context, got func(cid.Cid, []byte) error) error {
	timer := time.NewTimer(f.timeout)
	defer timer.Stop()
	for len(f.missing) > 0 {
		if err := f.ask(ctx); err != nil {
			return err
		}
		var b blocks.Block
		select {
		case <-ctx.Done():
			return fmt.Errorf("fetch was interrupted with %d blocks missing: %w", len(f.missing), context.Cause(ctx))
		case b = <-f.arrivals:
		case <-timer.C:
			// A slow consumer is not a lack of progress.
			select {
			case b = <-f.arrivals:
			default:
				return f.notFound()
			}
		}
		if err := f.accept(b, got); err != nil {
			return err
		}
		timer.Reset(f.timeout)
	}
	return nil
}

// ask fills the window up once half of it is free.
func (f *fetchRun) ask(ctx context.Context) error {
	if len(f.pending) == 0 || f.inFlight > f.window/2 {
		return nil
	}
	count := min(f.window-f.inFlight, len(f.pending))
	batch := f.pending[:count]
	arriving, err := f.session.GetBlocks(ctx, batch)
	if err != nil {
		return fmt.Errorf("failed to ask for blocks: %w", err)
	}
	f.pending = f.pending[count:]
	f.inFlight += count
	f.forwarders.Go(func() {
		for b := range arriving {
			select {
			case f.arrivals <- b:
			case <-ctx.Done():
				return
			}
		}
	})
	return nil
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

func (f *fetchRun) notFound() error {
	e := &NotFoundError{}
	for _, c := range f.order {
		if _, missing := f.missing[c]; missing {
			e.Missing = append(e.Missing, c)
		}
	}
	return e
}

// wait returns when no goroutine of the run is left; its context must have ended.
func (f *fetchRun) wait() { f.forwarders.Wait() }
