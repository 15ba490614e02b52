package skiplist_test

import (
	"cmp"
	"iter"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ipdm-network/ipdm/sidecar/data/skiplist"
)

// TestSetIsAnOrderedSet compares a set with a sorted slice over random operations.
func TestSetIsAnOrderedSet(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := skiplist.New(cmp.Compare[int])
		model := []int{}
		key := rapid.IntRange(0, 40)
		for range rapid.IntRange(1, 200).Draw(rt, "steps") {
			k := key.Draw(rt, "key")
			at, found := slices.BinarySearch(model, k)
			switch rapid.IntRange(0, 4).Draw(rt, "step") {
			case 0, 1:
				require.Equal(rt, !found, s.Insert(k))
				if !found {
					model = slices.Insert(model, at, k)
				}
			case 2:
				require.Equal(rt, found, s.Delete(k))
				if found {
					model = slices.Delete(model, at, at+1)
				}
			case 3:
				require.Equal(rt, model[at:], collect(s.Ascend(k)))
				require.Equal(rt, found, s.Contains(k))
			case 4:
				if found {
					at++
				}
				below := append([]int{}, model[:at]...)
				slices.Reverse(below)
				require.Equal(rt, below, collect(s.Descend(k)))
			}
			require.Equal(rt, len(model), s.Len())
		}
	})
}

func collect(keys iter.Seq[int]) []int {
	all := []int{}
	for k := range keys {
		all = append(all, k)
	}
	return all
}

func TestIterationEndsWhenAsked(t *testing.T) {
	s := skiplist.New(cmp.Compare[int])
	for k := range 10 {
		s.Insert(k)
	}
	for _, c := range []struct {
		keys iter.Seq[int]
		want int
	}{{s.Ascend(3), 3}, {s.Descend(3), 3}, {s.Descend(99), 9}} {
		for k := range c.keys {
			require.Equal(t, c.want, k)
			break
		}
	}
}

// TestConcurrentChangesKeepTheSetWhole: writers that each own some keys, and fight about others, beside readers. Keys that
// stay are seen by every reader, in order; each insert and delete of a contended key has one winner.
func TestConcurrentChangesKeepTheSetWhole(t *testing.T) {
	const (
		writers = 4
		rounds  = 3000
		span    = 256
	)
	s := skiplist.New(cmp.Compare[int])
	for k := 0; k < span; k += 8 {
		s.Insert(k) // nobody deletes these
	}
	var wins [span]int // inserts minus deletes
	var mu sync.Mutex  // guards wins
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		writing.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 1))
			var own [span]int
			for range rounds {
				k := random.IntN(span)
				switch {
				case k%8 == 0:
				case random.IntN(2) == 0:
					if s.Insert(k) {
						own[k]++
					}
				default:
					if s.Delete(k) {
						own[k]--
					}
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for k, n := range own {
				wins[k] += n
			}
		})
	}
	check := func(keys []int) bool {
		if !slices.IsSorted(keys) || len(slices.Compact(slices.Clone(keys))) != len(keys) {
			return false
		}
		for k := 0; k < span; k += 8 {
			if _, found := slices.BinarySearch(keys, k); !found {
				return false
			}
		}
		return true
	}
	for range 2 {
		reading.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				up, down := collect(s.Ascend(0)), collect(s.Descend(span))
				slices.Reverse(down)
				if !check(up) || !check(down) {
					t.Errorf("a reader saw %v and %v", up, down)
					return
				}
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()

	var want []int
	for k := range span {
		if k%8 == 0 || wins[k] == 1 {
			want = append(want, k)
		} else {
			require.Zero(t, wins[k], "key %d", k)
		}
	}
	require.Equal(t, want, collect(s.Ascend(0)))
	require.Equal(t, len(want), s.Len())
}

func TestLoad(t *testing.T) {
	keys := make([]int, 1000)
	for i := range keys {
		keys[i] = 2 * i
	}
	s := skiplist.New(cmp.Compare[int])
	require.ErrorIs(t, s.Load([]int{1, 3, 3}), skiplist.ErrOrder)
	require.Zero(t, s.Len())
	require.NoError(t, s.Load(keys))
	require.Equal(t, keys, collect(s.Ascend(0)))
	require.Equal(t, len(keys), s.Len())
	require.ErrorIs(t, s.Load(keys), skiplist.ErrNotEmpty)
	require.True(t, s.Insert(77))
	require.False(t, s.Insert(78))
	require.True(t, s.Delete(78))
	require.Equal(t, []int{77, 76}, collect(s.Descend(78))[:2])
}

func TestEstimate(t *testing.T) {
	s := skiplist.New(cmp.Compare[int])
	require.Zero(t, s.Estimate(0, 10))
	const keys = 100_000
	for _, k := range rand.New(rand.NewPCG(1, 2)).Perm(keys) {
		s.Insert(k)
	}
	require.Equal(t, 20, s.Estimate(500, 520), "a small range is counted")
	require.Zero(t, s.Estimate(keys, 2*keys))
	for _, n := range []int{1000, 20_000, keys} {
		got := s.Estimate(0, n)
		require.Greater(t, got, n/3)
		require.Less(t, got, n*3)
	}
}
