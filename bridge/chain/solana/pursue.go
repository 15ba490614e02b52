package solana

import (
	"context"
	"fmt"
)

// patience is how often in a row each node may show a failure until a call fails. What fails once may be a race with another relayer.
const patience = 3

// progress is what a step has brought.
type progress int

const (
	waiting progress = iota // nothing to do but wait
	moving                  // something is there that was not
	done
)

// pursue repeats a step, each time with another node to ask first, until it tells that what was wanted is there.
func (c *Client) pursue(ctx context.Context, step func(ctx context.Context, first int) (progress, error)) error {
	ctx, cancel := context.WithTimeout(ctx, c.config.SubmitTimeout)
	defer cancel()
	defer c.closeIdle()
	var last error
	failed := 0
	for i := 0; ; i++ {
		reached, err := step(ctx, i%len(c.nodes))
		switch {
		case reached == done:
			return nil
		case err == nil:
			failed, last = 0, nil
		case ctx.Err() == nil:
			failed, last = failed+1, err
		}
		if failed >= patience*len(c.nodes) {
			return last
		}
		if reached == moving {
			continue
		}
		if c.pause(ctx) != nil {
			return c.interrupted(ctx, last)
		}
	}
}

func (c *Client) interrupted(ctx context.Context, last error) error {
	if last != nil {
		return fmt.Errorf("%w; what failed last: %w", ctx.Err(), last)
	}
	return fmt.Errorf("gave up before Solana showed it finalized: %w", ctx.Err())
}
