package relayer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// RouteOptions are settings of a route.
type RouteOptions struct {
	// Poll is how often the chain is asked for a newer checkpoint.
	Poll time.Duration
	// MinInterval is the time between checkpoints that are handed over, unless one ends an epoch: 0 hands over each.
	MinInterval time.Duration
	// MaxBackoff bounds the wait after failures, which begins with Poll and doubles.
	MaxBackoff time.Duration
	// Domain is the number that the chain gave to the destination; 0 carries checkpoints only.
	Domain wire.Domain
	// Outbox is where messages come from; nil carries none.
	Outbox Outbox
	// Inbox is where events go; nil carries none.
	Inbox Inbox
}

// DefaultRouteOptions hands over each checkpoint as soon as it is complete.
func DefaultRouteOptions() RouteOptions {
	return RouteOptions{Poll: time.Second, MaxBackoff: time.Minute}
}

// Route carries checkpoints to one destination, and messages that they prove.
type Route struct {
	source      Source
	destination Destination
	courier     *courier // nil if it carries no messages
	opts        RouteOptions
	log         *slog.Logger
	metrics     *routeMetrics

	sent time.Time // when a checkpoint was handed over last
}

func newRoute(source Source, destination Destination, opts RouteOptions, log *slog.Logger, m *Metrics) *Route {
	r := &Route{
		source: source, destination: destination, opts: opts, log: log.With("destination", destination.Name()), metrics: m.route(destination.Name()),
	}
	if gateway, takes := destination.(Gateway); takes && opts.Outbox != nil && opts.Domain != 0 {
		r.courier = newCourier(gateway, opts, r.log, r.metrics)
	}
	return r
}

// run hands over what there is until ctx is done. Failures are told, and tried again.
func (r *Route) run(ctx context.Context) {
	r.opts.loop(ctx, func(ctx context.Context) error {
		_, _, err := r.step(ctx)
		return err
	}, func(err error, wait time.Duration) {
		r.metrics.failures.Inc()
		r.log.Error("failed to carry what is signed: trying again", "error", err, "in", wait)
	})
}

// step hands over what the destination lacks now, and tells how many checkpoints and messages that were.
func (r *Route) step(ctx context.Context) (checkpoints, messages int, err error) {
	head, checkpoints, err := r.catchUp(ctx)
	if err != nil || r.courier == nil || head.Height == 0 {
		return checkpoints, 0, err
	}
	messages, err = r.courier.step(ctx, head)
	return checkpoints, messages, err
}

// catchUp hands over the checkpoints that the destination lacks now, and returns what it knows then, nothing if there is no checkpoint.
func (r *Route) catchUp(ctx context.Context) (head Head, handed int, err error) {
	newest, err := r.source.Newest(ctx)
	if errors.Is(err, ErrNone) {
		return Head{}, 0, nil
	}
	if err != nil {
		return Head{}, 0, fmt.Errorf("failed to read the newest checkpoint: %w", err)
	}
	r.metrics.chainHeight.Set(float64(newest.Content.Height))
	if head, err = r.destination.Head(ctx); err != nil {
		return Head{}, 0, fmt.Errorf("failed to read what the destination knows: %w", err)
	}
	for {
		r.metrics.at(head)
		next, err := r.next(ctx, head, newest)
		if err != nil || next == nil {
			return head, handed, err
		}
		if err := r.submit(ctx, *next); err != nil {
			return head, handed, err
		}
		handed++
		head = head.after(next.Content)
	}
}

// next returns the checkpoint that a destination takes next, nil if it needs none.
func (r *Route) next(ctx context.Context, head Head, newest Checkpoint) (*Checkpoint, error) {
	if head.Epoch > newest.Content.Epoch {
		// It trusts the set that the newest checkpoint hands over to, or this node lags: there is nothing more recent.
		if head.Height >= newest.Content.Height {
			return nil, nil
		}
		return nil, fmt.Errorf("the client is in signer epoch %d, the chain's newest checkpoint is of %d: is this the chain that it follows?", head.Epoch, newest.Content.Epoch)
	}
	if head.Epoch < newest.Content.Epoch {
		end, err := r.source.EndOf(ctx, head.Epoch)
		if err != nil {
			return nil, fmt.Errorf("failed to read the end of signer epoch %d: %w", head.Epoch, err)
		}
		return &end, nil
	}
	if newest.Content.Height <= head.Height || r.early(newest) {
		return nil, nil
	}
	return &newest, nil
}

// early tells whether a checkpoint has to wait because another was handed over a short while ago.
func (r *Route) early(c Checkpoint) bool {
	return !c.Content.EndsEpoch() && time.Since(r.sent) < r.opts.MinInterval
}

func (r *Route) submit(ctx context.Context, c Checkpoint) error {
	if err := c.Validate(); err != nil {
		return fmt.Errorf("the chain's node lies about checkpoint %d: %w", c.Sequence, err)
	}
	began := time.Now()
	if err := r.destination.Submit(ctx, c.Fewest()); err != nil {
		if errors.Is(err, ErrFunds) {
			r.metrics.outOfFunds.Set(1)
		}
		return fmt.Errorf("failed to hand over checkpoint %d of height %d: %w", c.Sequence, c.Content.Height, err)
	}
	r.sent = time.Now()
	r.metrics.outOfFunds.Set(0)
	r.metrics.handed.Inc()
	r.metrics.seconds.Observe(time.Since(began).Seconds())
	r.log.Info("checkpoint handed over", "sequence", c.Sequence, "height", c.Content.Height, "epoch", c.Content.Epoch, "ends_epoch", c.Content.EndsEpoch(), "took", time.Since(began).Round(time.Millisecond))
	return nil
}
