package pebblestore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
)

const (
	// garbageShare is the part of a segment, 1 in so many bytes, that must be garbage for it to be rewritten.
	garbageShare = 4
	// garbageFloorBytes is the garbage below which a segment that is still in use is left alone.
	garbageFloorBytes = 1 << 20
)

// worthRewriting tells whether a segment is garbage to such an extent that copying the rest pays.
func (u segmentUse) worthRewriting() bool {
	garbage := u.length - min(u.live, u.length)
	return u.live == 0 || garbage >= garbageFloorBytes && garbage >= u.length/garbageShare
}

// Reclaim implements store.Store. A call waits for one that is running.
//
// It calls the exported view of the store as any other caller would: readers and writers go on meanwhile.
func (s *Store) Reclaim(ctx context.Context) (freedBytes uint64, err error) {
	s.reclaim.Lock()
	defer s.reclaim.Unlock()
	// From here on no envelope is appended to a segment that exists now.
	end := &request{endSeg: true}
	if err := s.submit(ctx, end); err != nil {
		return 0, err
	}
	chosen := s.garbage(end.nextSeg)
	if len(chosen) == 0 {
		return 0, nil
	}
	if err := s.residents(ctx, chosen); err != nil {
		return 0, err
	}
	for _, segment := range s.leastFirst(chosen) {
		n, err := s.rewrite(ctx, segment, chosen[segment])
		freedBytes += n
		if err != nil {
			return freedBytes, err
		}
	}
	return freedBytes, nil
}

// garbage returns the segments below the given number that are worth rewriting. Later ones may be written to: all that
// is in one may be garbage while the next envelope is on its way there.
func (s *Store) garbage(before uint32) map[uint32][]uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	chosen := map[uint32][]uint64{}
	for segment, use := range s.segments {
		if segment < before && use.worthRewriting() {
			chosen[segment] = nil
		}
	}
	return chosen
}

// leastFirst orders segments by what is live in them: those that free space without copying anything come before those
// that need some for a while.
func (s *Store) leastFirst(chosen map[uint32][]uint64) []uint32 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.SortedFunc(maps.Keys(chosen), func(a, b uint32) int {
		return cmp.Or(cmp.Compare(s.segments[a].live, s.segments[b].live), cmp.Compare(a, b))
	})
}

// residents fills in the numbers of the encodings that lie in the chosen segments.
func (s *Store) residents(ctx context.Context, chosen map[uint32][]uint64) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	return s.eachRecord(ctx, 0, func(number uint64, r record) error {
		if numbers, ok := chosen[r.segment]; ok {
			chosen[r.segment] = append(numbers, number)
		}
		return nil
	})
}

// rewrite moves encodings out of a segment and deletes it when nothing is left in it.
func (s *Store) rewrite(ctx context.Context, segment uint32, numbers []uint64) (freedBytes uint64, err error) {
	var movedBytes uint64
	const perCommit = 8
	for some := range slices.Chunk(numbers, perCommit) {
		// Durable, so that the copies cannot be undone once the segment is deleted.
		if err := s.submit(ctx, &request{moves: some, durable: true}); err != nil {
			return 0, fmt.Errorf("failed to rewrite segment %d: %w", segment, err)
		}
	}
	if len(numbers) == 0 {
		if err := s.submit(ctx, &request{durable: true}); err != nil {
			return 0, err
		}
	}
	leave, err := s.enter(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	for _, number := range numbers {
		if r, err := s.record(number); err == nil {
			movedBytes += uint64(r.length)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	use, ok := s.segments[segment]
	if !ok || use.live != 0 {
		return 0, nil // damaged encodings are left in it
	}
	if err := s.files.remove(segment); err != nil {
		return 0, err
	}
	delete(s.segments, segment)
	if use.length < movedBytes {
		return 0, nil
	}
	return use.length - movedBytes, nil
}
