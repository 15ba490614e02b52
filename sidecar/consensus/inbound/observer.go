package inbound

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Observer answers targets with the ranges that it has read. It is safe for concurrent use. Close it.
type Observer struct {
	watches map[wire.Domain]*watch // does not change
	stop    context.CancelFunc
	running sync.WaitGroup
}

// New makes an observer and starts a goroutine for each gateway, which Close ends. It fails if two gateways are of one domain, or the
// metrics cannot be registered.
func New(cfg Config, deps Deps) (*Observer, error) {
	if deps.Logger == nil {
		deps.Logger = slog.New(slog.DiscardHandler)
	}
	o := &Observer{watches: make(map[wire.Domain]*watch, len(deps.Gateways))}
	m, err := newMetrics(deps.Registry)
	if err != nil {
		return nil, err
	}
	for _, g := range deps.Gateways {
		if o.watches[g.Domain] != nil {
			return nil, fmt.Errorf("two gateways of domain %d", g.Domain)
		}
		o.watches[g.Domain] = newWatch(cfg, g, m, deps.Logger)
	}
	ctx, stop := context.WithCancel(context.Background())
	o.stop = stop
	for _, w := range o.watches {
		o.running.Go(func() { w.run(ctx) })
	}
	return o, nil
}

// Ranges takes up the targets, of which there are at most wire.MaxRangeVotes, forgets all others, and returns at once the votes on those
// that are known by now, in the order of the targets. What has no gateway here is not answered.
func (o *Observer) Ranges(_ context.Context, targets []wire.RangeTarget) []wire.RangeVote {
	var known []wire.RangeVote
	named := make(map[wire.Domain]bool, len(targets))
	for _, target := range targets[:min(len(targets), wire.MaxRangeVotes)] {
		w := o.watches[target.Domain]
		if w == nil || named[target.Domain] {
			continue
		}
		named[target.Domain] = true
		if vote, ok := w.ask(target); ok {
			known = append(known, vote)
		}
	}
	for domain, w := range o.watches {
		if !named[domain] {
			w.forget()
		}
	}
	return known
}

// Close ends the goroutines and waits for them. Nobody is answered after that, and no reader is called. It may be called repeatedly.
func (o *Observer) Close() {
	o.stop()
	o.running.Wait()
}
