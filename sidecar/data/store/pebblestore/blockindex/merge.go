package blockindex

import (
	"bytes"
	"errors"
	"slices"
)

const (
	// mergeRuns is how many runs of like size are merged into one.
	mergeRuns = 8
	// readPages is how much of each run is read at a time while merging.
	readPages = 32
)

// merger merges runs of like size until the index is closed.
func (x *Index) merger() {
	for {
		number, some := x.waitMergeable()
		if some == nil {
			return
		}
		err := x.mergeSome(number, some)
		if errors.Is(err, ErrCorrupt) {
			x.condemn(err)
		}
		if err != nil && !errors.Is(err, ErrClosed) {
			x.opts.Logger.Error("failed to merge runs of the block index", "error", err)
			x.mu.Lock()
			x.stuck = len(x.runs)
			x.mu.Unlock()
		}
	}
}

// waitMergeable returns runs to merge and the number of the run to make of them, or nil when the index is closing.
func (x *Index) waitMergeable() (number uint64, some []*run) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for !x.closing {
		if some := x.mergeable(); some != nil && len(x.runs) != x.stuck {
			return x.newNumber(), some
		}
		x.changed.Wait()
	}
	return 0, nil
}

// level is the size class of a run: each is mergeRuns times the one before.
func (x *Index) level(r *run) int {
	level := 0
	for size := uint64(x.opts.TableEntries) * 2; r.footer.entries > size; size *= mergeRuns {
		level++
	}
	return level
}

// mergeable returns neighbouring runs to merge, the newest of a class and below, or nil. The caller holds mu.
func (x *Index) mergeable() []*run {
	begin := len(x.runs)
	for level := 0; begin > 0; level++ {
		for begin > 0 && x.level(x.runs[begin-1]) <= level {
			begin--
		}
		if len(x.runs)-begin >= mergeRuns {
			return slices.Clone(x.runs[begin:])
		}
	}
	return nil
}

// mergeSome replaces neighbouring runs by one, without the entries of encodings that are gone.
func (x *Index) mergeSome(number uint64, some []*run) error {
	var most uint64
	cursors := make([]*cursor, 0, len(some))
	for _, r := range some {
		most += r.footer.entries
		c := &cursor{run: r}
		if err := c.next(); err != nil {
			return err
		}
		cursors = append(cursors, c)
	}
	w, err := newRunWriter(x.opts.FS, x.dir, number, most)
	if err != nil {
		return err
	}
	if err := x.mergeInto(w, cursors); err != nil {
		w.abandon()
		return err
	}
	err = x.install(w, func(made *run) (covered uint64, runs []*run) {
		at := slices.Index(x.runs, some[0])
		runs = append(runs, x.runs[:at]...)
		if made != nil {
			runs = append(runs, made)
		}
		return x.covered, append(runs, x.runs[at+len(some):]...)
	}, func() {})
	if err != nil {
		return err
	}
	// No lookup that began before is still running: install took the lock that they hold.
	for _, r := range some {
		err = errors.Join(err, r.file.Close(), x.opts.FS.Remove(x.opts.FS.PathJoin(x.dir, runName(r.number))))
	}
	return err
}

func (x *Index) mergeInto(w *runWriter, cursors []*cursor) error {
	for n := 0; len(cursors) > 0; n++ {
		if n%(1<<16) == 0 && x.isClosing() {
			return ErrClosed
		}
		least := cursors[0]
		for _, c := range cursors[1:] {
			if c.key < least.key || c.key == least.key && bytes.Compare(c.row[:keySize], least.row[:keySize]) < 0 {
				least = c
			}
		}
		if x.opts.Keep(decodeEntry(least.row).Encoding) {
			if err := w.add(least.row); err != nil {
				return err
			}
		}
		if err := least.next(); err != nil {
			return err
		}
		if least.row == nil {
			cursors = slices.DeleteFunc(cursors, func(c *cursor) bool { return c == least })
		}
	}
	return nil
}

func (x *Index) isClosing() bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.closing
}

// cursor reads the entries of a run in order.
type cursor struct {
	run  *run
	page int    // next to read
	room []byte // for pages
	buf  []byte // pages read that were not yet looked at
	rows []byte // what is left of the present page
	row  []byte // the present entry, nil at the end
	key  uint64 // its prefix
}

// next goes to the next entry. It fails with ErrCorrupt.
func (c *cursor) next() error {
	if len(c.rows) == 0 {
		if err := c.nextPage(); err != nil {
			return err
		}
		if len(c.rows) == 0 {
			c.row = nil
			return nil
		}
	}
	c.row, c.rows = c.rows[:entrySize], c.rows[entrySize:]
	c.key = prefix(c.row)
	return nil
}

func (c *cursor) nextPage() (err error) {
	if len(c.buf) == 0 {
		n := min(readPages, int(c.run.footer.pages())-c.page)
		if n == 0 {
			return nil
		}
		if c.room == nil {
			c.room = make([]byte, readPages*pageSize)
		}
		c.buf = c.room[:n*pageSize]
		if err := readAt(c.run.file, c.buf, int64(c.page)*pageSize); err != nil {
			return err
		}
		c.page += n
	}
	c.rows, err = checkPage(c.buf[:pageSize])
	c.buf = c.buf[pageSize:]
	return err
}
