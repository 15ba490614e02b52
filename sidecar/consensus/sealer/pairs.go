package sealer

import (
	"slices"
	"sync"
)

// pairs brings sectors of the same size together that are being labelled at a time.
type pairs struct {
	mu   sync.Mutex
	open []*pair // guarded by mu
}

// join puts a sector into a pair that has place for it, or into a new one.
func (s *pairs) join(store *Store, l *lane) *pair {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.open {
		if p.nodes == l.nodes && p.members < maxLanes && (p.buffers == nil || store.roomFor(l.nodes)) {
			p.members++
			p.waiting = append(p.waiting, l)
			return p
		}
	}
	p := &pair{store: store, nodes: l.nodes, buffers: store.newBuffers(l.nodes), members: 1, waiting: []*lane{l}}
	p.memory = &resident{store: store, nodes: l.nodes}
	s.open = append(s.open, p)
	go p.run()
	return p
}

// newcomer returns a sector that has joined a pair, or nil.
func (s *pairs) newcomer(p *pair) *lane {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(p.waiting) == 0 {
		return nil
	}
	l := p.waiting[0]
	p.waiting = p.waiting[1:]
	return l
}

// withdraw takes a sector out of a pair that has not begun with it, and tells whether it did. One that is in it alone stays: the pair
// will not make it wait.
func (s *pairs) withdraw(p *pair, l *lane) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(p.waiting, l)
	if i < 0 || p.members == 1 {
		return false
	}
	p.members--
	p.waiting = slices.Delete(p.waiting, i, i+1)
	return true
}

// left counts a sector out of a pair, which is over with the last one.
func (s *pairs) left(p *pair) (over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.members--; p.members > 0 {
		return false
	}
	s.open = slices.DeleteFunc(s.open, func(other *pair) bool { return other == p })
	return true
}
