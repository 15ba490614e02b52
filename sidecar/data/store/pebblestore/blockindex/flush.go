package blockindex

import (
	"errors"
	"fmt"
	"slices"
)

// flusher writes frozen tables as runs, one after another, until the index is closed.
func (x *Index) flusher() {
	for {
		t := x.waitFrozen()
		if t == nil {
			return
		}
		err := x.flush(t)
		x.mu.Lock()
		if err != nil {
			x.failed = err
			x.opts.Logger.Error("failed to write the block index", "error", err)
		}
		x.changed.Broadcast()
		x.mu.Unlock()
	}
}

// waitFrozen returns the oldest table to write, or nil when the index is closing.
func (x *Index) waitFrozen() *table {
	x.mu.Lock()
	defer x.mu.Unlock()
	for !x.closing {
		if len(x.frozen) > 0 && (x.failed == nil || x.retry) {
			x.retry = false
			return x.frozen[0]
		}
		x.changed.Wait()
	}
	return nil
}

// flush writes a table and puts the run in its place.
func (x *Index) flush(t *table) error {
	number, err := x.newRun()
	if err != nil {
		return err
	}
	w, err := newRunWriter(x.opts.FS, x.dir, number, uint64(t.length))
	if err != nil {
		return err
	}
	for _, key := range t.sorted() {
		if err := w.add(t.row(int(key.at))); err != nil {
			w.abandon()
			return err
		}
	}
	return x.install(w, func(r *run) (covered uint64, runs []*run) {
		return t.end, append(x.runs[:len(x.runs):len(x.runs)], r)
	}, func() { x.frozen = slices.Delete(x.frozen, 0, 1) })
}

// newRun returns the number of a run to write for a table. It fails when there are too many runs, since merging fails.
func (x *Index) newRun() (uint64, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.runs) >= maxRuns {
		return 0, fmt.Errorf("failed to write run: %d wait to be merged", len(x.runs))
	}
	return x.newNumber(), nil
}

// newNumber returns the number of a run to write. The caller holds mu.
func (x *Index) newNumber() uint64 {
	n := x.nextRun
	x.nextRun++
	return n
}

// install finishes a run and makes it part of the index. place returns what the index consists of with it; then makes
// the change that goes with it. Both are called with mu held.
func (x *Index) install(w *runWriter, place func(*run) (covered uint64, runs []*run), then func()) error {
	var made *run
	if w.entries > 0 {
		err := w.finish()
		if err == nil {
			err = syncDir(x.opts.FS, x.dir)
		}
		if err == nil {
			made, err = openRun(x.opts.FS, x.dir, w.number, w.entries)
		}
		if err != nil {
			w.abandon()
			return err
		}
	} else {
		w.abandon()
	}
	if err := x.opts.Settle(); err != nil {
		if made != nil {
			err = errors.Join(err, made.file.Close())
		}
		return err
	}
	x.manifests.Lock()
	defer x.manifests.Unlock()
	x.mu.RLock()
	covered, runs := place(made)
	x.mu.RUnlock()
	if err := x.record(covered, runs); err != nil {
		if made != nil {
			err = errors.Join(err, made.file.Close())
		}
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.covered, x.runs = covered, runs
	then()
	x.changed.Broadcast()
	return nil
}

// record writes the manifest. The caller holds manifests.
func (x *Index) record(covered uint64, runs []*run) error {
	if x.condemned.Load() {
		return ErrCorrupt
	}
	m := manifest{covered: covered}
	for _, r := range runs {
		m.runs = append(m.runs, manifestRun{r.number, r.footer.entries})
	}
	return writeManifest(x.opts.FS, x.dir, m)
}
