package tierstore

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// maxVictims is how many encodings are chosen at a time.
const maxVictims = 1 << 16

// victim is an encoding that is to leave the hot tier.
type victim struct {
	digest format.Digest
	size   size
	heat   float64
	age    int // its place in the order in which they came
}

// compare orders victims: first those that are read least, of equals the oldest.
func (v victim) compare(o victim) int {
	return cmp.Or(cmp.Compare(v.heat, o.heat), cmp.Compare(v.age, o.age))
}

// victims is a heap whose root is the last that should leave.
type victims []victim

func (v victims) Len() int           { return len(v) }
func (v victims) Less(i, j int) bool { return v[i].compare(v[j]) > 0 }
func (v victims) Swap(i, j int)      { v[i], v[j] = v[j], v[i] }
func (v *victims) Push(x any)        { *v = append(*v, x.(victim)) }
func (v *victims) Pop() any {
	last := (*v)[len(*v)-1]
	*v = (*v)[:len(*v)-1]
	return last
}

// errEnough ends an iteration.
var errEnough = errors.New("enough was found")

// coldest chooses what is read least in the hot tier: wantBytes of it, or as much as may be chosen at a time. The hottest of
// them comes first.
func (s *Store) coldest(ctx context.Context, wantBytes uint64) ([]victim, error) {
	var chosen victims
	var total uint64
	age := 0
	err := s.hot.IterateEncodings(ctx, func(e store.Encoding) error {
		age++
		if s.staysHot(e) {
			return nil
		}
		v := victim{digest: e.Digest, size: sizeOf(e), heat: s.heatOf(e), age: age}
		full := total >= wantBytes || len(chosen) >= maxVictims
		if full && v.compare(chosen[0]) > 0 {
			if chosen[0].heat == 0 {
				return errEnough // what comes is not colder, and younger
			}
			return nil
		}
		heap.Push(&chosen, v)
		total += v.size.envelope
		for len(chosen) > 1 && (total-chosen[0].size.envelope >= wantBytes || len(chosen) > maxVictims) {
			total -= chosen[0].size.envelope
			heap.Pop(&chosen)
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, fmt.Errorf("failed to choose what leaves the hot tier: %w", err)
	}
	return chosen, nil
}

// staysHot tells whether an encoding cannot be moved: the cold copy is being deleted, or there is no sound one.
func (s *Store) staysHot(e store.Encoding) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, buried := s.graves[e.Digest]
	_, copied := s.copies[e.Digest]
	return buried || e.Damaged && !copied
}

// heatOf is the heat of an encoding: that of its hottest block, or of itself when it is read whole. A sum over the blocks
// would make one reading of a large pack look like many.
func (s *Store) heatOf(e store.Encoding) float64 {
	hottest := s.history.Heat(e.Digest)
	for _, block := range e.Entries {
		hottest = max(hottest, s.history.Heat(block.Digest))
	}
	return hottest
}

// demoteSome moves what is read least out of the hot tier if there is too much in it. The caller has the turn.
func (s *Store) demoteSome(ctx context.Context) (more bool, err error) {
	stats, err := s.hot.Stats(ctx)
	if err != nil {
		return false, err
	}
	if stats.EnvelopeBytes <= s.opts.HotMaxBytes {
		return false, nil
	}
	moved, err := s.demoteBytes(ctx, stats.EnvelopeBytes-s.opts.lowMark())
	if err != nil {
		return false, err
	}
	return moved > 0, s.tidyHot(ctx)
}

// demoteBytes moves what is read least out of the hot tier, about wantBytes. The caller has the turn.
func (s *Store) demoteBytes(ctx context.Context, wantBytes uint64) (movedBytes uint64, err error) {
	chosen, err := s.coldest(ctx, wantBytes)
	if err != nil {
		return 0, err
	}
	if len(chosen) > 0 {
		s.floor = floor{chosen[0].heat, s.opts.Now()}
		// In the order in which they came, so that cold has it too, and hot is read from one end to the other.
		slices.SortFunc(chosen, func(a, b victim) int { return cmp.Compare(a.age, b.age) })
	}
	for len(chosen) > 0 {
		n, length := 0, uint64(0)
		for n < len(chosen) && n < moveCount && (n == 0 || length+chosen[n].size.envelope <= moveBytes) {
			length += chosen[n].size.envelope
			n++
		}
		moved, err := s.demote(ctx, chosen[:n])
		movedBytes += moved
		if err != nil {
			return movedBytes, err
		}
		chosen = chosen[n:]
	}
	return movedBytes, nil
}

// demote moves encodings to cold. The caller has the turn.
func (s *Store) demote(ctx context.Context, some []victim) (movedBytes uint64, err error) {
	records, err := s.takeOff(some)
	if err != nil {
		return 0, err
	}
	defer s.land()
	if !records.Empty() {
		if err := s.hot.Apply(ctx, records, store.Durable); err != nil {
			return 0, fmt.Errorf("failed to record a move: %w", err)
		}
	}
	there, err := s.copyToCold(ctx, some)
	if err != nil {
		s.keepBoth(context.WithoutCancel(ctx))
		return 0, err
	}
	// A change of sides is made to the end, so that it is counted as it is.
	if movedBytes, err = s.leaveHot(context.WithoutCancel(ctx), there); err != nil {
		s.keepBoth(context.WithoutCancel(ctx))
	}
	return movedBytes, err
}

// takeOff marks encodings as on their way to cold: from here on deleting one leaves a grave. It returns the copy records
// that are to be written.
func (s *Store) takeOff(some []victim) (*store.Batch, error) {
	// Calls that have looked and found nothing on its way have ended.
	s.moves.Lock()
	defer s.moves.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	var records store.Batch
	for _, v := range some {
		if _, copied := s.copies[v.digest]; copied {
			continue
		}
		if _, buried := s.graves[v.digest]; buried {
			continue
		}
		s.flight[v.digest] = v.size
		if err := records.SetMeta(copyKey(v.digest), nil); err != nil {
			return nil, err
		}
	}
	return &records, nil
}

// land ends the marks of takeOff.
func (s *Store) land() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.flight)
}

