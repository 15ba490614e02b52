package network

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	// maxScoredPeers bounds the table; the entry unused for longest goes first,
	// but never a banned one while there are others.
	maxScoredPeers = 4096
	// scoreLimit bounds a score on either side of zero.
	scoreLimit = 100.0
	// scoreHalfLife is the time in which a score moves half way back to zero.
	scoreHalfLife = 10 * time.Minute

	servedPoints  = 0.1
	failurePoints = -5.0
	invalidPoints = -25.0
)

// scores remembers how peers behaved. A score lies between -100 and 100, is zero
// for a stranger and decays towards zero. All methods may be called concurrently.
type scores struct {
	banThreshold int
	banDuration  time.Duration
	now          func() time.Time

	mu    sync.Mutex // guards peers and the entries in it
	peers map[peer.ID]*scoreEntry
}

type scoreEntry struct {
	value       float64
	updated     time.Time
	invalid     int // invalid blocks since invalidFrom
	invalidFrom time.Time
	bannedUntil time.Time
}

func newScores(banThreshold int, banDuration time.Duration, now func() time.Time) *scores {
	return &scores{
		banThreshold: banThreshold,
		banDuration:  banDuration,
		now:          now,
		peers:        make(map[peer.ID]*scoreEntry),
	}
}

// served credits a peer for n verified blocks.
func (s *scores) served(p peer.ID, n int) { s.add(p, servedPoints*float64(n)) }

// failed debits a peer that could not be reached or did not deliver.
func (s *scores) failed(p peer.ID) { s.add(p, failurePoints) }

func (s *scores) add(p peer.ID, points float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.entry(p)
	e.value = max(-scoreLimit, min(scoreLimit, e.value+points))
}

// invalid debits a peer for n blocks that nobody asked it for or that break the
// limits, and reports whether that got it banned just now.
func (s *scores) invalid(p peer.ID, n int) (banned bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	e := s.entry(p)
	e.value = max(-scoreLimit, e.value+invalidPoints*float64(n))
	if now.Sub(e.invalidFrom) > s.banDuration {
		e.invalid, e.invalidFrom = 0, now
	}
	e.invalid += n
	if e.invalid < s.banThreshold || now.Before(e.bannedUntil) {
		return false
	}
	e.bannedUntil = now.Add(s.banDuration)
	return true
}

// score returns the current score of p.
func (s *scores) score(p peer.ID) float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.peers[p]
	if !ok {
		return 0
	}
	return decayed(e, s.now())
}

// banned reports whether p may not be talked to now.
func (s *scores) banned(p peer.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.peers[p]
	return ok && s.now().Before(e.bannedUntil)
}

// entry returns the decayed entry of p, making room for it if it is new. The
// caller holds mu.
func (s *scores) entry(p peer.ID) *scoreEntry {
	now := s.now()
	e, ok := s.peers[p]
	if !ok {
		if len(s.peers) >= maxScoredPeers {
			s.evict(now)
		}
		e = &scoreEntry{updated: now}
		s.peers[p] = e
	}
	e.value = decayed(e, now)
	e.updated = now
	return e
}

// evict drops the entry that was unused for longest, sparing bans if it can.
func (s *scores) evict(now time.Time) {
	var victim peer.ID
	var worst *scoreEntry
	for id, e := range s.peers {
		if worst == nil || evictsBefore(e, worst, now) {
			victim, worst = id, e
		}
	}
	delete(s.peers, victim)
}

func evictsBefore(a, b *scoreEntry, now time.Time) bool {
	aBanned, bBanned := now.Before(a.bannedUntil), now.Before(b.bannedUntil)
	if aBanned != bBanned {
		return bBanned
	}
	return a.updated.Before(b.updated)
}

func decayed(e *scoreEntry, now time.Time) float64 {
	age := now.Sub(e.updated)
	if age <= 0 {
		return e.value
	}
	return e.value * math.Exp2(-float64(age)/float64(scoreHalfLife))
}

// order drops banned peers and sorts the rest, best first: by score in steps of
// ten, then by measured latency (peers without a measurement last).
func (s *scores) order(infos []peer.AddrInfo, latency func(peer.ID) time.Duration) []peer.AddrInfo {
	type candidate struct {
		info    peer.AddrInfo
		step    float64
		latency time.Duration
	}
	candidates := make([]candidate, 0, len(infos))
	for _, info := range infos {
		if s.banned(info.ID) {
			continue
		}
		d := latency(info.ID)
		if d <= 0 {
			d = math.MaxInt64
		}
		candidates = append(candidates, candidate{info, math.Floor(s.score(info.ID) / 10), d})
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.step, a.step), cmp.Compare(a.latency, b.latency))
	})
	ordered := make([]peer.AddrInfo, len(candidates))
	for i, c := range candidates {
		ordered[i] = c.info
	}
	return ordered
}
