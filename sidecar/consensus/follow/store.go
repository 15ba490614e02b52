package follow

import (
	"context"
	"fmt"
	"time"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/endpoint"
	"github.com/ipdm-network/ipdm/sidecar/data"
)

// partStore is what troubles of storing are told of.
const partStore = "store"

// flush stores the batch, if it has changes. It tries until it succeeds or ctx is done; then the batch stays.
func (t *task) flush(ctx context.Context) {
	if t.batch.changes == 0 {
		return
	}
	behind := t.saved
	behind.Cursor = t.cursor
	behind.Changes += uint64(t.batch.changes)
	behind.Batches++
	e := entry{State: behind, From: t.batch.from, To: t.batch.to}
	err := t.persist(ctx, func() error {
		if err := t.journal.begin(e, t.batch.lines.Bytes()); err != nil {
			return err
		}
		return t.put(ctx, e, t.batch.lines.Bytes())
	})
	if err != nil {
		return
	}
	t.batch.reset()
	t.show(0)
}

// finish stores the batch of the journal, if it was begun and not finished.
func (t *task) finish(ctx context.Context) error {
	e, lines, err := t.journal.unfinished(t.saved)
	if e == nil || err != nil {
		return err
	}
	return t.persist(ctx, func() error { return t.put(ctx, *e, lines) })
}

// persist tries until it succeeds or ctx is done, which is the error.
func (t *task) persist(ctx context.Context, attempt func() error) error {
	var pause endpoint.Pause
	for {
		err := attempt()
		if ctx.Err() != nil && err != nil {
			return ctx.Err()
		}
		t.board.Trouble(partStore, err)
		if err == nil {
			return nil
		}
		if err := endpoint.Wait(ctx, pause.After(err, 0)); err != nil {
			return err
		}
	}
}

// put stores the lines of a batch as one file, and then the state behind it.
func (t *task) put(ctx context.Context, e entry, lines []byte) error {
	put, err := t.deps.Content.NewPut(ctx, data.PutOptions{
		Effort: t.deps.Effort, Tags: t.cfg.tags(t.addresses, e.From, e.To), ContentType: contentType, Creator: t.deps.Creator, Sign: t.deps.Sign,
	})
	if err != nil {
		return err
	}
	defer put.Abort()
	if err := put.BeginFile("", data.FileInfo{}); err != nil {
		return err
	}
	if _, err := put.Write(lines); err != nil {
		return err
	}
	result, err := put.Finish()
	if err != nil {
		return err
	}
	e.State.LastRoot = result.Root.String()
	if err := t.journal.save(e.State); err != nil {
		return err
	}
	if err := t.journal.end(); err != nil {
		t.log.Debug("a journal is left behind", "err", err) // it is known to be finished by its number
	}
	t.metrics.changes.WithLabelValues(t.cfg.Name).Add(float64(e.State.Changes - t.saved.Changes))
	t.metrics.batches.WithLabelValues(t.cfg.Name).Inc()
	t.remember(e.State)
	t.log.Debug("a batch is stored", "root", result.Root, "from", e.From, "to", e.To)
	if t.deps.Announcer != nil {
		if err := t.deps.Announcer.Provide(ctx, result.Root, result.Manifest); err != nil {
			t.log.Debug("a batch is not announced yet", "root", result.Root, "err", err)
		}
	}
	return nil
}

// remember keeps what was written as the state.
func (t *task) remember(s state) {
	s.Cursor = s.Cursor.Clone()
	t.saved, t.savedAt = s, time.Now()
}

// saveCursor saves how far the follow has read where no change waits to be stored.
func (t *task) saveCursor() {
	if t.batch.changes > 0 {
		return
	}
	s := t.saved
	s.Cursor = t.cursor
	err := t.journal.save(s)
	if err != nil {
		err = fmt.Errorf("failed to save the state: %w", err)
	} else {
		t.remember(s)
	}
	t.board.Trouble(partStore, err)
}
