package s3store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const (
	// garbageShare is the part of a segment, 1 in so many bytes, that must be garbage for it to be rewritten.
	garbageShare = 4
	// garbageFloorBytes is the garbage below which a segment that is still in use is left alone.
	garbageFloorBytes = 1 << 20
	// smallShare and smallCount say when small segments are joined: when there are so many that are shorter than a segment's
	// full length by such a factor.
	smallShare = 8
	smallCount = 16
	// moveBytes is about how much is moved at a time.
	moveBytes = 8 << 20
)

// Reclaim implements store.Store. A call waits for one that is running, and for the sweep that Open has begun.
func (s *Store) Reclaim(ctx context.Context) (freedBytes uint64, err error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	select {
	case <-s.swept:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	s.reclaim.Lock()
	defer s.reclaim.Unlock()
	// From here on the segments that exist are in the bucket, and no envelope is appended to them.
	end := &request{durable: true}
	if err := s.submit(ctx, end); err != nil {
		return 0, err
	}
	chosen, err := s.garbage(ctx, end.next)
	if err != nil || len(chosen) == 0 {
		return 0, err
	}
	if err := s.moveOut(ctx, chosen); err != nil {
		return 0, err
	}
	order := make([]uint64, 0, len(chosen))
	for segment := range chosen {
		order = append(order, segment)
	}
	slices.Sort(order)
	drop := &request{drops: order, durable: true}
	if err := s.submit(ctx, drop); err != nil {
		return 0, err
	}
	keys := make([]string, len(drop.dropped))
	for i, segment := range drop.dropped {
		keys[i] = segmentKey(segment)
		freedBytes += chosen[segment]
	}
	return freedBytes, s.removeAll(ctx, keys)
}

// garbage returns the segments below the given number that are worth rewriting, and how many bytes of each are garbage.
func (s *Store) garbage(ctx context.Context, before uint64) (map[uint64]uint64, error) {
	chosen, small := map[uint64]uint64{}, map[uint64]uint64{}
	err := eachNumber(ctx, s.index.db, spaceLength, func(segment, length uint64) error {
		live, err := getNumber(s.index.db, numberKey(spaceLive, segment))
		if err != nil || segment >= before {
			return err
		}
		garbage := length - min(live, length)
		switch {
		case live == 0 || garbage >= garbageFloorBytes && garbage >= length/garbageShare:
			chosen[segment] = garbage
		case length < uint64(s.opts.SegmentBytes/smallShare):
			small[segment] = garbage
		}
		return nil
	})
	if len(small) >= smallCount {
		for segment, garbage := range small {
			chosen[segment] = garbage
		}
	}
	return chosen, err
}

// moveOut writes the live encodings of the chosen segments again. Damaged ones stay where they are.
func (s *Store) moveOut(ctx context.Context, chosen map[uint64]uint64) error {
	var moves []move
	size := 0
	send := func() error {
		if len(moves) == 0 {
			return nil
		}
		if err := s.submit(ctx, &request{moves: moves, size: size}); err != nil {
			return fmt.Errorf("failed to rewrite segments: %w", err)
		}
		moves, size = nil, 0
		return nil
	}
	err := eachRecord(ctx, s.index.db, func(number uint64, r record) error {
		if _, ok := chosen[r.segment]; !ok {
			return nil
		}
		data, err := s.readVerified(ctx, number, r)
		if errors.Is(err, store.ErrCorrupt) || errors.Is(err, errMoved) {
			return nil
		}
		if err != nil {
			return err
		}
		moves = append(moves, move{number: number, from: r, data: data})
		if size += len(data); size < moveBytes {
			return nil
		}
		return send()
	})
	return errors.Join(err, send())
}