// keepBoth notes which encodings cold has after all of those on their way when a move failed.
func (s *Store) keepBoth(ctx context.Context) {
	s.moves.Lock()
	defer s.moves.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for d, n := range s.flight {
		_, there, err := stat(ctx, s.cold, d)
		_, buried := s.graves[d]
		switch {
		case err == nil && !there && buried:
			s.emptyGrave(d)
		case there && !buried:
			s.copies[d] = n
			s.hidden = s.hidden.plus(n)
		}
	}
}

// emptyGrave notes that a grave hides nothing: the encoding never came to cold. The caller holds mu.
func (s *Store) emptyGrave(d format.Digest) {
	s.hidden = s.hidden.minus(s.graves[d])
	s.graves[d] = size{}
}

// copyToCold sees to it that cold has the encodings, sound and durably, and returns those of which that is so. What is
// gone or damaged by now stays out.
func (s *Store) copyToCold(ctx context.Context, some []victim) (there []victim, err error) {
	var puts store.Batch
	for _, v := range some {
		if s.isBuried(v.digest) {
			continue
		}
		sound, err := s.soundInCold(ctx, v.digest)
		if err != nil {
			return nil, err
		}
		if sound {
			there = append(there, v)
			continue
		}
		data, err := s.hot.Encoding(ctx, v.digest)
		if err != nil && isAbsent(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		checked, err := store.Check(data)
		if err != nil {
			return nil, err
		}
		puts.PutEncoding(checked)
		there = append(there, v)
	}
	if len(there) == 0 {
		return nil, nil
	}
	// Also when all are there: what can be read from a tier that failed need not be durable.
	if err := s.cold.Apply(ctx, &puts, store.Durable); err != nil {
		if errors.Is(err, store.ErrFull) && !s.refused {
			s.refused = true
			s.opts.Logger.Warn("the cold tier has no room: what is there stays in the hot one", "error", err)
		}
		return nil, fmt.Errorf("failed to move encodings to the cold tier: %w", err)
	}
	s.refused = false
	return there, nil
}

// soundInCold tells whether cold has an encoding of which it can be the only copy: it is read for that.
func (s *Store) soundInCold(ctx context.Context, d format.Digest) (bool, error) {
	_, err := s.cold.Encoding(ctx, d)
	if err != nil && isAbsent(err) {
		return false, nil
	}
	return err == nil, err
}

// leaveHot deletes from hot what is in cold, but for what was deleted meanwhile, which has a grave.
func (s *Store) leaveHot(ctx context.Context, there []victim) (movedBytes uint64, err error) {
	s.moves.Lock()
	defer s.moves.Unlock()
	var b store.Batch
	var gone []victim
	for _, v := range there {
		if s.isBuried(v.digest) {
			continue
		}
		gone = append(gone, v)
		b.DeleteEncoding(v.digest)
		if err := b.DeleteMeta(copyKey(v.digest)); err != nil {
			return 0, err
		}
		movedBytes += v.size.envelope
	}
	// Without waiting for the disk: if this is undone they are in both.
	if err := s.hot.Apply(ctx, &b, store.Lazy); err != nil {
		return 0, fmt.Errorf("failed to delete from the hot tier what was moved: %w", err)
	}
	s.settleIn(there, gone)
	s.moved.demoted.Add(uint64(len(gone)))
	s.moved.demotedBytes.Add(movedBytes)
	return movedBytes, s.recount(ctx)
}

// settleIn notes what is in cold only from now on, and what was on its way and did not get there because it was deleted.
func (s *Store) settleIn(there, gone []victim) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range there {
		delete(s.flight, v.digest)
	}
	for d := range s.flight {
		if _, buried := s.graves[d]; buried {
			s.emptyGrave(d)
		}
	}
	for _, v := range gone {
		s.hidden = s.hidden.minus(s.copies[v.digest])
		delete(s.copies, v.digest)
		s.tell(v.digest, false)
	}
}

// tidyHot gives the space of what left the hot tier back to the file system, when it is worth it.
func (s *Store) tidyHot(ctx context.Context) error {
	stats, err := s.hot.Stats(ctx)
	if err != nil {
		return err
	}
	if stats.DiskBytes-min(stats.DiskBytes, stats.EnvelopeBytes) <= s.opts.GarbageMaxBytes {
		return nil
	}
	if _, err := s.hot.Reclaim(ctx); err != nil {
		return fmt.Errorf("failed to reclaim the hot tier: %w", err)
	}
	return nil
}

// makeRoom moves something out of a hot tier that has no room for needBytes, whatever HotMaxBytes says, and tells whether
// another try may succeed.
func (s *Store) makeRoom(ctx context.Context, needBytes int) bool {
	moved, err := s.takeTurn(ctx, func(ctx context.Context) (bool, error) {
		n, err := s.demoteBytes(ctx, max(4*uint64(needBytes), s.opts.HotMaxBytes/10))
		if err == nil && n > 0 {
			_, err = s.hot.Reclaim(ctx)
		}
		return n > 0, err
	})
	if err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrFull) {
		s.opts.Logger.Error("failed to make room in the hot tier", "error", err)
	}
	return moved && err == nil
}
