package pebblestore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const (
	// groupBytes is how much is written with one sync.
	groupBytes = 4 << 20
	// queueLength is how many batches may wait to be grouped.
	queueLength = 256
)

// request is one batch on its way to the committer.
type request struct {
	ops     []store.Op
	moves   []uint64 // encoding numbers to write again elsewhere
	adopts  []record // encodings that lie in a segment already
	endSeg  bool     // end the current segment first, and set nextSeg
	nextSeg uint32   // number of the first segment that was not begun when the current one ended
	durable bool
	size    int
	done    chan error
}

// Apply implements store.Store.
func (s *Store) Apply(ctx context.Context, b *store.Batch, d store.Durability) error {
	for _, op := range b.Ops() {
		if op.Kind == store.OpPutEncoding && op.Encoding.Header() == nil {
			return fmt.Errorf("%w: empty encoding", store.ErrInvalid)
		}
	}
	return s.submit(ctx, &request{ops: b.Ops(), durable: d == store.Durable, size: b.SizeBytes()})
}

// Sync implements store.Store.
func (s *Store) Sync(ctx context.Context) error {
	return s.submit(ctx, &request{durable: true})
}

// submit hands r to the committer and waits for it. Once handed over a request is always carried out: the caller's
// memory is in use until then, so a context that ends later does not end the wait.
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
	return <-r.done
}

// committer makes all changes of a store, on one goroutine.
type committer struct {
	store  *Store
	append appender
	next   uint64 // number of the next encoding

	indexUsage   uint64 // bytes of the index on disk
	indexUsageAt time.Time
}

