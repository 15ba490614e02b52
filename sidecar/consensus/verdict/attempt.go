package verdict

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// attempt tries to judge a proof once.
func (j *Judge) attempt(ctx context.Context, t *trial, s Seal) {
	valid, step, err := j.judge(ctx, &s)

	j.mu.Lock()
	defer j.mu.Unlock()
	defer j.wake()
	t.cancel()
	t.cancel = nil
	if j.trials[s.ID] != t {
		return // forgotten meanwhile
	}
	if step != "" {
		j.metrics.failures.WithLabelValues(step).Inc()
		t.pause = min(max(2*t.pause, j.cfg.RetryLeast), j.cfg.RetryMost)
		t.next = time.Now().Add(t.pause)
		level := j.log.Debug
		if t.attempts == 1 {
			level = j.log.Info
		}
		level("no verdict on a seal proof yet", "seal", s.ID, "step", step, "attempts", t.attempts, "retry_in", t.pause, "error", err)
		return
	}
	t.judged, t.valid = true, valid
	j.metrics.pending.Dec()
	j.metrics.seconds.Observe(time.Since(t.since).Seconds())
	if valid {
		j.metrics.judged.WithLabelValues("yes").Inc()
		j.log.Info("seal proof holds", "seal", s.ID)
		return
	}
	j.metrics.judged.WithLabelValues("no").Inc()
	j.log.Warn("seal proof does not hold", "seal", s.ID, "provider_peer", s.Provider.ID, "records", s.Records, "reason", err)
}

// The steps that can fail without a verdict.
const (
	stepFetch = "fetch"
	stepCheck = "check"
)

// judge fetches and checks the records. Without a verdict it names the step that failed; err tells why not, or why the verdict
// is a no.
func (j *Judge) judge(ctx context.Context, s *Seal) (valid bool, failed string, err error) {
	records, err := j.fetch(ctx, s)
	switch {
	case errors.Is(err, errContent):
		return false, "", err
	case err != nil:
		return false, stepFetch, err
	}
	j.checking.Lock()
	defer j.checking.Unlock()
	if errors.Is(ctx.Err(), context.Canceled) {
		return false, stepCheck, ctx.Err()
	}
	start := time.Now()
	err = check(s, records)
	j.metrics.checking.Observe(time.Since(start).Seconds())
	switch {
	case err == nil:
		return true, "", nil
	case sdr.Convicts(err):
		return false, "", err
	default:
		j.log.Error("failed to check a seal proof", "seal", s.ID, "error", err)
		return false, stepCheck, err
	}
}

// check is sdr.VerifySeal; a panic is an error, and so no verdict.
func check(s *Seal, records []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return sdr.VerifySeal(&s.Statement, s.Seed, s.Challenges, records)
}
