package provider

import (
	"context"
	"sync"
	"time"

	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

// jobKey names one assignment of a replica: when it is assigned again, that is another one.
type jobKey struct {
	deal       uint64
	index      uint32
	assignedAt int64 // unix nanoseconds, chain time
}

func keyOf(r markettypes.Replica) jobKey {
	key := jobKey{deal: r.DealId, index: r.Index}
	if r.AssignedAt != nil {
		key.assignedAt = r.AssignedAt.UnixNano()
	}
	return key
}

// job is an assignment at work, or one that is done with as far as this provider is concerned.
type job struct {
	sizeBytes uint64
	sealed    bool
	hurry     context.CancelCauseFunc // makes it refuse if it has not got the data by now
	running   bool                    // guarded by jobs.mu
	done      bool                    // guarded by jobs.mu: not to be taken up again
	handed    bool                    // guarded by jobs.mu: its data is there, and it waits to be sealed
	tries     retry                   // guarded by jobs.mu: when a failed one may be taken up again
}

// jobs are the assignments taken up. The slots bound how many fetch at a time.
type jobs struct {
	slots chan struct{}

	mu  sync.Mutex
	all map[jobKey]*job // guarded by mu
}

func newJobs(workers int) *jobs {
	return &jobs{slots: make(chan struct{}, workers), all: map[jobKey]*job{}}
}

// add takes a job up.
func (j *jobs) add(key jobKey, sizeBytes uint64, sealed bool, hurry context.CancelCauseFunc) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var tries retry
	if before := j.all[key]; before != nil {
		tries = before.tries
	}
	j.all[key] = &job{sizeBytes: sizeBytes, sealed: sealed, hurry: hurry, running: true, tries: tries}
}

// idle tells whether an assignment is to be taken up: it never was, or it failed some time ago.
func (j *jobs) idle(key jobKey) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	found := j.all[key]
	return found == nil || !found.running && !found.done && found.tries.due()
}

// press makes a job that still waits for data refuse.
func (j *jobs) press(key jobKey, cause error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if found := j.all[key]; found != nil && found.running {
		found.hurry(cause)
	}
}

// ended marks a job as done with; its assignment is not taken up again.
func (j *jobs) ended(key jobKey) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if found := j.all[key]; found != nil {
		found.running, found.done = false, true
	}
}

// handOn marks a job as done with while its replica is on its way to be sealed.
func (j *jobs) handOn(key jobKey) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if found := j.all[key]; found != nil {
		found.running, found.done, found.handed = false, true, true
	}
}

// revive makes a job that was handed on one to be taken up again.
func (j *jobs) revive(key jobKey) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if found := j.all[key]; found != nil && found.handed {
		found.done, found.handed = false, false
	}
}

// failed marks a job as to be taken up again after a pause.
func (j *jobs) failed(key jobKey, cfg Config) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if found := j.all[key]; found != nil {
		found.running = false
		found.tries.failed(cfg.RetryMin, cfg.RetryMax)
	}
}

// has tells whether a job of a deal is running.
func (j *jobs) has(deal uint64) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	for key, found := range j.all {
		if key.deal == deal && found.running {
			return true
		}
	}
	return false
}

// pendingBytes sums the sizes of running jobs: room that is spoken for.
func (j *jobs) pendingBytes() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	var sum uint64
	for _, found := range j.all {
		if found.running {
			sum += found.sizeBytes
		}
	}
	return sum
}

// sealedBytes sums the sizes of running jobs whose replicas are to be sealed.
func (j *jobs) sealedBytes() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	var sum uint64
	for _, found := range j.all {
		if found.running && found.sealed {
			sum += found.sizeBytes
		}
	}
	return sum
}

// forget drops jobs that are done with and whose assignment is not on the list any more.
func (j *jobs) forget(list []markettypes.Assignment) {
	listed := make(map[jobKey]bool, len(list))
	for _, assignment := range list {
		listed[keyOf(assignment.Replica)] = true
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for key, found := range j.all {
		if !found.running && !listed[key] {
			delete(j.all, key)
		}
	}
}

// margin is how long before its deadline an assignment is given back for want of data: a sixth of its time, within bounds.
func margin(assignedAt, deadline time.Time) time.Duration {
	return min(max(deadline.Sub(assignedAt)/6, 2*time.Second), 2*time.Minute)
}
