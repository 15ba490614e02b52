package relayer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

const (
	// deliveryBudget is how long one step goes on beginning deliveries: then checkpoints have their turn.
	deliveryBudget = time.Minute
	// takenPause is how long a message is not looked at again that the gateway has taken: a fork may take that back until it is final.
	takenPause = time.Minute
)

// courier delivers messages to one gateway. It is the route's, and for its goroutine.
type courier struct {
	gateway Gateway
	opts    RouteOptions
	log     *slog.Logger
	metrics *routeMetrics

	later map[uint64]attempt // messages that are not tried now, by nonce
}

// attempt is when a message is tried again, and how long after that if it fails: 0 if it has not failed.
type attempt struct {
	at   time.Time
	wait time.Duration
}

func newCourier(gateway Gateway, opts RouteOptions, log *slog.Logger, m *routeMetrics) *courier {
	return &courier{gateway: gateway, opts: opts, log: log, metrics: m, later: map[uint64]attempt{}}
}

// step delivers what the destination's newest checkpoint proves, and tells how many messages that were. A message that cannot be delivered
// keeps no other: it is tried again later. It fails if nothing can be delivered.
func (c *courier) step(ctx context.Context, head Head) (delivered int, err error) {
	due, err := c.due(ctx)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	checkpoint, err := c.opts.Outbox.AtHeight(ctx, head.Height)
	if err != nil {
		return 0, fmt.Errorf("failed to read the checkpoint that the destination knows: %w", err)
	}
	began := time.Now()
	for _, nonce := range due {
		if nonce >= checkpoint.Messages {
			continue // a later checkpoint proves it
		}
		if time.Since(began) >= deliveryBudget {
			break
		}
		switch failure := c.deliver(ctx, nonce, checkpoint.Sequence); {
		case failure == nil:
			delivered++
		case ctx.Err() != nil, errors.Is(failure, ErrFunds):
			return delivered, failure
		}
	}
	return delivered, nil
}

// due returns the messages that are to be delivered now, those that have not failed before first: those that wait and have not timed out,
// but for those that the gateway has taken, and that failed a short while ago.
func (c *courier) due(ctx context.Context) ([]uint64, error) {
	waiting, err := c.opts.Outbox.Waiting(ctx, c.opts.Domain)
	if err != nil {
		return nil, fmt.Errorf("failed to read the messages that wait: %w", err)
	}
	c.metrics.waiting.Set(float64(len(waiting)))
	c.forget(waiting)
	now := time.Now()
	var tried []uint64
	for _, nonce := range waiting {
		if !now.Before(c.later[nonce].at) {
			tried = append(tried, nonce)
		}
	}
	if len(tried) == 0 {
		return nil, nil
	}
	slices.SortStableFunc(tried, func(a, b uint64) int { return cmp.Compare(c.later[a].wait, c.later[b].wait) })
	tried = tried[:min(len(tried), maxTried)]
	taken, err := c.gateway.Delivered(ctx, tried)
	if err != nil {
		return nil, fmt.Errorf("failed to read which messages the gateway has taken: %w", err)
	}
	if len(taken) != len(tried) {
		return nil, fmt.Errorf("the gateway tells of %d messages, expected %d", len(taken), len(tried))
	}
	var due []uint64
	for i, nonce := range tried {
		if taken[i] {
			c.later[nonce] = attempt{at: now.Add(takenPause)}
			continue
		}
		due = append(due, nonce)
	}
	return due, nil
}

// maxTried bounds how many messages are looked at in a step.
const maxTried = 100

// forget drops what is remembered of messages that wait no more.
func (c *courier) forget(waiting []uint64) {
	if len(c.later) == 0 {
		return
	}
	kept := make(map[uint64]attempt, len(c.later))
	for _, nonce := range waiting {
		if a, there := c.later[nonce]; there {
			kept[nonce] = a
		}
	}
	c.later = kept
}

// deliver delivers one message, and remembers when to look at it again.
func (c *courier) deliver(ctx context.Context, nonce, sequence uint64) error {
	began := time.Now()
	err := c.attempt(ctx, nonce, sequence)
	if err == nil {
		c.later[nonce] = attempt{at: time.Now().Add(takenPause)}
		c.metrics.delivered.Inc()
		c.metrics.outOfFunds.Set(0)
		c.log.Info("message delivered", "nonce", nonce, "took", time.Since(began).Round(time.Millisecond))
		return nil
	}
	if ctx.Err() != nil {
		return err
	}
	if errors.Is(err, ErrTimedOut) { // the chain gives back what it carries
		c.later[nonce] = attempt{at: time.Now().Add(c.opts.MaxBackoff), wait: c.opts.MaxBackoff}
		c.log.Debug("message has timed out", "nonce", nonce)
		return err
	}
	c.metrics.undelivered.Inc()
	if errors.Is(err, ErrFunds) {
		c.metrics.outOfFunds.Set(1)
		return fmt.Errorf("failed to deliver message %d: %w", nonce, err)
	}
	wait := min(max(2*c.later[nonce].wait, c.opts.Poll), c.opts.MaxBackoff)
	c.later[nonce] = attempt{at: time.Now().Add(wait), wait: wait}
	c.log.Warn("message not delivered: trying again", "nonce", nonce, "error", err, "in", wait)
	return err
}

func (c *courier) attempt(ctx context.Context, nonce, sequence uint64) error {
	d, err := c.opts.Outbox.Proof(ctx, nonce, sequence)
	if err != nil {
		return fmt.Errorf("failed to prove it: %w", err)
	}
	if d.Message.Nonce != nonce || d.Message.Domain != c.opts.Domain {
		return fmt.Errorf("the chain's node proves message %d to domain %d in its place", d.Message.Nonce, d.Message.Domain)
	}
	if err := d.Validate(); err != nil {
		return fmt.Errorf("the chain's node lies: %w", err)
	}
	return c.gateway.Deliver(ctx, d)
}
