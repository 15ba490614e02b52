package heat

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// clock is set by hand.
type clock struct{ now time.Time }

func (c *clock) read() time.Time { return c.now }

func newClock() *clock { return &clock{now: time.UnixMilli(1_700_000_000_000)} }

func digest(i int) format.Digest {
	return format.Sum(binary.BigEndian.AppendUint64(nil, uint64(i)))
}

func TestHeatHalvesWithTime(t *testing.T) {
	c := newClock()
	h := New(time.Hour, 100, c.read)
	require.Zero(t, h.Heat(digest(1)))
	h.Touch(digest(1))
	h.Touch(digest(1))
	require.InDelta(t, 2, h.Heat(digest(1)), 1e-9)
	c.now = c.now.Add(time.Hour)
	require.InDelta(t, 1, h.Heat(digest(1)), 1e-9)
	h.Touch(digest(1))
	require.InDelta(t, 2, h.Heat(digest(1)), 1e-9)
	c.now = c.now.Add(10 * 365 * 24 * time.Hour)
	require.InDelta(t, 0, h.Heat(digest(1)), 1e-9)
	h.Touch(digest(1))
	require.InDelta(t, 1, h.Heat(digest(1)), 1e-9)
}

func TestHottestFirst(t *testing.T) {
	c := newClock()
	h := New(time.Hour, 100, c.read)
	for range 3 {
		h.Touch(digest(1)) // three accesses, but two half-lives ago
	}
	c.now = c.now.Add(2 * time.Hour)
	h.Touch(digest(2))
	h.Touch(digest(3))
	h.Touch(digest(3))
	want := []format.Digest{digest(3), digest(2), digest(1)}
	require.Equal(t, want, h.Hottest(10))
	require.Equal(t, want[:2], h.Hottest(2))
	require.Empty(t, h.Hottest(0))
}

func TestColdestIsForgotten(t *testing.T) {
	c := newClock()
	h := New(time.Hour, 8, c.read)
	for i := range 10 {
		h.Touch(digest(i % 5))
	}
	for i := range 100 {
		c.now = c.now.Add(time.Minute)
		h.Touch(digest(i % 5)) // five that stay hot
		h.Touch(digest(1000 + i))
	}
	hottest := h.Hottest(100)
	require.Len(t, hottest, 8)
	require.ElementsMatch(t, []format.Digest{digest(0), digest(1), digest(2), digest(3), digest(4)}, hottest[:5])
	require.NotZero(t, h.Heat(digest(1099)), "an access of now is remembered even if all others are hotter")
	require.Zero(t, h.Heat(digest(1000)))
}

func TestCapacityHoldsInLargeHistories(t *testing.T) {
	h := New(time.Hour, 10_000, time.Now)
	for i := range 30_000 {
		h.Touch(digest(i))
	}
	n := len(h.Hottest(100_000))
	require.LessOrEqual(t, n, 10_000)
	require.Greater(t, n, 9_000)
}

func TestConcurrentTouches(t *testing.T) {
	c := newClock()
	h := New(time.Hour, 10_000, c.read)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 1000 {
				h.Touch(digest(i))
			}
		})
	}
	all.Wait()
	for i := range 1000 {
		require.InDelta(t, 4, h.Heat(digest(i)), 1e-9)
	}
}

func TestSavedHistoryComesBack(t *testing.T) {
	c := newClock()
	h := New(time.Hour, 100, c.read)
	for i := range 50 {
		for range i + 1 {
			h.Touch(digest(i))
		}
	}
	saved := h.Save(1 << 20)
	c.now = c.now.Add(time.Hour) // the daemon was off meanwhile
	loaded := New(time.Hour, 100, c.read)
	require.NoError(t, loaded.Load(saved))
	require.Equal(t, h.Hottest(100), loaded.Hottest(100))
	require.InDelta(t, 25, loaded.Heat(digest(49)), 1e-5)

	require.Len(t, h.Save(savedHeader+2*savedRecord+1), savedHeader+2*savedRecord)
	require.NoError(t, loaded.Load(h.Save(0)))
	small := New(time.Hour, 3, c.read)
	require.NoError(t, small.Load(saved))
	require.Equal(t, h.Hottest(3), small.Hottest(100))

	c.now = c.now.Add(60 * time.Hour)
	require.Len(t, h.Save(1<<20), savedHeader, "what has gone cold is not saved")
}

