package solana

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipdm-network/ipdm/bridge/relayer"
)

// patience is how often in a row each node may show a failure until a call fails. What fails once may be a race with another relayer.
const patience = 3

// progress is what a step has brought.
type progress int

const (
	waiting progress = iota // nothing to do but wait
	moving                  // something is there that was not
	done                    // what was wanted is there, or never will be where there is an error
)

// pursue repeats a step, each time with another node to ask first, until it tells that it is done. It names the payer who is out of funds.
func (c *Client) pursue(ctx context.Context, step func(ctx context.Context, first int) (progress, error)) error {
	ctx, cancel := context.WithTimeout(ctx, c.config.SubmitTimeout)
	defer cancel()
	defer c.closeIdle()
	err := c.repeat(ctx, step)
	if errors.Is(err, relayer.ErrFunds) {
		return fmt.Errorf("%s on Solana: %w", c.Payer(), err)
	}
	return err
}

func (c *Client) repeat(ctx context.Context, step func(ctx context.Context, first int) (progress, error)) error {
	var last error
	failed := 0
	for i := 0; ; i++ {
		reached, err := step(ctx, i%len(c.nodes))
		switch {
		case reached == done:
			return err
		case err == nil:
			failed, last = 0, nil
		case ctx.Err() == nil:
			failed, last = failed+weight(err), err
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

// weight is how often a failure counts: that a message has to wait each node says once.
func weight(err error) int {
	if errors.Is(err, relayer.ErrNotYet) {
		return patience
	}
	return 1
}

func (c *Client) interrupted(ctx context.Context, last error) error {
	if last != nil {
		return fmt.Errorf("%w; what failed last: %w", ctx.Err(), last)
	}
	return fmt.Errorf("gave up before Solana showed it finalized: %w", ctx.Err())
}
