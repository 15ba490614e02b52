package follow

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/endpoint"
	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/feed"
)

const (
	// idleSave is how often the state is saved when nothing changes.
	idleSave = time.Minute
	// closeGrace is how long the last batch may take when the follower ends; a batch that is not put then is in the journal.
	closeGrace = 3 * time.Second
)

// task is one follow. What has no lock is its goroutine's.
type task struct {
	cfg       Config
	addresses []string
	deps      Deps
	log       *slog.Logger
	board     *board
	metrics   *metrics
	journal   journal

	saved   state       // what is on the disk
	savedAt time.Time   // when that was written
	cursor  feed.Cursor // behind the last page
	stored  uint64      // the slot or block before which all that was read is stored
	batch   batch       // what lies between the two
	due     *time.Timer // when the batch is to be stored; running while it has changes
}

func newTask(c Config, deps Deps, m *metrics) (*task, error) {
	addresses, err := c.addresses()
	if err != nil {
		return nil, err
	}
	log := deps.Logger.With("follow", c.Name)
	t := &task{
		cfg: c, addresses: addresses, deps: deps, log: log, metrics: m,
		board: newBoard(c.Name, c.Kind, m, log), journal: journal{deps.Dir, c.Name},
	}
	return t, nil
}

// run follows until ctx is done or the follow stops.
func (t *task) run(ctx context.Context) {
	if err := t.follow(ctx); ctx.Err() == nil {
		t.board.stop(err)
	}
}

// follow takes up where the follow was. It returns an error always: that of ctx, or why it cannot go on.
func (t *task) follow(ctx context.Context) (err error) {
	if t.saved, err = t.journal.load(t.cfg.target(t.addresses)); err != nil {
		return err
	}
	if err := t.finish(ctx); err != nil {
		return err
	}
	t.cursor = t.saved.Cursor.Clone()
	t.show(0)
	pool, err := endpoint.NewPool(t.cfg.RPC)
	if err != nil {
		return err
	}
	defer pool.Close()
	source, err := t.cfg.source(pool, t.cursor)
	if err != nil {
		return err
	}
	return t.gather(ctx, source)
}

// gather runs the source and stores what it reads.
func (t *task) gather(ctx context.Context, source feed.Source) error {
	reading, cancel := context.WithCancel(ctx)
	pages, ended := make(chan feed.Page), make(chan error, 1)
	var reader sync.WaitGroup
	defer reader.Wait()
	defer cancel()
	reader.Go(func() { ended <- source.Run(reading, sink{t.board, pages}) })
	t.due = time.NewTimer(t.cfg.BatchInterval)
	defer t.due.Stop()
	for {
		select {
		case page := <-pages:
			t.take(ctx, page)
		case <-t.due.C:
			t.flush(ctx)
		case err := <-ended:
			final, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeGrace)
			defer cancel()
			t.flush(final)
			t.saveCursor()
			return err
		}
	}
}

// sink hands what a source reads to the goroutine of its follow.
type sink struct {
	*board
	pages chan<- feed.Page
}

// Take implements feed.Sink.
func (s sink) Take(ctx context.Context, p feed.Page) error {
	select {
	case s.pages <- p:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// take adds a page to the batch, and stores that when it is full.
func (t *task) take(ctx context.Context, p feed.Page) {
	if t.batch.changes == 0 && len(p.Changes) > 0 {
		t.due.Reset(t.cfg.BatchInterval)
	}
	for _, c := range p.Changes {
		t.batch.add(c)
	}
	t.cursor.Advance(p.Cursor)
	switch {
	case t.batch.changes >= t.cfg.BatchChanges || t.batch.lines.Len() >= maxBatchBytes:
		t.flush(ctx)
	case t.batch.changes == 0 && (t.saved.Cursor.Network == "" || time.Since(t.savedAt) >= idleSave):
		t.saveCursor()
	}
	t.show(p.Finalized)
}

// show puts on the board how far the follow is.
func (t *task) show(finalized uint64) {
	if t.batch.changes == 0 {
		t.stored = t.cursor.Next
	}
	t.board.change(func(s *Status) {
		s.Position, s.Finalized = max(t.stored, 1)-1, max(s.Finalized, finalized)
		s.Changes, s.Batches, s.LastRoot = t.saved.Changes, t.saved.Batches, t.saved.LastRoot
	})
}
