package relayer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Relayer carries checkpoints and messages of a chain to several destinations, and their events to the chain, each at its own pace.
type Relayer struct {
	source Source
	routes []*Route
	inlets []*inlet
}

// New returns a relayer without routes.
func New(source Source) *Relayer { return &Relayer{source: source} }

// Add adds a route to a destination. Where that is a Gateway and opts names its domain, messages are carried if opts has an outbox, and
// events if it has an inbox.
func (r *Relayer) Add(destination Destination, opts RouteOptions, log *slog.Logger, m *Metrics) {
	route := newRoute(r.source, destination, opts, log, m)
	r.routes = append(r.routes, route)
	if gateway, tells := destination.(Gateway); tells && opts.Inbox != nil && opts.Domain != 0 {
		r.inlets = append(r.inlets, &inlet{inbox: opts.Inbox, gateway: gateway, opts: opts, log: route.log, metrics: route.metrics})
	}
}

// Run carries what there is until ctx is done. A destination that fails does not keep the others.
func (r *Relayer) Run(ctx context.Context) {
	var running sync.WaitGroup
	for _, route := range r.routes {
		running.Go(func() { route.run(ctx) })
	}
	for _, inlet := range r.inlets {
		running.Go(func() { inlet.run(ctx) })
	}
	running.Wait()
}

// Carried tells how much was carried.
type Carried struct {
	Checkpoints int `json:"checkpoints"`
	Messages    int `json:"messages"`
	Events      int `json:"events"`
}

// Once carries what there is now, and tells how much. It tries every destination, and fails with what failed.
func (r *Relayer) Once(ctx context.Context) (carried Carried, err error) {
	for _, route := range r.routes {
		checkpoints, messages, failure := route.step(ctx)
		carried.Checkpoints, carried.Messages = carried.Checkpoints+checkpoints, carried.Messages+messages
		if failure != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", route.destination.Name(), failure))
		}
	}
	for _, inlet := range r.inlets {
		events, failure := inlet.step(ctx)
		carried.Events += events
		if failure != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", inlet.gateway.Name(), failure))
		}
	}
	return carried, err
}

// Status is where a destination is.
type Status struct {
	Destination string    `json:"destination"`
	Epoch       uint64    `json:"epoch"`
	Height      uint64    `json:"height"`
	Time        time.Time `json:"time"`
	StaleAt     time.Time `json:"stale_at"`
	ChainHeight uint64    `json:"chain_height"` // of the newest complete checkpoint, 0 if there is none
	ChainEpoch  uint64    `json:"chain_epoch"`
	State       string    `json:"state"` // in words, with what to do next
	Error       string    `json:"error,omitempty"`
}

// Status tells where every destination is.
func (r *Relayer) Status(ctx context.Context) ([]Status, error) {
	newest, err := r.source.Newest(ctx)
	if err != nil && !errors.Is(err, ErrNone) {
		return nil, fmt.Errorf("failed to read the newest checkpoint: %w", err)
	}
	out := make([]Status, len(r.routes))
	for i, route := range r.routes {
		out[i] = Status{Destination: route.destination.Name(), ChainHeight: newest.Content.Height, ChainEpoch: newest.Content.Epoch}
		head, err := route.destination.Head(ctx)
		if err != nil {
			out[i].Error, out[i].State = err.Error(), "unknown: the destination does not answer"
			continue
		}
		out[i].Epoch, out[i].Height, out[i].Time, out[i].StaleAt = head.Epoch, head.Height, head.Time, head.StaleAt
		out[i].State = stateOf(head, newest, time.Now())
	}
	return out, nil
}

func stateOf(head Head, newest Checkpoint, now time.Time) string {
	switch {
	case now.After(head.StaleAt):
		return "stale: the client takes checkpoints no more; its recovery address has to propose the present signer set"
	case newest.Content.Height == 0:
		return "waiting: the chain has completed no checkpoint yet; `ipdmd query bridge pending` tells why"
	case newest.Content.Height <= head.Height:
		return "up to date"
	case newest.Content.Epoch > head.Epoch:
		return fmt.Sprintf("behind by %d signer epochs: any relayer brings it up to date; `ipdm-relayer once` does now", newest.Content.Epoch-head.Epoch)
	}
	return "behind: any relayer brings it up to date; `ipdm-relayer once` does now"
}
