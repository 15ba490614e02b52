package prefetch_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/heat"
	"github.com/ipdm-network/ipdm/sidecar/data/prefetch"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

func always(ctx context.Context) error { return ctx.Err() }

// TestWarmUpLoadsTheHottestFirst: until its bound is reached, without what is gone or damaged, and as nobody's access.
func TestWarmUpLoadsTheHottestFirst(t *testing.T) {
	inBubble(t, true, stageBytes, func(t *testing.T, w *world) {
		blocks := leaves(1, 40, leafBytes)
		w.slow.put(t, 1, blocks...)
		history := heat.New(time.Hour, 100, time.Now)
		gone, damaged := format.Sum([]byte("gone")), blocks[39]
		w.slow.fail[damaged.Digest] = store.ErrCorrupt
		for i, b := range blocks {
			for range i + 1 {
				history.Touch(b.Digest)
			}
		}
		for range 100 {
			history.Touch(gone)
		}
		heats := history.Heat(blocks[30].Digest)
		n, err := prefetch.WarmUp(t.Context(), w.cache, history.Hottest(100), 8*leafBytes, always)
		require.NoError(t, err)
		require.Equal(t, 8, n)
		require.Equal(t, 1, w.slow.most, "one at a time")
		for i, b := range blocks[:39] {
			_, warm := w.cache.Peek(b.Digest)
			require.Equal(t, i >= 31, warm, "block %d", i)
		}
		require.InDelta(t, heats, history.Heat(blocks[30].Digest), 0.01, "it is no access")
		f := w.cache.Figures()
		require.Zero(t, f.Misses)
		require.Zero(t, f.Hits)

		n, err = prefetch.WarmUp(t.Context(), w.cache, history.Hottest(3), 1<<30, always)
		require.NoError(t, err)
		require.Equal(t, 1, n, "when there are no more it ends")
		require.Equal(t, 1, w.slow.of(blocks[38].Digest), "what is in memory is not read again")
	})
}

// TestWarmUpGivesWay: it waits while something else goes on, and ends with its context and with the store.
func TestWarmUpGivesWay(t *testing.T) {
	inBubble(t, true, stageBytes, func(t *testing.T, w *world) {
		blocks := leaves(1, 40, leafBytes)
		w.slow.put(t, 1, blocks...)
		var digests []format.Digest
		for _, b := range blocks {
			digests = append(digests, b.Digest)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		turns, ended := make(chan struct{}), make(chan error)
		go func() {
			_, err := prefetch.WarmUp(ctx, w.cache, digests, 1<<30, func(ctx context.Context) error {
				select {
				case <-turns:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
			ended <- err
		}()
		for i := range 3 {
			turns <- struct{}{}
			time.Sleep(time.Second)
			synctest.Wait()
			all, _ := w.slow.total()
			require.Equal(t, i+1, all)
		}
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)

		broken := errors.New("disk on fire")
		w.slow.fail[digests[5]] = broken
		n, err := prefetch.WarmUp(t.Context(), w.cache, digests, 1<<30, always)
		require.ErrorIs(t, err, broken)
		require.Equal(t, 5, n)
	})
}
