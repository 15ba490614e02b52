package data

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const (
	scrubKey = "scrub"
	// scrubGroup is how many encodings are listed at a time.
	scrubGroup = 4096
	// scrubSaveEvery is how often it is written down how far a pass is.
	scrubSaveEvery = 10 * time.Second
)

// ScrubState is how far the reading and comparing of everything stored is. It is kept in the store.
type ScrubState struct {
	Due      time.Time `json:"due"`      // when the next pass begins
	Started  time.Time `json:"started"`  // when the present pass began; zero between two
	Finished time.Time `json:"finished"` // when the last pass ended; zero if none has

	Encodings uint64        `json:"encodings"` // read in the present pass
	Bytes     uint64        `json:"bytes"`     // read in the present pass
	Last      format.Digest `json:"last"`      // the encoding read last

	TotalBytes uint64 `json:"total_bytes"` // read in all passes
	Damaged    uint64 `json:"damaged"`     // encodings found damaged in all passes
	Healed     uint64 `json:"healed"`      // damaged encodings replaced
}

// scrub keeps the state of an engine's scrubbing.
type scrub struct {
	running sync.Mutex // held during a pass
	healing sync.Mutex // held while one encoding is healed

	mu     sync.Mutex
	loaded bool       // guarded by mu
	state  ScrubState // guarded by mu
}

// ScrubState returns how far scrubbing is.
func (e *Engine) ScrubState(ctx context.Context) (ScrubState, error) {
	e.scrub.mu.Lock()
	defer e.scrub.mu.Unlock()
	if e.scrub.loaded {
		return e.scrub.state, nil
	}
	value, err := e.store.Meta(ctx, []byte(scrubKey))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return ScrubState{}, fmt.Errorf("failed to read the state of the scrubber: %w", err)
	}
	if err == nil {
		if err := json.Unmarshal(value, &e.scrub.state); err != nil {
			e.log.Warn("the state of the scrubber cannot be read; it starts anew", "error", err)
			e.scrub.state = ScrubState{}
		}
	}
	e.scrub.loaded = true
	return e.scrub.state, nil
}

// changeScrub changes the state.
func (e *Engine) changeScrub(change func(*ScrubState)) {
	e.scrub.mu.Lock()
	defer e.scrub.mu.Unlock()
	change(&e.scrub.state)
}

func (e *Engine) saveScrub(ctx context.Context) error {
	st, err := e.ScrubState(ctx)
	if err != nil {
		return err
	}
	value, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("failed to save the state of the scrubber: %w", err)
	}
	var batch store.Batch
	if err := batch.SetMeta([]byte(scrubKey), value); err != nil {
		return err
	}
	if err := e.store.Apply(ctx, &batch, store.Lazy); err != nil {
		return fmt.Errorf("failed to save the state of the scrubber: %w", err)
	}
	return nil
}

// ScheduleScrub says when the next pass begins unless that has been said before, and returns the time.
func (e *Engine) ScheduleScrub(ctx context.Context, due time.Time) (time.Time, error) {
	st, err := e.ScrubState(ctx)
	if err != nil || !st.Due.IsZero() {
		return st.Due, err
	}
	e.changeScrub(func(st *ScrubState) { st.Due = due })
	return due, e.saveScrub(ctx)
}

// Scrub reads everything stored once, at most bytesPerSecond, and compares it with its digests; it goes on where a pass
// that was interrupted had got to. What is damaged is healed if it can be, see HealDamaged. At the end it notes that the
// next pass is due at the time given. One pass runs at a time; a second call waits.
func (e *Engine) Scrub(ctx context.Context, bytesPerSecond uint64, nextDue func(started time.Time) time.Time) error {
	e.scrub.running.Lock()
	defer e.scrub.running.Unlock()
	if _, err := e.ScrubState(ctx); err != nil {
		return err
	}
	e.changeScrub(func(st *ScrubState) {
		if st.Started.IsZero() {
			st.Started, st.Encodings, st.Bytes, st.Last = e.now(), 0, 0, format.Digest{}
		}
	})
	err := e.scrubAll(ctx, newPace(bytesPerSecond))
	if err == nil {
		e.changeScrub(func(st *ScrubState) {
			st.Due, st.Finished, st.Started = nextDue(st.Started), e.now(), time.Time{}
		})
	}
	if err := errors.Join(err, e.saveScrub(context.WithoutCancel(ctx))); err != nil {
		return fmt.Errorf("failed to scrub: %w", err)
	}
	return nil
}

func (e *Engine) scrubAll(ctx context.Context, p *pace) error {
	saved := time.Now()
	for {
		st, err := e.ScrubState(ctx)
		if err != nil {
			return err
		}
		some, err := e.encodingsAfter(ctx, st.Last, st.Encodings)
		if err != nil || len(some) == 0 {
			return err
		}
		for _, d := range some {
			size, err := e.scrubOne(ctx, d)
			if err != nil {
				return err
			}
			e.changeScrub(func(st *ScrubState) {
				st.Encodings++
				st.Bytes += uint64(size)
				st.TotalBytes += uint64(size)
				st.Last = d
			})
			if time.Since(saved) > scrubSaveEvery {
				saved = time.Now()
				if err := e.saveScrub(ctx); err != nil {
					return err
				}
			}
			if err := p.wait(ctx, size); err != nil {
				return err
			}
		}
	}
}

// scrubOne reads one encoding, and heals it if it is damaged. That it cannot be healed is no error.
func (e *Engine) scrubOne(ctx context.Context, d format.Digest) (sizeBytes int, err error) {
	before, err := e.store.StatEncoding(ctx, d)
	if errors.Is(err, store.ErrNotFound) { // deleted meanwhile
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	sizeBytes, err = e.checkEncoding(ctx, d)
	switch {
	case err == nil || errors.Is(err, store.ErrNotFound):
		return sizeBytes, nil
	case !errors.Is(err, store.ErrCorrupt):
		return 0, err
	}
	if !before.Damaged {
		e.changeScrub(func(st *ScrubState) { st.Damaged++ })
	}
	_, err = e.heal(ctx, d)
	return int(before.LengthBytes), err
}

// encodingsAfter lists some encodings in the order they were stored: those behind last, or if that is gone behind the
// first position ones.
func (e *Engine) encodingsAfter(ctx context.Context, last format.Digest, position uint64) ([]format.Digest, error) {
	var behind, others []format.Digest
	found := last == format.Digest{}
	var n uint64
	err := e.store.IterateEncodings(ctx, func(enc store.Encoding) error {
		switch {
		case found && len(behind) == scrubGroup:
			return errEnough
		case found:
			behind = append(behind, enc.Digest)
		case enc.Digest == last:
			found = true
		case n >= position && len(others) < scrubGroup:
			others = append(others, enc.Digest)
		}
		n++
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	if !found {
		return others, nil
	}
	return behind, nil
}

// pace keeps reading below a rate.
type pace struct {
	bytesPerSecond uint64
	due            time.Time // when what was read so far may have been read
}

func newPace(bytesPerSecond uint64) *pace {
	return &pace{bytesPerSecond: bytesPerSecond, due: time.Now()}
}

// wait waits until n more bytes may have been read.
func (p *pace) wait(ctx context.Context, n int) error {
	now := time.Now()
	if p.due.Before(now) {
		p.due = now // time in which nothing was read is not made up for
	}
	p.due = p.due.Add(time.Duration(float64(n) / float64(p.bytesPerSecond) * float64(time.Second)))
	timer := time.NewTimer(p.due.Sub(now))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
