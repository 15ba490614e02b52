package tierstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// wakeShare is the part of the hot tier, 1 in so many bytes, that may be written before the mover looks at it.
const wakeShare = 64

// Apply implements store.Store. It fails with store.ErrInvalid for a metadata key that is the store's own. When the hot
// tier is full it moves something out and tries again, once.
func (s *Store) Apply(ctx context.Context, b *store.Batch, d store.Durability) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	puts := false
	for _, op := range b.Ops() {
		puts = puts || op.Kind == store.OpPutEncoding
		if (op.Kind == store.OpSetMeta || op.Kind == store.OpDeleteMeta) && isOwn(op.Key) {
			return fmt.Errorf("%w: metadata key %q is reserved", store.ErrInvalid, op.Key)
		}
	}
	if puts {
		if err := s.withinQuota(ctx, b.SizeBytes()); err != nil {
			return err
		}
	}
	err = s.apply(ctx, b, d)
	if puts && errors.Is(err, store.ErrFull) && !errors.Is(err, store.ErrFailed) && s.makeRoom(ctx, b.SizeBytes()) {
		err = s.apply(ctx, b, d)
	}
	if err == nil && s.unweighed.Add(uint64(b.SizeBytes())) >= s.opts.HotMaxBytes/wakeShare {
		s.unweighed.Store(0)
		s.wake()
	}
	return err
}

// apply makes the changes in the hot store, with graves for what is deleted and lies in the cold one.
func (s *Store) apply(ctx context.Context, b *store.Batch, d store.Durability) error {
	if slices.ContainsFunc(b.Ops(), func(op store.Op) bool { return op.Kind == store.OpDeleteEncoding }) {
		defer s.beginDeletion()()
	}
	s.moves.RLock()
	defer s.moves.RUnlock()
	t := translation{store: s, out: b, graves: map[format.Digest]size{}}
	for i, op := range b.Ops() {
		if err := t.add(ctx, b, i, op); err != nil {
			return err
		}
	}
	if err := s.hot.Apply(ctx, t.out, d); err != nil {
		return err
	}
	if len(t.graves) > 0 {
		s.bury(t.graves)
		s.wake()
	}
	return nil
}

// translation makes a batch for the hot store.
type translation struct {
	store  *Store
	out    *store.Batch // what was given, until it has to be another
	graves map[format.Digest]size
}

// add adds the change at index i of b.
func (t *translation) add(ctx context.Context, b *store.Batch, i int, op store.Op) error {
	drop, grave := false, false
	var err error
	switch op.Kind {
	case store.OpPutEncoding:
		drop, grave, err = t.put(ctx, op.Encoding.Digest())
	case store.OpDeleteEncoding:
		grave, err = t.remove(ctx, op.Digest)
	}
	if err != nil {
		return err
	}
	if t.out == b {
		if !drop && !grave {
			return nil
		}
		t.out = &store.Batch{}
		for _, before := range b.Ops()[:i] {
			if err := addOp(t.out, before); err != nil {
				return err
			}
		}
	}
	if grave {
		digest := op.Digest
		if op.Kind == store.OpPutEncoding {
			digest = op.Encoding.Digest()
		}
		if err := errors.Join(t.out.SetMeta(graveKey(digest), nil), t.out.DeleteMeta(copyKey(digest))); err != nil {
			return err
		}
	}
	if drop {
		return nil
	}
	return addOp(t.out, op)
}

func addOp(b *store.Batch, op store.Op) error {
	switch op.Kind {
	case store.OpPutEncoding:
		b.PutEncoding(op.Encoding)
	case store.OpDeleteEncoding:
		b.DeleteEncoding(op.Digest)
	case store.OpSetMeta:
		return b.SetMeta(op.Key, op.Value)
	case store.OpDeleteMeta:
		return b.DeleteMeta(op.Key)
	}
	return nil
}

// put tells what storing an encoding means: nothing if cold has it, sound and for good. A damaged copy there is deleted.
func (t *translation) put(ctx context.Context, d format.Digest) (drop, grave bool, err error) {
	if t.buried(d) {
		return false, false, nil
	}
	e, there, err := stat(ctx, t.store.cold, d)
	if err != nil || !there {
		return false, false, err
	}
	if !e.Damaged {
		return true, false, nil
	}
	t.graves[d] = sizeOf(e)
	return false, true, nil
}

// remove tells whether deleting an encoding takes a grave: cold has it, or is about to get it.
func (t *translation) remove(ctx context.Context, d format.Digest) (grave bool, err error) {
	if t.buried(d) {
		return false, nil
	}
	e, there, err := stat(ctx, t.store.cold, d)
	if err != nil {
		return false, err
	}
	if there {
		t.graves[d] = sizeOf(e)
		return true, nil
	}
	t.store.mu.Lock()
	defer t.store.mu.Unlock()
	flying, ok := t.store.flight[d]
	if ok {
		t.graves[d] = flying
	}
	return ok, nil
}

// buried tells whether an encoding has a grave, or gets one by the changes before.
func (t *translation) buried(d format.Digest) bool {
	if _, ok := t.graves[d]; ok {
		return true
	}
	return t.store.isBuried(d)
}

// bury hides the cold copies of encodings whose graves are written. The caller holds moves.
func (s *Store) bury(graves map[format.Digest]size) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for d, n := range graves {
		if _, ok := s.graves[d]; ok {
			continue // by another call at the same time
		}
		delete(s.wanted, d)
		s.graves[d] = n
		_, flying := s.flight[d]
		known, copied := s.copies[d]
		switch {
		case copied:
			s.hidden = s.hidden.minus(known).plus(n)
			delete(s.copies, d)
		case flying:
			s.hidden = s.hidden.plus(n)
		default:
			s.hidden = s.hidden.plus(n)
			s.only = s.only.minus(n)
		}
	}
}

func (s *Store) isBuried(d format.Digest) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.graves[d]
	return ok
}
