package skiplist

import (
	"errors"
	"fmt"
	"iter"
	"math/bits"
	"math/rand/v2"
	"sync/atomic"
)

const (
	// maxHeight levels are enough for 4^16 keys.
	maxHeight = 16
	// sampled is how many nodes of a level an estimate counts at least, as long as there are that many.
	sampled = 32
)

var (
	// ErrNotEmpty reports keys to load into a set that has some.
	ErrNotEmpty = errors.New("set is not empty")
	// ErrOrder reports keys to load that do not ascend.
	ErrOrder = errors.New("keys do not ascend")
)

// node is a key with its successors, or a marker that says that the node before it is deleted.
type node[K any] struct {
	key   K
	next  atomic.Pointer[node[K]]
	upper []atomic.Pointer[node[K]] // successors at levels 1 and up
	// deleted says that this is a marker; its next is the successor of the node before it.
	deleted bool
}

// link returns the pointer to the successor at a level.
func (n *node[K]) link(level int) *atomic.Pointer[node[K]] {
	if level == 0 {
		return &n.next
	}
	return &n.upper[level-1]
}

// successor returns what follows at a level, and whether the node is deleted there.
func (n *node[K]) successor(level int) (next *node[K], deleted bool) {
	next = n.link(level).Load()
	if next != nil && next.deleted {
		return next.next.Load(), true
	}
	return next, false
}

// Set is an ordered set of keys. All methods may be called concurrently and none waits for another. New makes one.
type Set[K any] struct {
	compare func(a, b K) int
	head    *node[K]
	height  atomic.Int32 // levels in use
	length  atomic.Int64
}

// New returns an empty set ordered by compare.
func New[K any](compare func(a, b K) int) *Set[K] {
	s := &Set[K]{compare: compare, head: &node[K]{upper: make([]atomic.Pointer[node[K]], maxHeight-1)}}
	s.height.Store(1)
	return s
}

// Load adds keys to a set that nobody else uses yet, much faster than Insert does one by one. It fails, before anything is
// added, unless the set is empty and the keys ascend.
func (s *Set[K]) Load(keys []K) error {
	if s.head.next.Load() != nil {
		return ErrNotEmpty
	}
	for i := 1; i < len(keys); i++ {
		if s.compare(keys[i-1], keys[i]) >= 0 {
			return fmt.Errorf("%w: key %d", ErrOrder, i)
		}
	}
	var last [maxHeight]*node[K]
	for level := range last {
		last[level] = s.head
	}
	for _, key := range keys {
		n := newNode(key, randomHeight())
		for level := range len(n.upper) + 1 {
			last[level].link(level).Store(n)
			last[level] = n
		}
		s.grow(len(n.upper) + 1)
	}
	s.length.Add(int64(len(keys)))
	return nil
}

func newNode[K any](key K, height int) *node[K] {
	n := &node[K]{key: key}
	if height > 1 {
		n.upper = make([]atomic.Pointer[node[K]], height-1)
	}
	return n
}

// grow has the set use the levels of a new node.
func (s *Set[K]) grow(height int) {
	for {
		now := s.height.Load()
		if int(now) >= height || s.height.CompareAndSwap(now, int32(height)) {
			return
		}
	}
}

// Len returns the number of keys.
func (s *Set[K]) Len() int { return int(s.length.Load()) }

// randomHeight draws the levels of a new node.
func randomHeight() int {
	return 1 + min(bits.TrailingZeros64(rand.Uint64())/2, maxHeight-1)
}

// path is where a key belongs: the node before it and the one at or behind it, at each level.
type path[K any] struct {
	before, at [maxHeight]*node[K]
}

// search finds where key belongs, unlinks the deleted nodes that it meets, and tells whether the key is there.
func (s *Set[K]) search(key K, p *path[K]) bool {
again:
	for {
		before := s.head
		for level := maxHeight - 1; level >= 0; level-- {
			if level >= int(s.height.Load()) {
				p.before[level], p.at[level] = s.head, nil
				continue
			}
			at, _ := before.successor(level)
			for at != nil {
				next, deleted := at.successor(level)
				if deleted {
					if !before.link(level).CompareAndSwap(at, next) {
						continue again
					}
					at = next
					continue
				}
				if s.compare(at.key, key) >= 0 {
					break
				}
				before, at = at, next
			}
			p.before[level], p.at[level] = before, at
		}
		return p.at[0] != nil && s.compare(p.at[0].key, key) == 0
	}
}

