package provider

import (
	"context"
	"time"
)

// retry spaces attempts by a pause that doubles from one failure to the next. The zero value allows an attempt at once. It
// is for one goroutine.
type retry struct {
	next  time.Time
	pause time.Duration
}

// due tells whether the time of the next attempt has come.
func (r *retry) due() bool { return !time.Now().Before(r.next) }

// failed sets the next attempt after a pause between least and most.
func (r *retry) failed(least, most time.Duration) {
	r.pause = min(max(2*r.pause, least), most)
	r.next = time.Now().Add(r.pause)
}

// done sets the next attempt after a pause, without a failure before it.
func (r *retry) done(pause time.Duration) {
	r.pause, r.next = 0, time.Now().Add(pause)
}

// pause waits, and fails with the cause when ctx is done first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
