package pebblestore

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNumbersAreInTheSetUntilTheyAreRemoved(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	s, want := newNumberSet(), map[uint64]bool{}
	for range 20_000 {
		n := rng.Uint64N(3 << numberPageBits)
		if rng.IntN(8) == 0 {
			n = ^n // as a damaged index may state
		}
		if rng.IntN(3) == 0 {
			s.remove(n)
			delete(want, n)
		} else {
			s.add(n)
			s.add(n)
			want[n] = true
		}
		require.Equal(t, want[n], s.has(n))
	}
	for n := range uint64(3 << numberPageBits) {
		require.Equal(t, want[n], s.has(n), n)
	}
	for n := range want {
		s.remove(n)
		require.False(t, s.has(n))
	}
	require.Empty(t, *s.pages.Load(), "pages stay when nothing is in them")
}

func TestNumbersAreLookedUpBesideChanges(t *testing.T) {
	s := newNumberSet()
	s.add(0)
	done := make(chan struct{})
	var lookups sync.WaitGroup
	for range 4 {
		lookups.Go(func() {
			for running := true; running; {
				select {
				case <-done:
					running = false
				default:
				}
				if !s.has(0) {
					t.Error("a number that is always in the set was not found")
					return
				}
			}
		})
	}
	for n := uint64(1); n < 4<<numberPageBits; n++ {
		s.add(n)
		if n > 10 {
			s.remove(n - 10)
		}
	}
	close(done)
	lookups.Wait()
}
