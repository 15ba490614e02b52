package verdict

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// Verdict says whether a seal proof holds.
type Verdict struct {
	SealID uint64
	Valid  bool
}

// Judge judges seal proofs while Run runs. It is safe for concurrent use.
type Judge struct {
	cfg     Config
	deps    Deps
	log     *slog.Logger
	metrics *metrics

	changed  chan struct{} // signals that there may be something to do
	checking sync.Mutex    // held while records are checked: one core is enough

	mu     sync.Mutex
	trials map[uint64]*trial // by seal; guarded by mu
}

// trial is what is known about one proof. Its fields are guarded by the judge's mutex.
type trial struct {
	seal   Seal
	since  time.Time
	judged bool
	valid  bool

	attempts int
	pause    time.Duration
	next     time.Time          // when to try again
	cancel   context.CancelFunc // of the attempt in progress, or nil
}

// New makes a judge.
func New(cfg Config, deps Deps) (*Judge, error) {
	if deps.Logger == nil {
		deps.Logger = slog.New(slog.DiscardHandler)
	}
	m, err := newMetrics(deps.Registry)
	if err != nil {
		return nil, err
	}
	return &Judge{cfg: cfg, deps: deps, log: deps.Logger, metrics: m, changed: make(chan struct{}, 1), trials: map[uint64]*trial{}}, nil
}

// Verdicts takes up the proofs, forgets all others, and returns at once the verdicts known by now. It fails with ErrSeal and
// ErrTooMany, and changes nothing then.
func (j *Judge) Verdicts(seals []Seal) ([]Verdict, error) {
	if len(seals) > MaxSeals {
		return nil, fmt.Errorf("%w: %d, at most %d", ErrTooMany, len(seals), MaxSeals)
	}
	named := make(map[uint64]*Seal, len(seals))
	for i := range seals {
		s := &seals[i]
		if err := s.Check(); err != nil {
			return nil, err
		}
		if named[s.ID] != nil {
			return nil, fmt.Errorf("%w: seal %d twice", ErrSeal, s.ID)
		}
		named[s.ID] = s
	}

	j.mu.Lock()
	defer j.mu.Unlock()
	for id, t := range j.trials {
		if s := named[id]; s == nil || !t.seal.same(s) {
			j.forget(id)
		}
	}
	var known []Verdict
	now := time.Now()
	for id, s := range named {
		t := j.trials[id]
		if t == nil {
			t = &trial{since: now, next: now}
			j.trials[id] = t
		}
		t.seal = *s
		if t.judged {
			known = append(known, Verdict{id, t.valid})
		}
	}
	slices.SortFunc(known, func(a, b Verdict) int { return cmp.Compare(a.SealID, b.SealID) })
	j.metrics.pending.Set(float64(len(j.trials) - len(known)))
	j.wake()
	return known, nil
}

// forget drops a trial and ends its attempt. The caller holds mu.
func (j *Judge) forget(id uint64) {
	if t := j.trials[id]; t.cancel != nil {
		t.cancel()
	}
	delete(j.trials, id)
}

func (j *Judge) wake() {
	select {
	case j.changed <- struct{}{}:
	default:
	}
}

// Run judges until ctx is done. When it returns nothing is in progress.
func (j *Judge) Run(ctx context.Context) {
	var attempts sync.WaitGroup
	defer attempts.Wait()
	free := make(chan struct{}, j.cfg.Fetches)
	for {
		select {
		case free <- struct{}{}:
		case <-ctx.Done():
			return
		}
		run := j.take(ctx)
		if run == nil {
			return
		}
		attempts.Go(func() {
			defer func() { <-free }()
			run()
		})
	}
}

// take waits for a proof whose turn it is and returns the attempt to judge it, nil when ctx is done.
func (j *Judge) take(ctx context.Context) (run func()) {
	for {
		run, wait := j.next(ctx)
		if run != nil {
			return run
		}
		timer := time.NewTimer(wait)
		select {
		case <-j.changed:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return nil
		}
	}
}

// next begins the attempt at the proof that was tried least, and among those at the one that is due first. Without one it
// tells how long to wait.
func (j *Judge) next(ctx context.Context) (run func(), wait time.Duration) {
	j.mu.Lock()
	defer j.mu.Unlock()
	now := time.Now()
	wait = time.Hour
	var best *trial
	for _, t := range j.trials {
		switch {
		case t.judged || t.cancel != nil || !now.Before(t.seal.JudgeBy):
		case now.Before(t.next):
			wait = min(wait, t.next.Sub(now))
		case best == nil || t.before(best):
			best = t
		}
	}
	if best == nil {
		return nil, wait
	}
	deadline := now.Add(j.cfg.FetchTimeout)
	if best.seal.JudgeBy.Before(deadline) {
		deadline = best.seal.JudgeBy
	}
	ctx, best.cancel = context.WithDeadline(ctx, deadline)
	best.attempts++
	seal := best.seal
	return func() { j.attempt(ctx, best, seal) }, 0
}

func (t *trial) before(o *trial) bool {
	if t.attempts != o.attempts {
		return t.attempts < o.attempts
	}
	if c := t.seal.JudgeBy.Compare(o.seal.JudgeBy); c != 0 {
		return c < 0
	}
	return t.seal.ID < o.seal.ID
}