func TestSavedWithAClockAhead(t *testing.T) {
	c := newClock()
	h := New(time.Hour, 100, c.read)
	h.Touch(digest(1))
	saved := h.Save(1 << 20)
	c.now = c.now.Add(-100 * time.Hour)
	loaded := New(time.Hour, 100, c.read)
	require.NoError(t, loaded.Load(saved))
	require.InDelta(t, 1, loaded.Heat(digest(1)), 1e-9)
}

func TestLoadRefuses(t *testing.T) {
	one := func(d format.Digest, heat float32) []byte {
		return binary.BigEndian.AppendUint32(append([]byte(nil), d[:]...), math.Float32bits(heat))
	}
	file := func(version byte, count uint32, records ...[]byte) []byte {
		out := binary.BigEndian.AppendUint64([]byte{version}, 1_700_000_000_000)
		out = binary.BigEndian.AppendUint32(out, count)
		for _, r := range records {
			out = append(out, r...)
		}
		return out
	}
	a, b := format.Digest{1}, format.Digest{2}
	cases := map[string][]byte{
		"empty":           {},
		"header cut":      file(1, 0)[:12],
		"version":         file(2, 0),
		"record missing":  file(1, 2, one(a, 1)),
		"bytes behind":    append(file(1, 1, one(a, 1)), 0),
		"count overflows": file(1, math.MaxUint32, one(a, 1)),
		"order":           file(1, 2, one(b, 1), one(a, 1)),
		"twice":           file(1, 2, one(a, 1), one(a, 1)),
		"zero heat":       file(1, 1, one(a, 0)),
		"negative heat":   file(1, 1, one(a, -1)),
		"not a number":    file(1, 1, one(a, float32(math.NaN()))),
		"infinite":        file(1, 1, one(a, float32(math.Inf(1)))),
	}
	for name, data := range cases {
		t.Run(name, func(t *testing.T) {
			h := New(time.Hour, 10, newClock().read)
			require.ErrorIs(t, h.Load(data), ErrFormat)
			require.Empty(t, h.Hottest(10))
		})
	}
	require.NoError(t, New(time.Hour, 10, newClock().read).Load(file(1, 2, one(a, 1), one(b, 1))))
}

func TestGoldenSavedHistory(t *testing.T) {
	c := newClock()
	h := New(time.Hour, 10, c.read)
	h.Touch(format.Digest{2})
	h.Touch(format.Digest{1})
	h.Touch(format.Digest{1})
	c.now = c.now.Add(time.Hour)
	zeros := hex.EncodeToString(make([]byte, format.DigestSize-1))
	require.Equal(t, "01"+"0000018bd01c5680"+"00000002"+"01"+zeros+"3f800000"+"02"+zeros+"3f000000", hex.EncodeToString(h.Save(1<<20)))
}

func FuzzLoad(f *testing.F) {
	c := newClock()
	h := New(time.Hour, 10, c.read)
	f.Add(h.Save(1 << 20))
	h.Touch(digest(1))
	h.Touch(digest(2))
	f.Add(h.Save(1 << 20))
	f.Fuzz(func(t *testing.T, data []byte) {
		c := newClock()
		h := New(time.Hour, 1000, c.read)
		if h.Load(data) != nil {
			return
		}
		saved := h.Save(1 << 20)
		again := New(time.Hour, 1000, c.read)
		require.NoError(t, again.Load(saved))
		require.Len(t, again.Save(1<<20), len(saved))
	})
}

func BenchmarkTouch(b *testing.B) {
	h := New(time.Hour, 65536, time.Now)
	digests := make([]format.Digest, 1<<16)
	for i := range digests {
		digests[i] = digest(i)
		h.Touch(digests[i])
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			h.Touch(digests[i*7919&(1<<16-1)])
		}
	})
}