func (c *committer) run() {
	for {
		select {
		case r := <-c.store.queue:
			group := c.gather(r)
			err := c.commit(group)
			for _, r := range group {
				r.done <- err
			}
		case <-c.store.stop:
			// Close has waited for every call, so the queue is empty.
			if err := c.append.end(); err != nil {
				c.store.opts.Logger.Error("the last segment was not closed", "error", err)
			}
			return
		}
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

// change is what a commit does to one encoding.
type change struct {
	number uint64
	rec    record
	gone   bool
}

// group is a commit in the making.
type group struct {
	batch   *pebble.Batch
	now     map[format.Digest]change // the state of encodings this commit touches
	added   []change
	removed []change
	moved   [][2]record // from, to
}

// commit carries out all requests or none.
func (c *committer) commit(requests []*request) (err error) {
	s := c.store
	if err := s.failure.Get(); err != nil {
		return err
	}
	g := &group{batch: s.db.NewBatch(), now: map[format.Digest]change{}}
	defer func() { err = errors.Join(err, g.batch.Close()) }()
	durable := false
	payload := 0
	for _, r := range requests {
		durable = durable || r.durable
		for _, op := range r.ops {
			if op.Kind == store.OpPutEncoding {
				payload += len(op.Encoding.Bytes())
			}
		}
	}
	if payload > 0 {
		if err := c.room(payload); err != nil {
			return err
		}
		if err := s.blocks.Room(); err != nil {
			return writeError("write the block index", err)
		}
	}
	c.append.check()
	for _, r := range requests {
		if err := c.stage(g, r); err != nil {
			return err
		}
	}
	if err := c.append.sync(); err != nil {
		return err
	}
	// Before the commit, which shows what names the blocks. Until then their encodings have no record.
	c.publishBlocks(g)
	if !g.batch.Empty() || durable {
		mode := pebble.NoSync
		if durable {
			mode = pebble.Sync
		}
		if g.batch.Empty() {
			err = s.db.LogData(nil, mode)
		} else {
			err = g.batch.Commit(mode)
		}
		if failed := s.failure.Get(); failed != nil {
			return failed
		}
		if err != nil {
			s.failure.Set(err)
			return writeError("commit to the index", err)
		}
	}
	c.publish(g)
	return nil
}

func (c *committer) stage(g *group, r *request) error {
	if r.endSeg {
		if err := c.append.end(); err != nil {
			return err
		}
		r.nextSeg = c.append.next
	}
	for _, number := range r.moves {
		if err := c.move(g, number); err != nil {
			return err
		}
	}
	for _, rec := range r.adopts {
		if err := c.adopt(g, rec); err != nil {
			return err
		}
	}
	for _, op := range r.ops {
		var err error
		switch op.Kind {
		case store.OpPutEncoding:
			err = c.put(g, op.Encoding)
		case store.OpDeleteEncoding:
			err = c.delete(g, op.Digest)
		case store.OpSetMeta:
			err = g.batch.Set(metaKey(op.Key), op.Value, nil)
		case store.OpDeleteMeta:
			err = g.batch.Delete(metaKey(op.Key), nil)
		default:
			err = fmt.Errorf("%w: change of kind %d", store.ErrInvalid, op.Kind)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lookup returns the present state of an encoding, as this commit sees it.
func (c *committer) lookup(g *group, d format.Digest) (change, error) {
	if ch, ok := g.now[d]; ok {
		return ch, nil
	}
	number, r, err := c.store.find(d)
	if errors.Is(err, store.ErrNotFound) {
		return change{gone: true}, nil
	}
	if err != nil {
		return change{}, err
	}
	return change{number: number, rec: r}, nil
}

func (c *committer) put(g *group, e store.Checked) error {
	ch, err := c.lookup(g, e.Digest())
	if err != nil {
		return err
	}
	if !ch.gone {
		if !c.store.isDamaged(ch.number) {
			return nil
		}
		if err := c.delete(g, e.Digest()); err != nil {
			return err
		}
	}
	segment, offset, err := c.append.append(e.Bytes())
	if err != nil {
		return err
	}
	ch = change{number: c.next, rec: newRecord(e, segment, offset)}
	c.next++
	g.now[e.Digest()] = ch
	g.added = append(g.added, ch)
	return c.index(g, ch)
}

// index adds the keys of an encoding.
func (c *committer) index(g *group, ch change) error {
	number := binary.BigEndian.AppendUint64(nil, ch.number)
	if err := g.batch.Set(encodingKey(ch.rec.digest), number, nil); err != nil {
		return err
	}
	return g.batch.Set(recordKey(ch.number), ch.rec.append(nil), nil)
}

func (c *committer) delete(g *group, d format.Digest) error {
	ch, err := c.lookup(g, d)
	if err != nil || ch.gone {
		return err
	}
	if err := g.batch.Delete(recordKey(ch.number), nil); err != nil {
		return err
	}
	if err := g.batch.Delete(encodingKey(d), nil); err != nil {
		return err
	}
	g.now[d] = change{gone: true}
	g.removed = append(g.removed, ch)
	return nil
}

// move writes an encoding again in the current segment. One that is gone is passed over, and so is one that cannot be
// read: it stays where it is.
func (c *committer) move(g *group, number uint64) error {
	from, err := c.store.record(number)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	data, err := c.store.readVerified(number, from)
	if errors.Is(err, store.ErrCorrupt) {
		return nil
	}
	if err != nil {
		return err
	}
	to := from
	if to.segment, to.offset, err = c.append.append(data); err != nil {
		return err
	}
	g.now[to.digest] = change{number: number, rec: to}
	g.moved = append(g.moved, [2]record{from, to})
	return g.batch.Set(recordKey(number), to.append(nil), nil)
}

// publish brings what is in memory up to what was committed.
func (c *committer) publish(g *group) {
	s := c.store
	s.mu.Lock()
	defer s.mu.Unlock()
	use := func(segment uint32) *segmentUse {
		u, ok := s.segments[segment]
		if !ok {
			u = &segmentUse{}
			s.segments[segment] = u
		}
		return u
	}
	grow := func(r record) {
		u := use(r.segment)
		u.length = max(u.length, r.offset+uint64(r.length))
		u.live += uint64(r.length)
	}
	for _, ch := range g.added {
		s.count(ch.rec, +1)
		grow(ch.rec)
	}
	for _, m := range g.moved {
		use(m[0].segment).live -= uint64(m[0].length)
		grow(m[1])
	}
	for _, ch := range g.removed {
		s.count(ch.rec, -1)
		s.live.remove(ch.number)
		use(ch.rec.segment).live -= uint64(ch.rec.length)
		delete(s.damaged, ch.number)
		s.decoded.Remove(ch.number)
	}
}

// publishBlocks tells the block index of the encodings that were added, while those that were removed are still found. They
// are live before: what is not live the index may forget.
func (c *committer) publishBlocks(g *group) {
	s := c.store
	stay := slices.DeleteFunc(slices.Clone(g.added), func(ch change) bool {
		return slices.ContainsFunc(g.removed, func(r change) bool { return r.number == ch.number })
	})
	s.mu.Lock()
	for _, ch := range stay {
		s.live.add(ch.number)
	}
	s.mu.Unlock()
	for _, ch := range stay {
		s.blocks.Add(ch.number, ch.rec.entries)
	}
}
