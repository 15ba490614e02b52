package s3store

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// fetchAhead is how many objects are read at a time when the index is made.
const fetchAhead = 8

// journalState is what the bucket has of the journal and the checkpoints.
type journalState struct {
	head    uint64   // sequence number of the newest complete checkpoint, 0 if there is none
	entries []uint64 // sequence numbers behind it, rising
}

// last is the sequence number of the newest state.
func (j journalState) last() uint64 {
	if n := len(j.entries); n > 0 {
		return j.entries[n-1]
	}
	return j.head
}

// recover brings the index up to what the bucket says, and begins an epoch of its own: from then on nothing that another
// opening still has under way can be added to the journal.
func (s *Store) recover(ctx context.Context) error {
	for range takeovers {
		j, err := s.survey(ctx)
		if err != nil {
			return err
		}
		if err := s.catchUp(ctx, j); err != nil {
			return err
		}
		err = s.beginEpoch(ctx)
		if !errors.Is(err, errCondition) {
			return err
		}
	}
	return fmt.Errorf("failed to open %s: %w: another node keeps writing to it", s.bucket.where, store.ErrLocked)
}

// survey lists the journal and the checkpoints.
func (s *Store) survey(ctx context.Context) (journalState, error) {
	var j journalState
	sizes := map[uint64]uint64{}
	err := s.bucket.list(ctx, checkpointFolder, func(key string, sizeBytes uint64) error {
		seq, name, ok := numberOf(key, checkpointFolder)
		if !ok {
			return nil
		}
		sizes[seq] += sizeBytes
		if name == "/"+headName {
			j.head = max(j.head, seq)
		}
		return nil
	})
	if err != nil {
		return j, err
	}
	var journal uint64
	err = s.bucket.list(ctx, journalFolder, func(key string, sizeBytes uint64) error {
		seq, rest, ok := numberOf(key, journalFolder)
		if !ok || rest != "" || seq <= j.head {
			return nil
		}
		j.entries = append(j.entries, seq)
		journal += sizeBytes
		return nil
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.checkpointBytes, s.journalBytes, s.journalEntries = sizes[j.head], journal, len(j.entries)
	return j, err
}

// catchUp brings the index up to the newest state. It fails with store.ErrCorrupt when the bucket lacks what is needed.
func (s *Store) catchUp(ctx context.Context, j journalState) error {
	_, reached := s.index.state()
	if reached.seq < j.head || reached.seq > j.last() {
		if reached.seq > j.last() {
			s.opts.Logger.Error("the bucket is older than the local index, which is made again", "index", reached.seq, "bucket", j.last())
		}
		if err := s.index.clear(); err != nil {
			return err
		}
		if err := s.loadCheckpoint(ctx, j.head); err != nil {
			return err
		}
		reached.seq = j.head
	}
	next := reached.seq
	var behind []uint64
	for _, seq := range j.entries {
		if seq <= reached.seq {
			continue
		}
		if next++; seq != next {
			return fmt.Errorf("failed to open %s: %w: entry %d of the journal is missing", s.bucket.where, store.ErrCorrupt, next)
		}
		behind = append(behind, seq)
	}
	return s.fetchInOrder(ctx, len(behind), maxEntryBytes, func(i int) string { return entryKey(behind[i]) }, func(i int, data []byte) error {
		return s.replay(behind[i], data)
	})
}

// fetchInOrder reads objects, some ahead, and calls use with each in order.
func (s *Store) fetchInOrder(ctx context.Context, count, limitBytes int, key func(int) string, use func(int, []byte) error) error {
	for from := 0; from < count; from += fetchAhead {
		window := make([][]byte, min(fetchAhead, count-from))
		g, ctx := errgroup.WithContext(ctx)
		for i := range window {
			g.Go(func() (err error) {
				window[i], _, err = s.bucket.get(ctx, key(from+i), limitBytes)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			if errors.Is(err, errNoObject) || errors.Is(err, errMalformed) {
				err = fmt.Errorf("%w: %w", store.ErrCorrupt, err)
			}
			return fmt.Errorf("failed to open %s: %w", s.bucket.where, err)
		}
		for i, data := range window {
			if err := use(from+i, data); err != nil {
				return fmt.Errorf("failed to open %s: %w: %s: %w", s.bucket.where, store.ErrCorrupt, key(from+i), err)
			}
		}
	}
	return nil
}

// replay makes the changes of a journal entry.
func (s *Store) replay(seq uint64, data []byte) error {
	e, err := unsealEntry(data)
	if err != nil {
		return err
	}
	if e.seq != seq {
		return fmt.Errorf("%w: it is entry %d", errMalformed, e.seq)
	}
	_, reached := s.index.state()
	reached.seq, reached.epoch = e.seq, e.epoch
	return s.applyAll(reached, e.count, e.changes)
}

// applyAll makes changes that the bucket holds, and records that state c is reached.
func (s *Store) applyAll(c confirmed, count uint32, changes []byte) (err error) {
	t := s.index.begin(false)
	defer func() { err = errors.Join(err, t.close()) }()
	var segments []change
	err = eachChange(count, changes, func(ch change) error {
		if ch.kind == changeSegment || ch.kind == changeDrop {
			segments = append(segments, ch)
		}
		return t.apply(ch)
	})
	if err != nil {
		return err
	}
	if err := t.finish(); err != nil {
		return err
	}
	if err := s.index.confirm(t.batch, c, segments, 0); err != nil {
		return err
	}
	t.publish()
	return nil
}

// loadCheckpoint fills the empty index from a checkpoint; there is none with sequence number 0.
func (s *Store) loadCheckpoint(ctx context.Context, seq uint64) error {
	if seq == 0 {
		return nil
	}
	var h head
	err := s.fetchInOrder(ctx, 1, maxHeadBytes, func(int) string { return headKey(seq) }, func(_ int, data []byte) (err error) {
		h, err = unsealHead(data)
		return err
	})
	if err != nil {
		return err
	}
	err = s.fetchInOrder(ctx, len(h.parts), maxPartBytes, func(i int) string { return partKey(seq, uint32(i)) }, func(i int, data []byte) error {
		if format.Sum(data) != h.parts[i] {
			return fmt.Errorf("%w: digest differs", errMalformed)
		}
		p, err := unsealPart(data)
		if err != nil {
			return err
		}
		_, reached := s.index.state()
		// Not before the last part is the checkpoint reached.
		reached.seq = 0
		return s.applyAll(reached, p.count, p.changes)
	})
	if err != nil {
		return err
	}
	t := s.index.begin(false)
	t.figures.next = max(t.figures.next, h.next)
	if err := t.finish(); err != nil {
		return errors.Join(err, t.close())
	}
	_, reached := s.index.state()
	reached.seq, reached.epoch = h.seq, h.epoch
	err = s.index.confirm(t.batch, reached, nil, 0)
	t.publish()
	return errors.Join(err, t.close())
}

// beginEpoch writes the first entry of this opening. It fails with errCondition when another was written meanwhile.
func (s *Store) beginEpoch(ctx context.Context) error {
	_, reached := s.index.state()
	e := entry{seq: reached.seq + 1, epoch: reached.epoch + 1}
	data := e.seal()
	_, err := s.bucket.put(ctx, entryKey(e.seq), data, condition{absent: true})
	if errors.Is(err, errCondition) && errors.Is(err, errUncertain) {
		found, _, lookErr := s.bucket.get(ctx, entryKey(e.seq), maxEntryBytes)
		if lookErr == nil && bytes.Equal(found, data) {
			err = nil
		}
	}
	if err != nil {
		return err
	}
	if err := s.lease.held(ctx); err != nil {
		return err
	}
	reached.seq, reached.epoch = e.seq, e.epoch
	return s.index.confirm(s.index.db.NewBatch(), reached, nil, 0)
}
