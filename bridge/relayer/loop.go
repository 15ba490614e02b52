package relayer

import (
	"context"
	"time"
)

// loop takes one step after the other, Poll apart, until ctx is done. After failures, which are told with the wait that follows, the wait
// doubles from Poll up to MaxBackoff.
func (o RouteOptions) loop(ctx context.Context, step func(context.Context) error, failed func(err error, wait time.Duration)) {
	wait := o.Poll
	for {
		pause := o.Poll
		err := step(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			failed(err, wait)
			pause, wait = wait, min(2*wait, o.MaxBackoff)
		default:
			wait = o.Poll
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}
