package blockindex

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
)

// DefaultTableEntries is how many entries are collected in memory before they are written as a run, about 60 bytes each.
const DefaultTableEntries = 1 << 19

// frozenTables is how many full tables may wait to be written.
const frozenTables = 2

// ErrClosed reports a call after Close.
var ErrClosed = errors.New("block index is closed")

// Options of an index. All but TableEntries and Logger are required.
type Options struct {
	FS vfs.FS
	// Keep tells whether an encoding is stored. Entries of others are left out of merged runs.
	Keep func(encoding uint64) bool
	// Settle makes durable what Keep has said.
	Settle func() error
	// TableEntries is the size of a table, DefaultTableEntries if 0, at most a million.
	TableEntries int
	// Logger takes messages; they are dropped if nil.
	Logger *slog.Logger
}

// Index is a block index in one directory. Lookups may run beside each other and beside everything else; Room, Add and
// Flush are for one goroutine at a time.
type Index struct {
	opts Options
	dir  string

	work sync.WaitGroup // the flusher and the merger

	manifests sync.Mutex  // held while the manifest is changed
	condemned atomic.Bool // the manifest is gone, so that the next opening finds an empty index

	mu      sync.RWMutex
	changed sync.Cond // signalled when anything below changes; its lock is mu
	active  *table    // takes what is added; guarded by mu, its content is not
	frozen  []*table  // full, oldest first; guarded by mu
	runs    []*run    // oldest first; guarded by mu
	covered uint64    // guarded by mu
	nextRun uint64    // guarded by mu
	stuck   int       // number of runs when merging failed last, which is tried again at another; guarded by mu
	retry   bool      // the flusher shall try again after a failure; guarded by mu
	failed  error     // of the flusher's last attempt; guarded by mu
	closing bool      // guarded by mu
}

// Open opens the index in dir and creates it if there is none. It fails with ErrCorrupt when files are damaged or
// missing: the index must be removed then and every encoding added again.
func Open(dir string, opts Options) (_ *Index, err error) {
	if opts.TableEntries == 0 {
		opts.TableEntries = DefaultTableEntries
	}
	opts.TableEntries = min(opts.TableEntries, maxTableEntries)
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	fsys := opts.FS
	if err := fsys.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("failed to create block index: %w", err)
	}
	if err := syncDir(fsys, fsys.PathDir(dir)); err != nil {
		return nil, fmt.Errorf("failed to create block index: %w", err)
	}
	m, err := readManifest(fsys, dir)
	if err != nil {
		return nil, err
	}
	x := &Index{opts: opts, dir: dir, active: newTable(opts.TableEntries), covered: m.covered}
	x.changed.L = &x.mu
	defer func() {
		if err != nil {
			err = errors.Join(err, x.closeRuns())
		}
	}()
	named := map[uint64]bool{}
	for _, mr := range m.runs {
		r, err := openRun(fsys, dir, mr.number, mr.entries)
		if err != nil {
			return nil, err
		}
		x.runs = append(x.runs, r)
		x.nextRun = max(x.nextRun, mr.number+1)
		named[mr.number] = true
	}
	names, err := fsys.List(dir)
	if err != nil {
		return nil, fmt.Errorf("failed to list the block index: %w", err)
	}
	for _, name := range names {
		if number, ok := parseRunName(name); ok && !named[number] {
			if err := fsys.Remove(fsys.PathJoin(dir, name)); err != nil {
				return nil, fmt.Errorf("failed to remove run: %w", err)
			}
		}
	}
	x.work.Go(x.flusher)
	x.work.Go(x.merger)
	return x, nil
}

// Remove deletes the index in dir, which must not be open.
func Remove(fsys vfs.FS, dir string) error {
	if err := fsys.RemoveAll(dir); err != nil {
		return fmt.Errorf("failed to remove block index: %w", err)
	}
	return nil
}

// Covered returns the number up to which the index is complete on disk: the entries of encodings below it need not be
// added when the index is opened again.
func (x *Index) Covered() uint64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.covered
}

// Room waits until a table with room for an encoding can be had. It fails when tables cannot be written, for want of
// space say, and tries again at the next call.
func (x *Index) Room() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.tryAgain()
	for len(x.frozen) >= frozenTables && x.failed == nil && !x.closing {
		x.changed.Wait()
	}
	switch {
	case x.closing:
		return ErrClosed
	case len(x.frozen) >= frozenTables:
		return x.failed
	}
	return nil
}

