package prefetch_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// open has a reader open a root over Bitswap, and some time go by.
func (w *world) open(t *testing.T, reader string, c *content) {
	t.Helper()
	w.get(t, c.blocks[0])
	w.prefetch.Read(reader, c.root())
	time.Sleep(time.Minute)
	synctest.Wait()
}

// TestWhatUsuallyFollowsIsLoaded: after a root that has been followed by another one three times, by readers of any name,
// the first blocks of that one are in memory before it is opened; and neither after fewer, nor for what follows rarely.
func TestWhatUsuallyFollowsIsLoaded(t *testing.T) {
	inBubble(t, true, stageBytes, func(t *testing.T, w *world) {
		a, b, other := w.pin(t, 1, 3, 100, 1), w.pin(t, 2, 100, leafBytes, 1), w.pin(t, 3, 3, 100, 1)
		for i := range 3 {
			reader := fmt.Sprint("reader ", i)
			w.open(t, reader, a)
			w.open(t, reader, b)
			require.Zero(t, w.prefetch.Figures().Predicted)
		}
		before := w.prefetch.Figures()
		w.open(t, "another", a)
		f := w.prefetch.Figures()
		require.EqualValues(t, 1, f.Predicted)
		require.Zero(t, f.Confirmed)
		loaded := f.Loaded - before.Loaded + before.Bytes/leafBytes // what the last reader of b has left counts
		require.GreaterOrEqual(t, loaded, uint64(4<<20/leafBytes-1))
		require.LessOrEqual(t, f.Bytes, uint64(4<<20+leafBytes))
		began := time.Now()
		for _, block := range b.blocks[:16] {
			w.get(t, block)
		}
		require.Zero(t, time.Since(began), "all of it is in memory")
		w.open(t, "another", b)
		require.EqualValues(t, 1, w.prefetch.Figures().Confirmed)

		for range 8 {
			w.open(t, "another", a)
			w.open(t, "another", other)
		}
		w.prefetch.Read("third", a.root())
		synctest.Wait()
		require.Equal(t, other.root(), w.table.Likely(a.root(), 2.1, 0.5)[0])
		require.NotContains(t, w.table.Likely(a.root(), 2.1, 0.5), b.root())
	})
}

// TestOpeningsThatDoNotFollow: the openings of different readers, and those that are far apart, say nothing of each other,
// and a root that is read again is not opened again.
func TestOpeningsThatDoNotFollow(t *testing.T) {
	inBubble(t, true, stageBytes, func(t *testing.T, w *world) {
		a, b := w.pin(t, 1, 3, 100, 1), w.pin(t, 2, 3, 100, 1)
		for range 5 {
			w.open(t, "one", a)
			w.open(t, "two", b)
			time.Sleep(time.Hour)
		}
		for range 5 {
			w.open(t, "one", a)
			time.Sleep(11 * time.Minute)
			w.open(t, "one", b)
			time.Sleep(11 * time.Minute)
		}
		require.Empty(t, w.table.Likely(a.root(), 0, 0))
		require.Empty(t, w.table.Likely(b.root(), 0, 0))
		for range 20 {
			w.open(t, "three", a)
		}
		for range 3 {
			w.open(t, "four", a)
			w.open(t, "four", b)
		}
		require.NotEmpty(t, w.table.Likely(a.root(), 2.1, 0.2))
		require.Empty(t, w.table.Likely(b.root(), 2.1, 0.5), "twice only")
	})
}

// TestManyReadersAreForgotten: those who opened something longest ago are.
func TestManyReadersAreForgotten(t *testing.T) {
	inBubble(t, true, stageBytes, func(t *testing.T, w *world) {
		a, b := w.pin(t, 1, 3, 100, 1), w.pin(t, 2, 3, 100, 1)
		w.prefetch.Read("first", a.root())
		time.Sleep(time.Second)
		for i := range 1024 {
			w.prefetch.Read(fmt.Sprint(i), a.root())
			time.Sleep(time.Millisecond)
			synctest.Wait()
		}
		w.prefetch.Read("first", b.root())
		time.Sleep(time.Second)
		require.Empty(t, w.table.Likely(a.root(), 0, 0))
		w.prefetch.Read("1000", b.root())
		time.Sleep(time.Second)
		require.Len(t, w.table.Likely(a.root(), 0, 0), 1)
	})
}
