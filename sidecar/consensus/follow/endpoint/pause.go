package endpoint

import (
	"context"
	"time"
)

// The least and the most time between two attempts after failures.
const (
	leastPause = time.Second
	mostPause  = time.Minute
)

// Pause says how long to wait before the next attempt: longer and longer as long as attempts fail. The zero value has seen no failure. It is for
// one goroutine.
type Pause struct{ last time.Duration }

// After returns the time to wait after an attempt that ended with err: calm if that is nil.
func (p *Pause) After(err error, calm time.Duration) time.Duration {
	if err == nil {
		p.last = 0
		return calm
	}
	p.last = min(max(2*p.last, leastPause), mostPause)
	return p.last
}

// Wait waits that long. It fails when ctx is done first.
func Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