// tryAgain has the flusher and the merger try again if the flusher failed. The caller holds mu.
func (x *Index) tryAgain() {
	if x.failed != nil {
		x.failed, x.retry, x.stuck = nil, true, 0
		x.changed.Broadcast()
	}
}

// Add adds the blocks of an encoding. Encodings must be added by rising number.
func (x *Index) Add(encoding uint64, blocks []envelope.Entry) {
	if x.active.room() < len(blocks) {
		x.freeze(len(blocks)) // an encoding is in one table, so that runs have all of it or nothing
	}
	for i, b := range blocks {
		x.active.add(&Entry{Block: b.Digest, Encoding: encoding, Position: uint16(i), Codec: b.Codec, Size: b.Size})
	}
}

// freeze hands the active table to the flusher and begins one for at least some entries.
func (x *Index) freeze(least int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.active.length > 0 {
		x.frozen = append(x.frozen, x.active)
	}
	x.active = newTable(max(x.opts.TableEntries, least))
	x.changed.Broadcast()
}

// Find calls yield for every copy of a block, one of each encoding, in the order they were added, until it returns false.
// It fails with
// ErrCorrupt, and the index is empty then when it is opened next.
func (x *Index) Find(block format.Digest, yield func(Entry) bool) error {
	last, found := uint64(0), false
	err := x.find(&block, func(e Entry) bool {
		if found && e.Encoding == last {
			return true
		}
		last, found = e.Encoding, true
		return yield(e)
	})
	if errors.Is(err, ErrCorrupt) {
		x.condemn(err)
	}
	return err
}

func (x *Index) find(block *format.Digest, yield func(Entry) bool) error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	for _, r := range x.runs {
		if !r.filter.mayHave((*[format.DigestSize]byte)(block)) {
			continue
		}
		if more, err := r.find(block, yield); err != nil || !more {
			return err
		}
	}
	for _, t := range x.frozen {
		if !t.find(block, yield) {
			return nil
		}
	}
	x.active.find(block, yield)
	return nil
}

// MayHave sets may, which is as long as blocks, for each block that may have copies; false is certain of what was added
// before. It reads no file. Of blocks that are new, as a rule, it takes a fraction of what Find does for each: every run and
// table is asked for some at a time, whose memory comes side by side.
func (x *Index) MayHave(blocks []format.Digest, may []bool) {
	clear(may)
	x.mu.RLock()
	defer x.mu.RUnlock()
	for len(blocks) > 0 {
		n := min(len(blocks), probeBlocks)
		for _, r := range x.runs {
			r.filter.mayHaveSome(blocks[:n], may)
		}
		for _, t := range x.frozen {
			t.mayHaveSome(blocks[:n], may)
		}
		x.active.mayHaveSome(blocks[:n], may)
		blocks, may = blocks[n:], may[n:]
	}
}

// condemn removes the manifest of a damaged index.
func (x *Index) condemn(cause error) {
	if x.condemned.Swap(true) {
		return
	}
	x.manifests.Lock()
	defer x.manifests.Unlock()
	err := x.opts.FS.Remove(x.opts.FS.PathJoin(x.dir, manifestName))
	x.opts.Logger.Error("the block index is damaged: open the store again to have it rebuilt", "error", errors.Join(cause, err))
}

// Flush writes everything added so far to disk, durably.
func (x *Index) Flush() error {
	if x.active.length > 0 {
		x.freeze(0)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.tryAgain()
	for len(x.frozen) > 0 && x.failed == nil {
		x.changed.Wait()
	}
	return x.failed
}

// DiskBytes returns the length of all runs.
func (x *Index) DiskBytes() uint64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var total uint64
	for _, r := range x.runs {
		total += r.footer.fileBytes()
	}
	return total
}

// Close writes what was added if it can, so that it need not be added again, ends the background work and closes all
// files. No other call may run.
func (x *Index) Close() error {
	_ = x.Flush() // the flusher has reported the error
	x.mu.Lock()
	x.closing = true
	x.changed.Broadcast()
	x.mu.Unlock()
	x.work.Wait()
	return x.closeRuns()
}

func (x *Index) closeRuns() error {
	var err error
	for _, r := range x.runs {
		err = errors.Join(err, r.file.Close())
	}
	return err
}
