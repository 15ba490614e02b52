package s3store

import (
	"context"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

const (
	// checkpointBytes is the length of the journal at which a checkpoint is made, unless the last checkpoint is much longer.
	checkpointBytes = 8 << 20
	// partBytes is about the length of a part of a checkpoint.
	partBytes = 8 << 20
	// deletions is how many objects are deleted at a time.
	deletions = 8
)

// maybeCheckpoint begins a checkpoint if the journal has become long and none is being made. The index is at a
// confirmed state. Only the committer calls it.
func (s *Store) maybeCheckpoint() {
	s.mu.Lock()
	due := !s.checkpointing && (s.journalEntries >= s.opts.CheckpointEntries || s.journalBytes >= max(checkpointBytes, s.checkpointBytes/2))
	if due {
		s.checkpointing = true
	}
	journal, entries := s.journalBytes, s.journalEntries
	s.mu.Unlock()
	if !due {
		return
	}
	f, reached := s.index.state()
	snapshot := s.index.db.NewSnapshot()
	s.workers.Go(func() {
		h := head{seq: reached.seq, epoch: reached.epoch, next: f.next}
		length, err := s.writeCheckpoint(s.ctx, snapshot, h)
		err = errors.Join(err, snapshot.Close())
		s.mu.Lock()
		if err == nil {
			s.checkpointBytes = length
			s.journalBytes -= journal
			s.journalEntries -= entries
		}
		s.mu.Unlock()
		if err == nil {
			err = s.trim(s.ctx, h.seq)
		}
		if err != nil && s.ctx.Err() == nil {
			s.opts.Logger.Warn("no checkpoint was made", "error", err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.checkpointing = false
	})
}

// writeCheckpoint writes what a snapshot holds, the head last, and returns how many bytes that were.
func (s *Store) writeCheckpoint(ctx context.Context, snapshot *pebble.Snapshot, h head) (lengthBytes uint64, err error) {
	p := part{seq: h.seq}
	send := func() error {
		data := p.seal()
		if _, err := s.bucket.put(ctx, partKey(p.seq, p.number), data, condition{}); err != nil {
			return err
		}
		h.parts = append(h.parts, format.Sum(data))
		lengthBytes += uint64(len(data))
		p = part{seq: h.seq, number: p.number + 1, changes: p.changes[:0]}
		return nil
	}
	add := func(ch change) error {
		p.changes = ch.append(p.changes)
		if p.count++; len(p.changes) < partBytes {
			return nil
		}
		return send()
	}
	err = eachRecord(ctx, snapshot, func(number uint64, r record) error {
		return add(change{kind: changeAdd, number: number, rec: r})
	})
	if err != nil {
		return 0, err
	}
	err = eachKey(ctx, snapshot, []byte{spaceMeta}, func(key, value []byte) error {
		return add(change{kind: changeSetMeta, key: key[1:], value: value})
	})
	if err != nil {
		return 0, err
	}
	err = eachNumber(ctx, snapshot, spaceLength, func(segment, length uint64) error {
		return add(change{kind: changeSegment, segment: segment, length: length})
	})
	if err == nil && p.count > 0 {
		err = send()
	}
	if err != nil {
		return 0, err
	}
	data := h.seal()
	if len(data) > maxHeadBytes {
		return 0, fmt.Errorf("%w: checkpoint of %d parts", errMalformed, len(h.parts))
	}
	_, err = s.bucket.put(ctx, headKey(h.seq), data, condition{})
	return lengthBytes + uint64(len(data)), err
}

// trim deletes the journal up to a checkpoint, and the checkpoints before it.
func (s *Store) trim(ctx context.Context, seq uint64) error {
	// The head goes first: without it the parts are nothing.
	var heads, others []string
	err := s.bucket.list(ctx, checkpointFolder, func(key string, _ uint64) error {
		switch n, name, ok := numberOf(key, checkpointFolder); {
		case !ok || n >= seq:
		case name == "/"+headName:
			heads = append(heads, key)
		default:
			others = append(others, key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = s.bucket.list(ctx, journalFolder, func(key string, _ uint64) error {
		if n, _, ok := numberOf(key, journalFolder); ok && n <= seq {
			others = append(others, key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return errors.Join(s.removeAll(ctx, heads), s.removeAll(ctx, others))
}

func (s *Store) removeAll(ctx context.Context, keys []string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(deletions)
	for _, key := range keys {
		g.Go(func() error { return s.bucket.remove(ctx, key) })
	}
	return g.Wait()
}