// Insert adds a key and tells whether it was not there.
func (s *Set[K]) Insert(key K) bool {
	height := randomHeight()
	n := newNode(key, height)
	s.grow(height)
	var p path[K]
	for {
		if s.search(key, &p) {
			return false
		}
		for level := range height {
			n.link(level).Store(p.at[level])
		}
		if p.before[0].next.CompareAndSwap(p.at[0], n) {
			break
		}
	}
	s.length.Add(1)
	for level := 1; level < height; level++ {
		if !s.raise(n, level, &p) {
			break
		}
	}
	if _, deleted := n.successor(0); deleted {
		s.search(key, &p) // it may have been linked at a level after it was deleted
	}
	return true
}

// raise links a node at a level above the lowest, unless it is deleted meanwhile.
func (s *Set[K]) raise(n *node[K], level int, p *path[K]) bool {
	for {
		old := n.link(level).Load()
		if old != nil && old.deleted {
			return false
		}
		if old != p.at[level] && !n.link(level).CompareAndSwap(old, p.at[level]) {
			return false // only a delete changes it besides
		}
		if p.before[level].link(level).CompareAndSwap(p.at[level], n) {
			return true
		}
		if s.search(n.key, p); p.at[0] != n {
			return false
		}
	}
}

// Delete removes a key and tells whether it was there.
func (s *Set[K]) Delete(key K) bool {
	var p path[K]
	if !s.search(key, &p) {
		return false
	}
	n := p.at[0]
	for level := len(n.upper); level >= 0; level-- {
		for {
			next := n.link(level).Load()
			if next != nil && next.deleted {
				if level == 0 {
					return false // another call deleted it
				}
				break
			}
			marker := &node[K]{deleted: true}
			marker.next.Store(next)
			if n.link(level).CompareAndSwap(next, marker) {
				break
			}
		}
	}
	s.length.Add(-1)
	s.search(key, &p)
	return true
}

// before returns the last node at a level whose key is below key, beginning at from, which is the head or below key.
func (s *Set[K]) before(from *node[K], level int, key K) *node[K] {
	for {
		next, _ := from.successor(level)
		if next == nil || s.compare(next.key, key) >= 0 {
			return from
		}
		from = next
	}
}

// seek returns the last node whose key is below key, or the head.
func (s *Set[K]) seek(key K) *node[K] {
	n := s.head
	for level := int(s.height.Load()) - 1; level >= 0; level-- {
		n = s.before(n, level, key)
	}
	return n
}

// Contains tells whether a key is in the set.
func (s *Set[K]) Contains(key K) bool {
	for n := range s.Ascend(key) {
		return s.compare(n, key) == 0
	}
	return false
}

// Ascend yields the keys from the first one that is not below from, upwards. Keys that are inserted or deleted meanwhile
// may or may not be seen.
func (s *Set[K]) Ascend(from K) iter.Seq[K] {
	return func(yield func(K) bool) {
		n, _ := s.seek(from).successor(0)
		for n != nil {
			next, deleted := n.successor(0)
			// A node may have been linked before this one since the seek, or this one deleted.
			if !deleted && s.compare(n.key, from) >= 0 && !yield(n.key) {
				return
			}
			n = next
		}
	}
}

// Descend yields the keys from the last one that is not above from, downwards; each takes a search of its own. Keys that
// are inserted or deleted meanwhile may or may not be seen.
func (s *Set[K]) Descend(from K) iter.Seq[K] {
	return func(yield func(K) bool) {
		if s.Contains(from) && !yield(from) {
			return
		}
		for {
			n := s.seek(from)
			if n == s.head {
				return
			}
			from = n.key
			if _, deleted := n.successor(0); !deleted && !yield(from) {
				return
			}
		}
	}
}

// Estimate returns about how many keys lie in [from, to). It counts few nodes: those of the highest level that has enough
// of them in the range.
func (s *Set[K]) Estimate(from, to K) int {
	n := s.head
	for level := int(s.height.Load()) - 1; ; level-- {
		n = s.before(n, level, from)
		count := 0
		for at, _ := n.successor(level); at != nil && s.compare(at.key, to) < 0; at, _ = at.successor(level) {
			count++
		}
		if count >= sampled || level == 0 {
			return count << (2 * level)
		}
	}
}
