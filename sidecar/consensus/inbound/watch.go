package inbound

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// errOther reports a target for a gateway that this one is not.
var errOther = errors.New("the chain asks for another gateway than is configured")

// watch finds the answer to the newest target of one domain.
type watch struct {
	Gateway
	cfg     Config
	log     *slog.Logger
	metrics domainMetrics

	changed chan struct{} // signals that there may be another target

	mu       sync.Mutex
	target   *wire.RangeTarget // nil for none; guarded by mu
	vote     wire.RangeVote    // on target, if it is answered; guarded by mu
	answered bool              // guarded by mu

	// The rest belongs to the goroutine.
	pause   time.Duration // after the last attempt
	trouble string        // what is wrong in words, empty if nothing; logged when it changes
}

func newWatch(cfg Config, g Gateway, m *metrics, log *slog.Logger) *watch {
	return &watch{
		Gateway: g,
		cfg:     cfg,
		log:     log.With("domain", g.Domain),
		metrics: m.of(g.Domain),
		changed: make(chan struct{}, 1),
	}
}

// ask takes up a target, and tells the vote on it if that is known.
func (w *watch) ask(target wire.RangeTarget) (wire.RangeVote, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.target == nil || *w.target != target {
		w.target, w.answered = &target, false
		select {
		case w.changed <- struct{}{}:
		default:
		}
	}
	return w.vote, w.answered
}

// forget drops the target.
func (w *watch) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.target, w.answered = nil, false
}

// open returns the target, if there is one, and whether it is answered.
func (w *watch) open() (target wire.RangeTarget, answered, there bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.target == nil {
		return wire.RangeTarget{}, false, false
	}
	return *w.target, w.answered, true
}

// answer keeps the vote on a target, unless there is another one meanwhile.
func (w *watch) answer(target wire.RangeTarget, vote wire.RangeVote) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.target == nil || *w.target != target || w.answered && w.vote == vote {
		return
	}
	w.vote, w.answered = vote, true
	w.metrics.answered.Inc()
}

// next waits until there is something to read for. What is answered is read again after RetryMost: as long as it is asked for the
// validators do not agree, and the endpoints may have been wrong. It tells whether ctx is not done.
func (w *watch) next(ctx context.Context) (wire.RangeTarget, bool) {
	for {
		target, answered, there := w.open()
		if there && !answered {
			return target, true
		}
		var again <-chan time.Time
		if answered {
			timer := time.NewTimer(w.cfg.RetryMost)
			defer timer.Stop()
			again = timer.C
		}
		select {
		case <-w.changed:
		case <-again:
			return target, true
		case <-ctx.Done():
			return wire.RangeTarget{}, false
		}
	}
}

// run reads for one target after the other until ctx is done.
func (w *watch) run(ctx context.Context) {
	for {
		target, ok := w.next(ctx)
		if !ok {
			return
		}
		vote, known, err := w.attempt(ctx, target)
		if ctx.Err() != nil {
			return
		}
		if known {
			w.answer(target, vote)
		}
		w.report(err)
		timer := time.NewTimer(w.pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

// attempt tries once to find the vote on a target. It tells whether enough is final. A panic is an error.
func (w *watch) attempt(ctx context.Context, target wire.RangeTarget) (vote wire.RangeVote, known bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			vote, known, err = wire.RangeVote{}, false, fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if target.Application != w.Application {
		return vote, false, fmt.Errorf("%w: %s, not %s", errOther, target.Application, w.Application)
	}
	ctx, cancel := context.WithTimeout(ctx, w.cfg.ReadTimeout)
	defer cancel()
	events, err := w.Reader.Events(ctx, target.FirstNonce, wire.MaxRangeEvents)
	if err != nil {
		return vote, false, fmt.Errorf("failed to read the gateway's events from %d on: %w", target.FirstNonce, err)
	}
	through := uint64(max(events.Through.UnixMilli(), 0)) // the zero time is before 1970
	w.metrics.events.Add(float64(len(events.Records)))
	w.metrics.through.Set(float64(through) / 1000)
	return target.Vote(events.Records, through)
}

// report counts what went wrong and sets the pause that follows. It logs what is wrong when that changes, and once that it is over.
func (w *watch) report(err error) {
	trouble := ""
	if err == nil {
		w.pause = w.cfg.Poll
	} else {
		w.pause = min(max(2*w.pause, w.cfg.Poll), w.cfg.RetryMost)
		w.metrics.failures.Inc()
		trouble, _, _ = strings.Cut(err.Error(), "\n") // a panic's stack is never the same
	}
	if trouble == w.trouble {
		return
	}
	w.trouble = trouble
	if err != nil {
		w.log.Error("no votes on the events of another chain", "gateway", w.Application, "error", err)
		return
	}
	w.log.Info("votes on the events of another chain again", "gateway", w.Application)
}
