package tierstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const (
	// moveBytes and moveCount bound what is moved at a time.
	moveBytes = 4 << 20
	moveCount = 256
	// retryEvery is the pause after a move that failed.
	retryEvery = time.Minute
)

// wake has the mover look for something to do.
func (s *Store) wake() {
	select {
	case s.awake <- struct{}{}:
	default:
	}
}

// run makes moves until ctx is done.
func (s *Store) run(ctx context.Context) {
	retry := time.NewTimer(retryEvery)
	defer retry.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.awake:
		case <-retry.C:
		}
		if err := s.settle(ctx); err != nil && ctx.Err() == nil {
			if !errors.Is(err, store.ErrFull) {
				s.opts.Logger.Error("failed to move encodings between the tiers", "error", err)
			}
			retry.Reset(retryEvery)
		}
	}
}

// Settle makes all moves and deletions that are due. It fails with store.ErrFull when the cold tier has no room, which
// loses nothing.
func (s *Store) Settle(ctx context.Context) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	return s.settle(ctx)
}

// settle takes one turn after the other until nothing is left to do.
func (s *Store) settle(ctx context.Context) error {
	for _, work := range []func(context.Context) (more bool, err error){s.finishGraves, s.promoteSome, s.demoteSome} {
		for more := true; more; {
			var err error
			if more, err = s.takeTurn(ctx, work); err != nil {
				return err
			}
		}
	}
	return nil
}

// takeTurn does some work on the cold tier while nobody else does.
func (s *Store) takeTurn(ctx context.Context, work func(context.Context) (bool, error)) (bool, error) {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	defer func() { <-s.turn }()
	if err := ctx.Err(); err != nil {
		return false, err
	}
	return work(ctx)
}

// finishGraves deletes from cold what is buried, and then the graves. The caller has the turn.
func (s *Store) finishGraves(ctx context.Context) (more bool, err error) {
	const perTurn = 1000
	some := s.someGraves(perTurn)
	if len(some) == 0 {
		return false, nil
	}
	// The graves may not be durable yet, nor what was deleted with them.
	if err := s.hot.Sync(ctx); err != nil {
		return false, fmt.Errorf("failed to make deletions durable: %w", err)
	}
	var deletion, records store.Batch
	for _, d := range some {
		deletion.DeleteEncoding(d)
		if err := records.DeleteMeta(graveKey(d)); err != nil {
			return false, err
		}
	}
	defer s.beginDeletion()()
	if err := s.cold.Apply(ctx, &deletion, store.Durable); err != nil {
		return false, fmt.Errorf("failed to delete from the cold tier: %w", err)
	}
	ctx = context.WithoutCancel(ctx)
	s.moves.Lock()
	defer s.moves.Unlock()
	if err := s.hot.Apply(ctx, &records, store.Lazy); err != nil {
		return false, fmt.Errorf("failed to finish deletions: %w", err)
	}
	s.unbury(some)
	return len(some) == perTurn, s.recount(ctx)
}

func (s *Store) someGraves(n int) []format.Digest {
	s.mu.Lock()
	defer s.mu.Unlock()
	var some []format.Digest
	for d := range s.graves {
		if len(some) == n {
			break
		}
		some = append(some, d)
	}
	return some
}

func (s *Store) unbury(graves []format.Digest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range graves {
		s.hidden = s.hidden.minus(s.graves[d])
		delete(s.graves, d)
		for w := range s.walks {
			w.deleted[d] = struct{}{}
		}
	}
}
