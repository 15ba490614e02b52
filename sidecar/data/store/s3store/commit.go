package s3store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const (
	// groupBytes is how much is made visible together.
	groupBytes = 4 << 20
	// pendingBytes is the length of changes at which they are written to the journal without anyone asking.
	pendingBytes = 4 << 20
	// maxBatchBytes bounds the metadata of one batch, so that no journal entry is longer than can be read back.
	maxBatchBytes = 32 << 20
	// queueLength is how many batches may wait to be grouped.
	queueLength = 256
	// lazyTime is how long a change that nobody waits for stays out of the bucket, about.
	lazyTime = 10 * time.Second
)

// request is one batch on its way to the committer.
type request struct {
	ops     []store.Op
	moves   []move   // encodings to write again elsewhere
	drops   []uint64 // segments to forget if nothing in them is live
	dropped []uint64 // those that were forgotten, when the request is done
	next    uint64   // number of the first segment that was not begun when the request was done
	durable bool
	size    int
	done    chan error
}

// move is an encoding and where it was read.
type move struct {
	number uint64
	from   record
	data   []byte
}

// Apply implements store.Store. When ctx ends first, the changes may still be made, all or none.
func (s *Store) Apply(ctx context.Context, b *store.Batch, d store.Durability) error {
	ops := slices.Clone(b.Ops())
	meta := 0
	for i, op := range ops {
		if op.Kind == store.OpPutEncoding && op.Encoding.Header() == nil {
			return fmt.Errorf("%w: empty encoding", store.ErrInvalid)
		}
		ops[i].Key, ops[i].Value = bytes.Clone(op.Key), bytes.Clone(op.Value)
		meta += len(op.Key) + len(op.Value)
	}
	if meta > maxBatchBytes {
		return fmt.Errorf("%w: batch with %d bytes of metadata", store.ErrInvalid, meta)
	}
	return s.submit(ctx, &request{ops: ops, durable: d == store.Durable, size: b.SizeBytes()})
}

// Sync implements store.Store.
func (s *Store) Sync(ctx context.Context) error {
	return s.submit(ctx, &request{durable: true})
}

