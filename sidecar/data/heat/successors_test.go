package heat

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// open counts an opening of a, and that next was opened after it as often as not zero.
func open(s *Successors, a format.Digest, next ...format.Digest) {
	s.Opened(a)
	for _, n := range next {
		s.Followed(a, n)
	}
}

func TestWhatFollowsOftenIsLikely(t *testing.T) {
	s := NewSuccessors(time.Hour, 100, newClock().read)
	require.Empty(t, s.Likely(digest(1), 1, 0.5))
	for range 2 {
		open(s, digest(1), digest(2))
	}
	require.Empty(t, s.Likely(digest(1), 3, 0.5), "two are too few")
	open(s, digest(1), digest(2))
	require.Equal(t, []format.Digest{digest(2)}, s.Likely(digest(1), 3, 0.5))
	require.Empty(t, s.Likely(digest(2), 3, 0.5), "it does not work backwards")
	for range 4 {
		open(s, digest(1))
	}
	require.Empty(t, s.Likely(digest(1), 3, 0.5), "3 of 7 are too rare")
	for range 9 {
		open(s, digest(1), digest(3))
	}
	require.Equal(t, []format.Digest{digest(3)}, s.Likely(digest(1), 3, 0.5))
	require.Equal(t, []format.Digest{digest(3), digest(2)}, s.Likely(digest(1), 3, 0.1), "the likeliest first")
	s.Followed(digest(9), digest(1))
	require.Empty(t, s.Likely(digest(9), 0, 0), "nobody opened it")
	s.Followed(digest(1), digest(1))
	require.NotContains(t, s.Likely(digest(1), 0, 0), digest(1))
}

func TestFollowersDecay(t *testing.T) {
	c := newClock()
	s := NewSuccessors(time.Hour, 100, c.read)
	for range 4 {
		open(s, digest(1), digest(2))
	}
	c.now = c.now.Add(time.Hour)
	require.Equal(t, []format.Digest{digest(2)}, s.Likely(digest(1), 2, 0.9), "as likely, but half as often")
	require.Empty(t, s.Likely(digest(1), 2.1, 0.9))
	for range 2 {
		open(s, digest(1), digest(3))
	}
	require.Len(t, s.Likely(digest(1), 2, 0.5), 2)
	c.now = c.now.Add(-10 * time.Hour)
	require.Empty(t, s.Likely(digest(1), 2.1, 0), "a clock that is put back makes nothing worth more")
}

func TestSuccessorsAreBounded(t *testing.T) {
	c := newClock()
	s := NewSuccessors(time.Hour, 10, c.read)
	for range 3 {
		open(s, digest(0), digest(100))
	}
	for i := 1; i < 1000; i++ {
		c.now = c.now.Add(time.Second)
		open(s, digest(i), digest(i+1))
		open(s, digest(0), digest(1000+i))
		s.Followed(digest(0), digest(100))
	}
	require.Len(t, s.roots, 10)
	require.NotNil(t, s.roots[digest(0)], "what is opened often stays")
	require.NotNil(t, s.roots[digest(999)], "and what was opened last")
	require.Len(t, s.roots[digest(0)].followers, maxFollowers)
	require.Equal(t, []format.Digest{digest(100)}, s.Likely(digest(0), 3, 0.5))
	require.LessOrEqual(t, len(s.Save(1<<20)), savedSuccessorsHeader+10*(savedRoot+maxFollowers*savedFollower))
}

func TestSavedSuccessorsComeBack(t *testing.T) {
	c := newClock()
	s := NewSuccessors(time.Hour, 100, c.read)
	for i := range 50 {
		for range i + 1 {
			open(s, digest(i), digest(i+1))
		}
	}
	saved := s.Save(1 << 20)
	c.now = c.now.Add(time.Hour) // the daemon was off meanwhile
	loaded := NewSuccessors(time.Hour, 100, c.read)
	require.NoError(t, loaded.Load(saved))
	require.Equal(t, []format.Digest{digest(50)}, loaded.Likely(digest(49), 24.9, 0.99))
	require.Empty(t, loaded.Likely(digest(49), 25.1, 0.99))
	require.Equal(t, s.Save(1<<20), loaded.Save(1<<20))

	part := s.Save(savedSuccessorsHeader + 3*(savedRoot+savedFollower) + 1)
	require.Len(t, part, savedSuccessorsHeader+3*(savedRoot+savedFollower))
	least := NewSuccessors(time.Hour, 100, c.read)
	require.NoError(t, least.Load(part))
	for i := range 50 {
		require.Len(t, least.Likely(digest(i), 1, 0.5), len(s.Likely(digest(i), 24, 0.5)), "the three opened most are saved")
	}
	require.NoError(t, least.Load(s.Save(0)))

	small := NewSuccessors(time.Hour, 3, c.read)
	require.NoError(t, small.Load(saved))
	require.Len(t, small.roots, 3)
	require.NotEmpty(t, small.Likely(digest(49), 20, 0.5))

	c.now = c.now.Add(60 * time.Hour)
	require.Len(t, s.Save(1<<20), savedSuccessorsHeader, "what has gone cold is not saved")
}

