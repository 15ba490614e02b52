package s3store

import "context"

// sweep deletes the segments that openings before this one have left in the bucket and the index does not name, and looks
// for those that it names and the bucket has not. first is the number of this opening's first segment.
func (s *Store) sweep(ctx context.Context, first uint64) {
	defer close(s.swept)
	var orphans []string
	present := map[uint64]uint64{}
	err := s.bucket.list(ctx, segmentFolder, func(key string, sizeBytes uint64) error {
		number, rest, ok := numberOf(key, segmentFolder)
		if !ok || rest != "" || number >= first {
			return nil
		}
		length, err := getNumber(s.index.db, numberKey(spaceLength, number))
		if err != nil {
			return err
		}
		if length == 0 {
			orphans = append(orphans, key)
			return nil
		}
		present[number] = sizeBytes
		return nil
	})
	if err == nil {
		err = s.removeAll(ctx, orphans)
	}
	if err == nil {
		err = s.lookForMissing(ctx, first, present)
	}
	if err != nil && ctx.Err() == nil {
		s.opts.Logger.Warn("the bucket was not swept; the next start tries again", "error", err)
	}
}

// lookForMissing marks the encodings of segments as damaged that the bucket does not have, or not whole.
func (s *Store) lookForMissing(ctx context.Context, first uint64, present map[uint64]uint64) error {
	missing := map[uint64]struct{}{}
	err := eachNumber(ctx, s.index.db, spaceLength, func(segment, length uint64) error {
		if segment < first && present[segment] < length {
			missing[segment] = struct{}{}
		}
		return nil
	})
	if err != nil || len(missing) == 0 {
		return err
	}
	s.opts.Logger.Error("segments are missing from the bucket, or cut short", "segments", len(missing))
	return eachRecord(ctx, s.index.db, func(number uint64, r record) error {
		if _, ok := missing[r.segment]; !ok || uint64(r.offset)+uint64(r.length) <= present[r.segment] {
			return nil
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.damaged[number] = struct{}{}
		return nil
	})
}
