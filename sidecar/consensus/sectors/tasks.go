package sectors

import (
	"context"
	"sync"
	"time"
)

// lane is a kind of work on a sector of which one piece runs at a time.
type lane string

const (
	laneLife  lane = "life"  // seals, commits, finishes, drops
	laneAlert lane = "alert" // shows demanded records, declares faults
	laneCheck lane = "check" // reads the replica
)

type taskKey struct {
	number uint64
	lane   lane
}

// task is work under way on a sector, or the pause after it failed.
type task struct {
	what    string
	sealing bool
	running bool
	cancel  context.CancelFunc
	tries   int // failures in a row of the same work
	pause   time.Duration
	next    time.Time // not before
	err     error     // of the last failure
}

// tasks are the work under way. All methods may be called concurrently.
type tasks struct {
	mu  sync.Mutex
	all map[taskKey]*task // guarded by mu
}

func newTasks() *tasks { return &tasks{all: map[taskKey]*task{}} }

// begin registers work unless work of its lane runs or failed a moment ago. fails tells how often the same work has failed in a row.
func (t *tasks) begin(ctx context.Context, key taskKey, what string, sealing bool) (inner context.Context, fails int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	found := t.all[key]
	if found != nil && (found.running || found.what == what && time.Now().Before(found.next)) {
		return nil, 0, false
	}
	if found == nil || found.what != what {
		found = &task{what: what}
		t.all[key] = found
	}
	found.running, found.sealing = true, sealing
	inner, found.cancel = context.WithCancel(ctx)
	return inner, found.tries, true
}

// end undoes begin. After a failure the same work has to wait for a while.
func (t *tasks) end(key taskKey, err error, cfg Config) {
	t.mu.Lock()
	defer t.mu.Unlock()
	found := t.all[key]
	found.cancel()
	found.running, found.err = false, err
	if err == nil {
		delete(t.all, key)
		return
	}
	found.tries++
	found.pause = min(max(2*found.pause, cfg.RetryMin), cfg.RetryMax)
	found.next = time.Now().Add(found.pause)
}

// stop ends the work of a lane, if any runs.
func (t *tasks) stop(key taskKey) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if found := t.all[key]; found != nil && found.running {
		found.cancel()
	}
}

// running tells what runs in a lane of a sector.
func (t *tasks) running(key taskKey) (what string, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	found := t.all[key]
	if found == nil || !found.running {
		return "", false
	}
	return found.what, true
}

// lastError is what the work of a sector failed with last, until it succeeds.
func (t *tasks) lastError(number uint64) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, lane := range []lane{laneLife, laneAlert, laneCheck} {
		if found := t.all[taskKey{number, lane}]; found != nil && found.err != nil {
			return found.err.Error()
		}
	}
	return ""
}

// count tells how many sectors are being sealed and how many are being read.
func (t *tasks) count() (sealing, checking int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, found := range t.all {
		if found.running && found.sealing {
			sealing++
		}
		if found.running && key.lane == laneCheck {
			checking++
		}
	}
	return sealing, checking
}