func TestLoadSuccessorsRefuses(t *testing.T) {
	one := func(d byte, count float32) []byte {
		return binary.BigEndian.AppendUint32(append([]byte{d}, make([]byte, format.DigestSize-1)...), math.Float32bits(count))
	}
	root := func(d byte, count float32, followers ...[]byte) []byte {
		out := append(one(d, count), byte(len(followers)))
		for _, f := range followers {
			out = append(out, f...)
		}
		return out
	}
	file := func(version byte, count uint32, roots ...[]byte) []byte {
		out := binary.BigEndian.AppendUint64([]byte{version}, 1_700_000_000_000)
		out = binary.BigEndian.AppendUint32(out, count)
		for _, r := range roots {
			out = append(out, r...)
		}
		return out
	}
	var many [][]byte
	for i := range byte(maxFollowers + 1) {
		many = append(many, one(10+i, 1))
	}
	cases := map[string][]byte{
		"empty":                 {},
		"header cut":            file(1, 0)[:12],
		"version":               file(2, 0),
		"root missing":          file(1, 2, root(1, 1)),
		"bytes behind":          append(file(1, 1, root(1, 1)), 0),
		"count overflows":       file(1, math.MaxUint32, root(1, 1)),
		"order":                 file(1, 2, root(2, 1), root(1, 1)),
		"twice":                 file(1, 2, root(1, 1), root(1, 1)),
		"no openings":           file(1, 1, root(1, 0)),
		"not a number":          file(1, 1, root(1, float32(math.NaN()))),
		"infinite":              file(1, 1, root(1, float32(math.Inf(1)))),
		"follower missing":      file(1, 1, root(1, 1, one(2, 1))[:savedRoot+8]),
		"followers' order":      file(1, 1, root(1, 1, one(3, 1), one(2, 1))),
		"follower twice":        file(1, 1, root(1, 1, one(2, 1), one(2, 1))),
		"follows itself":        file(1, 1, root(1, 1, one(1, 1))),
		"follower never":        file(1, 1, root(1, 1, one(2, -1))),
		"more than are counted": file(1, 1, root(1, 1, many...)),
	}
	for name, data := range cases {
		t.Run(name, func(t *testing.T) {
			s := NewSuccessors(time.Hour, 10, newClock().read)
			require.ErrorIs(t, s.Load(data), ErrFormat)
			require.Empty(t, s.roots)
		})
	}
	good := file(1, 2, root(1, 1, many[:maxFollowers]...), root(2, 1))
	require.NoError(t, NewSuccessors(time.Hour, 10, newClock().read).Load(good))
}

func TestGoldenSavedSuccessors(t *testing.T) {
	c := newClock()
	s := NewSuccessors(time.Hour, 10, c.read)
	open(s, format.Digest{2})
	open(s, format.Digest{1}, format.Digest{2})
	open(s, format.Digest{1})
	c.now = c.now.Add(time.Hour)
	zeros := hex.EncodeToString(make([]byte, format.DigestSize-1))
	want := "01" + "0000018bd01c5680" + "00000002" + "01" + zeros + "3f800000" + "01" + "02" + zeros + "3f000000" + "02" + zeros + "3f000000" + "00"
	require.Equal(t, want, hex.EncodeToString(s.Save(1<<20)))
}

// FuzzLoadSuccessors: what is read can be saved again, and nothing else harms.
func FuzzLoadSuccessors(f *testing.F) {
	s := NewSuccessors(time.Hour, 10, newClock().read)
	f.Add(s.Save(1 << 20))
	open(s, digest(1), digest(2), digest(3))
	open(s, digest(2), digest(1))
	f.Add(s.Save(1 << 20))
	f.Fuzz(func(t *testing.T, data []byte) {
		c := newClock()
		s := NewSuccessors(time.Hour, 1000, c.read)
		if s.Load(data) != nil {
			return
		}
		saved := s.Save(1 << 20)
		again := NewSuccessors(time.Hour, 1000, c.read)
		require.NoError(t, again.Load(saved))
		require.Len(t, again.Save(1<<20), len(saved))
	})
}
