package relayer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// inlet hands events of one gateway in to the chain.
type inlet struct {
	inbox   Inbox
	gateway Gateway
	opts    RouteOptions
	log     *slog.Logger
	metrics *routeMetrics
}

// run hands in what there is until ctx is done. Failures are told, and tried again.
func (i *inlet) run(ctx context.Context) {
	i.opts.loop(ctx, func(ctx context.Context) error {
		_, err := i.step(ctx)
		return err
	}, func(err error, wait time.Duration) {
		i.metrics.failures.Inc()
		i.log.Error("failed to hand in events: trying again", "error", err, "in", wait)
	})
}

// step hands in what is attested, and tells how many events that were.
func (i *inlet) step(ctx context.Context) (taken int, err error) {
	attested, err := i.inbox.Attested(ctx, i.opts.Domain)
	if err != nil {
		return 0, fmt.Errorf("failed to read which events are attested: %w", err)
	}
	for _, r := range attested.Ranges {
		proofs, err := i.prove(ctx, r)
		if err != nil {
			return taken, err
		}
		if attested.Next > r.First {
			proofs = proofs[min(attested.Next-r.First, uint64(len(proofs))):]
		}
		for len(proofs) > 0 {
			batch := proofs[:min(len(proofs), MaxEventProofs)]
			if err := i.inbox.Take(ctx, i.opts.Domain, batch); err != nil {
				if errors.Is(err, ErrFunds) {
					i.metrics.chainOutOfFunds.Set(1)
				}
				return taken, fmt.Errorf("failed to hand in events from %d on: %w", batch[0].Record.Nonce, err)
			}
			taken += len(batch)
			i.metrics.chainOutOfFunds.Set(0)
			i.metrics.taken.Add(float64(len(batch)))
			i.log.Info("events handed in", "first", batch[0].Record.Nonce, "count", len(batch))
			proofs = proofs[len(batch):]
		}
	}
	return taken, nil
}

// prove returns the events of a range with their paths to the root that was attested.
func (i *inlet) prove(ctx context.Context, r AttestedRange) ([]EventProof, error) {
	events, err := i.gateway.Events(ctx, r.First, int(r.Count))
	if err != nil {
		return nil, fmt.Errorf("failed to read events from %d on: %w", r.First, err)
	}
	if len(events.Records) != int(r.Count) {
		return nil, fmt.Errorf("the endpoints show %d final events from %d on, %d are attested: do they lag?", len(events.Records), r.First, r.Count)
	}
	tree := wire.NewTree()
	for _, record := range events.Records {
		tree.Append(record.Leaf())
	}
	if tree.Hash() != r.Root {
		return nil, fmt.Errorf("the endpoints show other events from %d on than are attested", r.First)
	}
	proofs := make([]EventProof, len(events.Records))
	for n, record := range events.Records {
		path, err := tree.Path(uint64(n))
		if err != nil {
			return nil, fmt.Errorf("failed to prove event %d: %w", record.Nonce, err)
		}
		proofs[n] = EventProof{Record: record, Path: path}
	}
	return proofs, nil
}
