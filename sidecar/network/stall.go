package network

import "time"

// liveBytes is how much has to arrive between two looks for a stalled fetch to
// count as slow rather than stuck.
const liveBytes = 16 << 10

// stall is what to do about a fetch to which no block comes.
type stall int

const (
	stallWait  stall = iota // data arrives, only slowly
	stallRetry              // ask again
	stallOver               // give up
)

// stallWatch notices that a fetch makes no progress. It is used by one goroutine.
type stallWatch struct {
	first, timeout time.Duration
	received       func() int64

	timer *time.Timer
	last  time.Time // of progress
	wait  time.Duration
	seen  int64 // bytes received at the last look
}

func newStallWatch(retry, timeout time.Duration, received func() int64) *stallWatch {
	return &stallWatch{
		first: retry, timeout: timeout, received: received,
		timer: time.NewTimer(min(retry, timeout)),
		last:  time.Now(),
		wait:  retry,
		seen:  received(),
	}
}

// progress notes that a block was delivered. Time spent by its consumer does not
// count against the network.
func (w *stallWatch) progress() {
	w.last = time.Now()
	w.wait = w.first
	w.timer.Reset(min(w.wait, w.timeout))
}

// judge is called when the timer has fired, and sets it again unless all is over.
func (w *stallWatch) judge() stall {
	left := w.timeout - time.Since(w.last)
	if left <= 0 {
		return stallOver
	}
	received := w.received()
	slow := received-w.seen >= liveBytes
	w.seen = received
	if slow {
		w.timer.Reset(min(w.wait, left))
		return stallWait
	}
	w.wait *= 2
	w.timer.Reset(min(w.wait, left))
	return stallRetry
}

func (w *stallWatch) stop() { w.timer.Stop() }
