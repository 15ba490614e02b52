package prefetch

import (
	"container/list"
	"context"
	"sync"
	"sync/atomic"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// entryBytes is about what an item takes in memory beside its data.
const entryBytes = 300

// item names what can be loaded: a block, or an encoding.
type item struct {
	digest  format.Digest
	encoded bool
}

// outcome counts what became of the items loaded for one reason since it was looked at last.
type outcome struct {
	used   atomic.Int64 // read, or asked for before they were loaded
	wasted atomic.Int64 // displaced unread
}

type stagedState uint8

const (
	queued stagedState = iota
	loading
	loaded
	failed
)

// staged is an item that is going to be loaded or has been.
type staged struct {
	item    item
	outcome *outcome
	done    chan struct{} // closed when it is loaded or failed

	// The rest is guarded by the mutex of the stage.
	state     stagedState
	sizeBytes int          // charged
	block     format.Block // Data is the envelope of an encoding; not changed once it is loaded
	at        *list.Element
}

// stage holds what is loaded until it is read for the first time, or displaced by what is planned later. All methods may
// be called concurrently.
type stage struct {
	maxBytes int
	count    atomic.Int64 // of items, so that readers need no lock while there are none

	mu    sync.Mutex
	items map[item]*staged // guarded by mu
	order list.List        // of *staged, the oldest first; guarded by mu
	bytes int              // charged; guarded by mu
	stats stageFigures     // guarded by mu
}

// stageFigures count items since the start.
type stageFigures struct {
	loaded, used, displaced, overtaken uint64
}

func newStage(maxBytes int) *stage {
	return &stage{maxBytes: maxBytes, items: map[item]*staged{}}
}

// plan takes note of an item that is going to be loaded. There is nothing to do and no item if it is here already. It
// returns false if there is no room for it that is not used by others on their way.
func (s *stage) plan(it item, sizeBytes int, o *outcome) (*staged, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.items[it] != nil {
		return nil, true
	}
	sizeBytes += entryBytes
	if !s.makeRoom(sizeBytes) {
		return nil, false
	}
	e := &staged{item: it, outcome: o, sizeBytes: sizeBytes, done: make(chan struct{})}
	e.at = s.order.PushBack(e)
	s.items[it] = e
	s.bytes += sizeBytes
	s.count.Add(1)
	return e, true
}

// makeRoom displaces the oldest items until there is room for so many bytes, and tells whether there is. The caller holds
// mu.
func (s *stage) makeRoom(sizeBytes int) bool {
	for at := s.order.Front(); at != nil && s.bytes+sizeBytes > s.maxBytes; {
		e := at.Value.(*staged)
		at = at.Next()
		if e.state == loaded {
			s.displace(e)
		}
	}
	return s.bytes+sizeBytes <= s.maxBytes
}

// displace removes an item that nobody has read. The caller holds mu.
func (s *stage) displace(e *staged) {
	s.remove(e)
	s.stats.displaced++
	e.outcome.wasted.Add(1)
}

// remove takes an item out. The caller holds mu.
func (s *stage) remove(e *staged) {
	delete(s.items, e.item)
	s.order.Remove(e.at)
	s.bytes -= e.sizeBytes
	s.count.Add(-1)
}

// here tells whether e is still in the stage. The caller holds mu.
func (s *stage) here(e *staged) bool { return s.items[e.item] == e }

// drop removes an item that has not begun to be loaded.
func (s *stage) drop(e *staged) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.here(e) {
		s.remove(e)
	}
}

// begin tells whether an item is still to be loaded, and that it is.
func (s *stage) begin(e *staged) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.here(e) {
		return false
	}
	e.state = loading
	return true
}

// finish ends the loading of an item.
func (s *stage) finish(e *staged, b format.Block, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer close(e.done)
	if err != nil {
		e.state = failed
		if s.here(e) {
			s.remove(e)
		}
		return
	}
	e.state, e.block = loaded, b
	s.stats.loaded++
	if !s.here(e) {
		return // those who wait for it get it, nobody else
	}
	size := len(b.Data) + entryBytes
	s.bytes += size - e.sizeBytes
	e.sizeBytes = size
	s.makeRoom(0)
}

// take hands an item over to its first reader, who waits if it is being loaded. One who comes before that reads it
// himself.
func (s *stage) take(ctx context.Context, it item) (format.Block, bool) {
	if s.count.Load() == 0 || ctx.Err() != nil {
		return format.Block{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.items[it]
	if e == nil {
		return format.Block{}, false
	}
	if e.state == queued {
		s.remove(e)
		s.stats.overtaken++
		e.outcome.used.Add(1)
		return format.Block{}, false
	}
	if e.state == loading {
		s.mu.Unlock()
		select {
		case <-e.done:
		case <-ctx.Done():
		}
		s.mu.Lock()
	}
	if e.state != loaded {
		return format.Block{}, false
	}
	if s.here(e) {
		s.remove(e)
		s.stats.used++
		e.outcome.used.Add(1)
	}
	return e.block, true
}

// clear removes everything that has begun to be loaded.
func (s *stage) clear() {
	if s.count.Load() == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.items {
		if e.state != queued {
			s.remove(e)
			s.stats.displaced++
		}
	}
}

// figures returns the counts, and what is held now.
func (s *stage) figures() (stats stageFigures, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats, s.bytes
}
