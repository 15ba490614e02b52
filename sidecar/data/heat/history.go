package heat

import (
	"bytes"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

const (
	// maxShards bounds the number of shards, each with a lock of its own.
	maxShards = 64
	// minShardCapacity keeps small histories exact: what is forgotten is the coldest of a shard.
	minShardCapacity = 256
)

// History counts accesses of digests. All methods may be called concurrently.
type History struct {
	halfLife time.Duration
	now      func() time.Time
	began    time.Time
	shards   []shard
}

// New returns an empty history of at most about capacity digests. An access is worth half after halfLife, which must be
// above zero; now is the clock.
func New(halfLife time.Duration, capacity int, now func() time.Time) *History {
	count := min(max(capacity/minShardCapacity, 1), maxShards)
	h := &History{halfLife: halfLife, now: now, began: now(), shards: make([]shard, count)}
	for i := range h.shards {
		h.shards[i].init(max(capacity/count, 1))
	}
	return h
}

// Touch counts an access.
func (h *History) Touch(d format.Digest) {
	h.shardOf(d).add(d, h.elapsed(h.now()), true)
}

// Heat returns what the accesses of a digest are worth now, 0 if none is remembered.
func (h *History) Heat(d format.Digest) float64 {
	score, ok := h.shardOf(d).score(d)
	if !ok {
		return 0
	}
	return math.Exp2(score - h.elapsed(h.now()))
}

// Hottest returns at most n digests, the hottest first.
func (h *History) Hottest(n int) []format.Digest {
	all := h.hottest(n)
	digests := make([]format.Digest, len(all))
	for i := range all {
		digests[i] = all[i].digest
	}
	return digests
}

// hottest returns at most n entries, the hottest first, those of equal heat by digest.
func (h *History) hottest(n int) []entry {
	var all []entry
	for i := range h.shards {
		all = h.shards[i].appendTo(all)
	}
	slices.SortFunc(all, func(a, b entry) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return bytes.Compare(a.digest[:], b.digest[:])
	})
	return all[:min(max(n, 0), len(all))]
}

func (h *History) shardOf(d format.Digest) *shard {
	return &h.shards[int(d[0])%len(h.shards)]
}

// elapsed is the time since the history began, in half-lives.
func (h *History) elapsed(at time.Time) float64 {
	return float64(at.Sub(h.began)) / float64(h.halfLife)
}

// entry is one digest. Its score is the binary logarithm of its heat plus the time in half-lives, which does not change
// while nobody touches it: heats decay alike, so the order of scores is the order of heats at any time.
type entry struct {
	digest format.Digest
	score  float64
	at     int32 // its index in the heap
}

// shard holds a part of the digests.
type shard struct {
	mu       sync.Mutex
	capacity int
	slots    map[format.Digest]int32 // indexes of entries; guarded by mu
	entries  []entry                 // guarded by mu
	heap     []int32                 // indexes of entries, the coldest first; guarded by mu
}

func (s *shard) init(capacity int) {
	s.capacity = capacity
	s.slots = map[format.Digest]int32{}
}

// add adds what is worth 2^score at the beginning of time to a digest. A full shard forgets its coldest digest for a new
// one: for an access of now in any case, so that what gets hot can begin to, for others if they are hotter.
func (s *shard) add(d format.Digest, score float64, now bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slot, ok := s.slots[d]; ok {
		e := &s.entries[slot]
		e.score = sum(e.score, score)
		s.sink(int(e.at))
		return
	}
	if len(s.entries) < s.capacity {
		slot := int32(len(s.entries))
		s.slots[d] = slot
		s.entries = append(s.entries, entry{digest: d, score: score, at: slot})
		s.heap = append(s.heap, slot)
		s.rise(int(slot))
		return
	}
	coldest := s.heap[0]
	e := &s.entries[coldest]
	if !now && score < e.score {
		return
	}
	delete(s.slots, e.digest)
	s.slots[d] = coldest
	e.digest, e.score = d, score
	s.sink(0)
}

// sum returns log2(2^a + 2^b).
func sum(a, b float64) float64 {
	return max(a, b) + math.Log2(1+math.Exp2(-math.Abs(a-b)))
}

func (s *shard) score(d format.Digest) (float64, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	slot, ok := s.slots[d]
	if !ok {
		return 0, false
	}
	return s.entries[slot].score, true
}

func (s *shard) appendTo(all []entry) []entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(all, s.entries...)
}

// colder tells whether the entry at heap index i is colder than that at j.
func (s *shard) colder(i, j int) bool {
	return s.entries[s.heap[i]].score < s.entries[s.heap[j]].score
}

func (s *shard) swap(i, j int) {
	s.heap[i], s.heap[j] = s.heap[j], s.heap[i]
	s.entries[s.heap[i]].at, s.entries[s.heap[j]].at = int32(i), int32(j)
}

// rise moves an entry that may be colder than its parents to its place.
func (s *shard) rise(i int) {
	for i > 0 && s.colder(i, (i-1)/2) {
		s.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
}

// sink moves an entry that may be hotter than its children to its place.
func (s *shard) sink(i int) {
	for {
		child := 2*i + 1
		if child >= len(s.heap) {
			return
		}
		if child+1 < len(s.heap) && s.colder(child+1, child) {
			child++
		}
		if !s.colder(child, i) {
			return
		}
		s.swap(i, child)
		i = child
	}
}
