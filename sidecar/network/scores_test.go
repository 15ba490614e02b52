package network

import (
	"fmt"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"
)

// clock is a time that moves only when told to.
type clock struct{ now time.Time }

func (c *clock) time() time.Time { return c.now }

func newTestScores() (*scores, *clock) {
	c := &clock{now: time.Unix(1_000_000, 0)}
	return newScores(3, time.Hour, c.time), c
}

func TestScoresGrowFallAndDecay(t *testing.T) {
	s, c := newTestScores()
	require.Zero(t, s.score("a"))
	s.served("a", 200)
	require.InDelta(t, 20, s.score("a"), 1e-9)
	c.now = c.now.Add(scoreHalfLife)
	require.InDelta(t, 10, s.score("a"), 1e-9)
	s.failed("a")
	require.InDelta(t, 5, s.score("a"), 1e-9)
	s.served("a", 1_000_000)
	require.InDelta(t, 100, s.score("a"), 1e-9)
	for range 100 {
		s.failed("a")
	}
	require.InDelta(t, -100, s.score("a"), 1e-9)
}

func TestRepeatedInvalidBlocksBan(t *testing.T) {
	s, c := newTestScores()
	require.False(t, s.invalid("a", 1))
	require.False(t, s.invalid("a", 1))
	require.False(t, s.banned("a"))
	require.True(t, s.invalid("a", 1))
	require.True(t, s.banned("a"))
	require.False(t, s.invalid("a", 1), "it is banned already")
	c.now = c.now.Add(time.Hour)
	require.False(t, s.banned("a"), "a ban ends")
}

func TestRareInvalidBlocksDoNotBan(t *testing.T) {
	s, c := newTestScores()
	for range 10 {
		require.False(t, s.invalid("a", 1))
		c.now = c.now.Add(45 * time.Minute)
	}
}

func TestScoreTableIsBoundedAndKeepsBans(t *testing.T) {
	s, c := newTestScores()
	s.invalid("bad", 3)
	for i := range 2 * maxScoredPeers {
		c.now = c.now.Add(time.Millisecond)
		s.served(peer.ID(fmt.Sprint(i)), 1)
	}
	require.Len(t, s.peers, maxScoredPeers)
	require.True(t, s.banned("bad"))
}

func TestOrderPrefersScoreThenLatency(t *testing.T) {
	s, _ := newTestScores()
	s.served("good", 500)
	s.failed("poor")
	s.invalid("banned", 3)
	latency := map[peer.ID]time.Duration{"near": time.Millisecond, "far": time.Second, "poor": time.Microsecond}
	var infos []peer.AddrInfo
	for _, id := range []peer.ID{"unknown", "banned", "poor", "far", "near", "good"} {
		infos = append(infos, peer.AddrInfo{ID: id})
	}
	var ids []peer.ID
	for _, info := range s.order(infos, func(p peer.ID) time.Duration { return latency[p] }) {
		ids = append(ids, info.ID)
	}
	require.Equal(t, []peer.ID{"good", "near", "far", "unknown", "poor"}, ids)
}
