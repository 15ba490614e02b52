package s3store

const (
	// segmentsPerEpochBits leaves room for so many segments in one opening: their numbers begin with the epoch, so that no
	// two openings use the same.
	segmentsPerEpochBits = 32
	// maxFull is how many segments may be on their way to the bucket at a time.
	maxFull = 4
)

// segment is one that the bucket does not have yet, or not for certain.
type segment struct {
	number uint64
	data   []byte     // only grows until the segment is full, then never changes; guarded by Store.mu
	result chan error // of the upload under way; nil if none is
}

// append adds an envelope to the open segment and returns where it lies.
func (c *committer) append(env []byte) (number uint64, offset uint32, err error) {
	s := c.store
	if c.open != nil && len(c.open.data)+len(env) > s.opts.SegmentBytes {
		if err := c.end(); err != nil {
			return 0, 0, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.open == nil {
		c.open = &segment{number: c.nextSegment}
		c.nextSegment++
		s.buffers[c.open.number] = c.open
	}
	offset = uint32(len(c.open.data))
	c.open.data = append(c.open.data, env...)
	return c.open.number, offset, nil
}

// end sends the open segment on its way, if there is one. It waits until not too many are.
func (c *committer) end() error {
	if c.open != nil {
		c.full = append(c.full, c.open)
		c.upload(c.open)
		c.open = nil
	}
	for len(c.full) > maxFull {
		if err := c.settle(); err != nil {
			return err
		}
	}
	return nil
}

func (c *committer) upload(seg *segment) {
	s := c.store
	result, data := make(chan error, 1), seg.data
	seg.result = result
	s.workers.Go(func() {
		_, err := s.bucket.put(s.ctx, segmentKey(seg.number), data, condition{})
		result <- err
	})
}

// settle waits for the oldest full segment to be in the bucket. After an error it stays where it is, to be tried again.
func (c *committer) settle() error {
	seg := c.full[0]
	var err error
	if seg.result != nil {
		err = <-seg.result
	}
	if seg.result == nil || err != nil {
		// That may have been long ago.
		c.upload(seg)
		err = <-seg.result
	}
	seg.result = nil
	if err != nil {
		return err
	}
	c.full = c.full[1:]
	c.segments = append(c.segments, change{kind: changeSegment, segment: seg.number, length: uint64(len(seg.data))})
	c.store.mu.Lock()
	defer c.store.mu.Unlock()
	delete(c.store.buffers, seg.number)
	return nil
}

// settleAll ends the open segment and waits until the bucket has every one.
func (c *committer) settleAll() error {
	if err := c.end(); err != nil {
		return err
	}
	for _, seg := range c.full {
		if seg.result == nil {
			c.upload(seg)
		}
	}
	for len(c.full) > 0 {
		if err := c.settle(); err != nil {
			return err
		}
	}
	return nil
}

// buffered returns a copy of the bytes a record names if the segment is not in the bucket yet.
func (s *Store) buffered(r record) ([]byte, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	seg, ok := s.buffers[r.segment]
	if !ok || uint64(r.offset)+uint64(r.length) > uint64(len(seg.data)) {
		return nil, false
	}
	return append([]byte(nil), seg.data[r.offset:r.offset+r.length]...), true
}