// submit hands r to the committer and waits for it, or for the end of ctx.
func (s *Store) submit(ctx context.Context, r *request) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	r.done = make(chan error, 1)
	select {
	case s.queue <- r:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// committer makes all changes of a store, on one goroutine.
type committer struct {
	store       *Store
	nextSegment uint64
	open        *segment   // what is appended to; may be nil
	full        []*segment // on their way to the bucket, oldest first

	pending  []byte   // changes that the index has and the journal has not
	count    uint32   // of pending
	segments []change // of pending: segments that are in the bucket, or to be deleted
	written  *writing // an entry of which it is not known whether it was written; may be nil
}

// writing is a journal entry that is being written.
type writing struct {
	entry    entry
	data     []byte
	segments []change
	undone   uint64 // the undoes before this are for changes up to the entry
}

func (c *committer) run() {
	flush := time.NewTicker(lazyTime)
	defer flush.Stop()
	for {
		select {
		case r := <-c.store.queue:
			c.serve(r)
		case <-flush.C:
			if err := c.flush(c.store.ctx); err != nil {
				c.store.opts.Logger.Warn("changes were not written to the bucket", "error", err)
			}
		case <-c.store.stop:
			// Close has let no further call in; those that were given up are in the queue.
			for {
				select {
				case r := <-c.store.queue:
					c.serve(r)
				default:
					return
				}
			}
		}
	}
}

func (c *committer) serve(first *request) {
	group := c.gather(first)
	err := c.commit(group)
	for _, r := range group {
		r.next = c.nextSegment
		r.done <- err
	}
}

// gather returns first and what else is waiting, up to groupBytes.
func (c *committer) gather(first *request) []*request {
	group, size := []*request{first}, first.size
	for size < groupBytes {
		select {
		case r := <-c.store.queue:
			group = append(group, r)
			size += r.size
		default:
			return group
		}
	}
	return group
}

// mark is the state to which a group that fails is taken back.
type mark struct {
	pending     int
	count       uint32
	segments    int
	undo        uint64
	nextSegment uint64
	open        *segment
	openLength  int
}

func (c *committer) mark() mark {
	m := mark{
		pending: len(c.pending), count: c.count, segments: len(c.segments), undo: c.store.index.undo,
		nextSegment: c.nextSegment, open: c.open,
	}
	if c.open != nil {
		m.openLength = len(c.open.data)
	}
	return m
}

// commit carries out all requests or none. After an error that wraps errKept they are carried out, and not known to be
// durable.
func (c *committer) commit(requests []*request) error {
	s := c.store
	if err := s.failure.Get(); err != nil {
		return err
	}
	m := c.mark()
	removed, err := c.stage(requests)
	if err != nil {
		return errors.Join(err, c.takeBack(m))
	}
	s.forget(removed)
	durable := slices.ContainsFunc(requests, func(r *request) bool { return r.durable })
	if !durable && len(c.pending) < pendingBytes {
		return nil
	}
	err = c.flush(s.ctx)
	if err != nil && !durable && len(c.pending) < maxBatchBytes {
		s.opts.Logger.Warn("changes were not written to the bucket", "error", err)
		return nil
	}
	if err != nil && !errors.Is(err, errKept) && !errors.Is(err, store.ErrFailed) {
		err = errors.Join(err, c.takeBack(m))
	}
	return err
}

// stage makes the changes of the requests visible. It returns the numbers of the encodings that are gone.
func (c *committer) stage(requests []*request) (removed []uint64, err error) {
	g := &group{committer: c, txn: c.store.index.begin(true)}
	defer func() { err = errors.Join(err, g.txn.close()) }()
	for _, r := range requests {
		if err := g.stage(r); err != nil {
			return nil, err
		}
	}
	if len(g.removed) == 0 && g.txn.batch.Empty() {
		return nil, nil
	}
	return g.removed, g.txn.commit()
}

// takeBack undoes what was done since m, in the index, the pending changes and the segments.
func (c *committer) takeBack(m mark) error {
	s := c.store
	if err := s.index.rollback(m.undo); err != nil {
		s.failure.Set(err)
		return s.failure.Get()
	}
	c.pending, c.count = c.pending[:m.pending], m.count
	began := func(number uint64) bool { return number >= m.nextSegment }
	c.segments = append(c.segments[:m.segments:m.segments], slices.DeleteFunc(slices.Clone(c.segments[m.segments:]),
		func(ch change) bool { return ch.kind == changeDrop || began(ch.segment) })...)
	s.mu.Lock()
	defer s.mu.Unlock()
	drop := func(seg *segment) bool {
		if seg == nil || !began(seg.number) {
			return false
		}
		delete(s.buffers, seg.number)
		return true
	}
	c.full = slices.DeleteFunc(c.full, drop)
	if drop(c.open) {
		c.open = nil
	}
	if c.open != nil && c.open == m.open {
		c.open.data = c.open.data[:m.openLength]
	}
	return nil
}

// group is a commit in the making.
type group struct {
	committer *committer
	txn       *txn
	removed   []uint64
}

func (g *group) stage(r *request) error {
	for _, m := range r.moves {
		if err := g.move(m); err != nil {
			return err
		}
	}
	for _, op := range r.ops {
		var err error
		switch op.Kind {
		case store.OpPutEncoding:
			err = g.put(op.Encoding)
		case store.OpDeleteEncoding:
			err = g.delete(op.Digest)
		case store.OpSetMeta:
			err = g.apply(change{kind: changeSetMeta, key: op.Key, value: op.Value})
		case store.OpDeleteMeta:
			err = g.apply(change{kind: changeUnset, key: op.Key})
		default:
			err = fmt.Errorf("%w: change of kind %d", store.ErrInvalid, op.Kind)
		}
		if err != nil {
			return err
		}
	}
	for _, segment := range r.drops {
		live, err := getNumber(g.txn.batch, numberKey(spaceLive, segment))
		if err != nil {
			return err
		}
		if live > 0 {
			continue // damaged encodings are left in it
		}
		drop := change{kind: changeDrop, segment: segment}
		if err := g.apply(drop); err != nil {
			return err
		}
		g.committer.segments = append(g.committer.segments, drop)
		r.dropped = append(r.dropped, segment)
	}
	return nil
}

// apply makes a change to the index and adds it to what the journal has to be told.
func (g *group) apply(ch change) error {
	if err := g.txn.apply(ch); err != nil {
		return err
	}
	c := g.committer
	c.pending = ch.append(c.pending)
	c.count++
	return nil
}

func (g *group) put(e store.Checked) error {
	number, _, err := find(g.txn.batch, e.Digest())
	switch {
	case err == nil && !g.committer.store.isDamaged(number):
		return nil
	case err == nil:
		err = g.delete(e.Digest())
	case errors.Is(err, store.ErrNotFound):
		err = nil
	}
	if err != nil {
		return err
	}
	segment, offset, err := g.committer.append(e.Bytes())
	if err != nil {
		return err
	}
	return g.apply(change{kind: changeAdd, number: g.txn.figures.next, rec: newRecord(e, segment, offset)})
}

func (g *group) delete(d format.Digest) error {
	number, _, err := find(g.txn.batch, d)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	g.removed = append(g.removed, number)
	return g.apply(change{kind: changeDelete, number: number})
}

// move writes an encoding again in the current segment, unless it is gone or elsewhere by now.
func (g *group) move(m move) error {
	now, err := recordOf(g.txn.batch, m.number)
	if errors.Is(err, store.ErrNotFound) || err == nil && !now.at(m.from) {
		return nil
	}
	if err != nil {
		return err
	}
	segment, offset, err := g.committer.append(m.data)
	if err != nil {
		return err
	}
	return g.apply(change{kind: changeMove, number: m.number, segment: segment, offset: offset})
}

// forget drops what is known in memory of encodings that are gone.
func (s *Store) forget(numbers []uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, number := range numbers {
		delete(s.damaged, number)
		s.decoded.Remove(number)
	}
}

// flush makes every change so far durable. Its error wraps errKept when it is not known whether the last changes are, and
// store.ErrFailed when another node has the store.
func (c *committer) flush(ctx context.Context) error {
	if c.written != nil {
		if err := c.write(ctx, c.written); err != nil {
			return err
		}
		c.written = nil
	}
	if err := c.settleAll(); err != nil {
		return err
	}
	if c.count == 0 && len(c.segments) == 0 {
		return c.store.heldOrFailed(ctx)
	}
	w := c.prepare()
	err := c.write(ctx, w)
	if err != nil && !errors.Is(err, errKept) {
		return err
	}
	c.pending, c.count, c.segments = nil, 0, nil
	if err != nil {
		c.written = w
		return err
	}
	c.store.maybeCheckpoint()
	return nil
}

// prepare makes an entry of everything that is pending.
func (c *committer) prepare() *writing {
	_, reached := c.store.index.state()
	w := &writing{
		entry:    entry{seq: reached.seq + 1, epoch: reached.epoch, count: c.count, changes: slices.Clone(c.pending)},
		segments: slices.Clone(c.segments),
		undone:   c.store.index.undo,
	}
	for _, ch := range c.segments {
		if ch.kind == changeSegment {
			w.entry.changes = ch.append(w.entry.changes)
			w.entry.count++
		}
	}
	w.data = w.entry.seal()
	return w
}

// write puts an entry into the journal and confirms its changes. Its error wraps errKept when the entry may be there.
func (c *committer) write(ctx context.Context, w *writing) error {
	s := c.store
	_, err := s.bucket.put(ctx, entryKey(w.entry.seq), w.data, condition{absent: true})
	if errors.Is(err, errCondition) {
		// Either an attempt before was successful, or another node has written its own.
		found, _, lookErr := s.bucket.get(ctx, entryKey(w.entry.seq), maxEntryBytes)
		switch {
		case lookErr != nil:
			return fmt.Errorf("%w: %w", errKept, lookErr)
		case !bytes.Equal(found, w.data):
			s.failure.Set(fmt.Errorf("another node uses the store: %w", err))
			return s.failure.Get()
		default:
			err = nil
		}
	}
	if errors.Is(err, errUncertain) {
		return fmt.Errorf("%w: %w", errKept, err)
	}
	if err != nil {
		return err
	}
	// The entry is there. It counts if it was there before anybody else could have taken the store over.
	if err := s.heldOrFailed(ctx); err != nil {
		return fmt.Errorf("%w: %w", errKept, err)
	}
	_, reached := s.index.state()
	reached.seq, reached.epoch = w.entry.seq, w.entry.epoch
	if err := s.index.confirm(s.index.db.NewBatch(), reached, w.segments, w.undone); err != nil {
		s.failure.Set(err)
		return s.failure.Get()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journalBytes += uint64(len(w.data))
	s.journalEntries++
	return nil
}

// heldOrFailed fails unless this opening has the lock; when it has lost it for good, no further change is accepted.
func (s *Store) heldOrFailed(ctx context.Context) error {
	err := s.lease.held(ctx)
	if errors.Is(err, store.ErrFailed) {
		s.failure.Set(err)
	}
	return err
}
