package data

import (
	"sync"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// leases protect what running operations rely on from garbage collection. A digest is leased, whether of a block or of
// an encoding, before its presence is looked up; the collector looks at the leases and deletes with no lookup between.
type leases struct {
	// sweep is held for reading from leasing a digest until its presence is known, for writing while the collector
	// tests a group of encodings and deletes them.
	sweep sync.RWMutex

	mu         sync.Mutex
	active     map[*lease]struct{} // guarded by mu
	collecting bool                // guarded by mu
	retired    []*lease            // ended since the collection began; guarded by mu
}

func newLeases() *leases { return &leases{active: map[*lease]struct{}{}} }

// lease is the set of digests one operation relies on.
type lease struct {
	owner *leases

	mu      sync.Mutex
	digests map[format.Digest]struct{} // guarded by mu
}

// begin returns a new, empty lease.
func (l *leases) begin() *lease { return l.beginFor(0) }

// beginFor returns a new, empty lease with room for about so many digests.
func (l *leases) beginFor(digests int) *lease {
	s := &lease{owner: l, digests: make(map[format.Digest]struct{}, digests)}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.active[s] = struct{}{}
	return s
}

// claimBlocks adds the digests of blocks and returns the blocks whose digests are new in this lease.
func (s *lease) claimBlocks(blocks []format.Block) []format.Block {
	s.mu.Lock()
	defer s.mu.Unlock()
	claimed := make([]format.Block, 0, len(blocks))
	for i := range blocks {
		before := len(s.digests)
		if s.digests[blocks[i].Digest] = struct{}{}; len(s.digests) > before {
			claimed = append(claimed, blocks[i])
		}
	}
	return claimed
}

// claim adds a digest and tells whether it is new in this lease.
func (s *lease) claim(d format.Digest) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.digests[d]; ok {
		return false
	}
	s.digests[d] = struct{}{}
	return true
}

func (s *lease) has(d format.Digest) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.digests[d]
	return ok
}

// end gives the lease up. A collection that is running keeps to it until its own end: what the lease protected may be
// pinned by now, which that collection has not seen. Ending twice is fine.
func (s *lease) end() {
	l := s.owner
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.active[s]; !ok {
		return
	}
	delete(l.active, s)
	if l.collecting {
		l.retired = append(l.retired, s)
	}
}

// busy tells whether any operation runs.
func (l *leases) busy() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.active) > 0
}

// collect marks the beginning of a collection; the function returned marks its end. One runs at a time.
func (l *leases) collect() (done func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.collecting = true
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.collecting, l.retired = false, nil
	}
}

// all returns the leases a collection must keep to.
func (l *leases) all() []*lease {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := append([]*lease(nil), l.retired...)
	for s := range l.active {
		out = append(out, s)
	}
	return out
}
