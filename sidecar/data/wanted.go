package data

import (
	"context"
	"slices"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

const (
	// aheadBlocks and aheadBytes bound the leaves asked for or held that nobody has read yet, aheadBlocks also the nodes
	// asked for.
	aheadBlocks = 4 * fetchBatch
	aheadBytes  = 16 << 20
	// nodeBytes bounds the nodes held that nobody has read yet; more are left to be read from the store.
	nodeBytes = 8 << 20
	// recentBytes bounds the small blocks that are remembered for the second reader, who may come before they are stored.
	recentBytes = 4 << 20
)

// wanted is one block that is being fetched or has been.
type wanted struct {
	cid  cid.Cid
	data []byte // set before done is closed
	err  error  // set before done is closed
	done chan struct{}
	size int // that a link states, 0 if none does

	// The rest is guarded by the mutex of the wants it belongs to.
	ahead   bool       // asked for by the read-ahead, and nobody has come for it yet
	charged int        // bytes of a leaf in the window of the read-ahead, or of a node held
	places  []*planned // where the read-ahead goes on when it is here
}

// wait returns the block when it is here.
func (w *wanted) wait(ctx context.Context) ([]byte, error) {
	select {
	case <-w.done:
		return w.data, w.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// find returns the block if it is being fetched, or has been lately.
func (s *source) find(c cid.Cid) *wanted {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.asked[c]
	if w != nil {
		s.take(w)
	}
	return w
}

// ask has the block fetched, before everything that is only read ahead. A size of 0 is not known.
func (s *source) ask(c cid.Cid, size int) *wanted {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.asked[c]; w != nil {
		s.take(w)
		return w
	}
	w := &wanted{cid: c, done: make(chan struct{}), size: size}
	s.asked[c] = w
	if s.bundled(w) {
		s.packed = slices.Insert(s.packed, 0, w)
		s.packedUrgent = true
	} else {
		s.urgent = append(s.urgent, w)
	}
	wake(s.queued)
	return w
}

// foresee has a block fetched that will be read later. It returns nil if the window is full. The caller holds mu.
func (s *source) foresee(p *planned) *wanted {
	w := &wanted{cid: p.cid, done: make(chan struct{}), ahead: true}
	if w.leaf() {
		w.size = int(min(p.size, format.MaxBlockSize))
		w.charged = w.size
		if s.aheadCount >= aheadBlocks || s.aheadCharged+w.charged > aheadBytes {
			return nil
		}
		s.aheadCount++
		s.aheadCharged += w.charged
	}
	s.asked[p.cid] = w
	if s.bundled(w) {
		s.packed = append(s.packed, w)
	} else {
		s.later = append(s.later, w)
	}
	return w
}

// bundled tells whether a block is fetched with others that may lie in the same packs, and with those only. When all of a root
// is read these packs are sent as they are, once for each request that has a block of theirs.
func (s *source) bundled(w *wanted) bool { return s.whole && w.size < smallBytes }

func (w *wanted) leaf() bool { return w.cid.Prefix().Codec == format.Raw }

// take gives a block read ahead to its first reader. The caller holds mu.
func (s *source) take(w *wanted) {
	if !w.ahead {
		return
	}
	s.discharge(w)
	if w.here() {
		s.remember(w)
	}
}

// discharge ends the part of a block in the read-ahead's window. The caller holds mu.
func (s *source) discharge(w *wanted) {
	w.ahead = false
	if !w.leaf() {
		s.nodesHeld -= w.charged
		return
	}
	s.aheadCount--
	s.aheadCharged -= w.charged
	if s.aheadCount <= aheadBlocks/2 && s.aheadCharged <= aheadBytes/2 {
		wake(s.moved)
	}
}

// remember keeps a small block that has arrived for a while, and forgets a large one. The caller holds mu.
func (s *source) remember(w *wanted) {
	if len(w.data) >= smallBytes {
		delete(s.asked, w.cid)
		return
	}
	s.recent = append(s.recent, w)
	s.recentBytes += len(w.data)
	for s.recentBytes > recentBytes {
		oldest := s.recent[0]
		s.recent[0] = nil
		s.recent = s.recent[1:]
		s.recentBytes -= len(oldest.data)
		delete(s.asked, oldest.cid)
	}
}

// here tells whether the wait for the block has ended.
func (w *wanted) here() bool {
	select {
	case <-w.done:
		return true
	default:
		return false
	}
}

// deliver ends the wait for a block, unless it has ended. Without err data is the block, verified.
func (s *source) deliver(w *wanted, data []byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.here() {
		return
	}
	w.data, w.err = data, err
	close(w.done)
	if len(w.places) > 0 {
		s.arrived = append(s.arrived, w)
		wake(s.moved)
	}
	switch {
	case err != nil:
		if w.ahead {
			s.discharge(w)
		}
		delete(s.asked, w.cid) // who comes later tries again
	case !w.ahead:
		s.remember(w)
	default:
		s.hold(w)
	}
}

// hold keeps a block read ahead for its first reader, unless too much is held. The caller holds mu.
func (s *source) hold(w *wanted) {
	if w.leaf() {
		s.aheadCharged += len(w.data) - w.charged
	} else {
		s.nodesHeld += len(w.data)
	}
	w.charged = len(w.data)
	if s.aheadCharged > aheadBytes || s.nodesHeld > nodeBytes {
		s.discharge(w)
		delete(s.asked, w.cid)
	}
}

// next waits for blocks to fetch and returns some, the urgent ones first; nil when ctx is done. When it has fetched a batch of
// bundled blocks, for which packs is true, the caller must call landed: until then there are no more of them, urgent or not,
// since these may come with it.
func (s *source) next(ctx context.Context) (batch []*wanted, packs bool) {
	for ctx.Err() == nil {
		s.mu.Lock()
		batch = takeSome(&s.urgent, nil)
		if !s.packedUrgent || s.packsComing {
			batch = takeSome(&s.later, batch)
		}
		if len(batch) == 0 && !s.packsComing {
			batch = takeSome(&s.packed, nil)
			packs = len(batch) > 0
			s.packsComing, s.packedUrgent = packs, false
		}
		more := len(s.urgent)+len(s.later) > 0 || len(s.packed) > 0 && !s.packsComing
		s.mu.Unlock()
		if more {
			wake(s.queued)
		}
		if len(batch) > 0 {
			return batch, packs
		}
		select {
		case <-s.queued:
		case <-ctx.Done():
		}
	}
	return nil, false
}

// landed lets the next batch of bundled blocks be fetched.
func (s *source) landed() {
	s.mu.Lock()
	s.packsComing = false
	s.mu.Unlock()
	wake(s.queued)
}

// giveUp ends the wait for all blocks that no call is going to fetch.
func (s *source) giveUp() {
	s.mu.Lock()
	left := slices.Concat(s.urgent, s.later, s.packed)
	s.urgent, s.later, s.packed = nil, nil, nil
	s.mu.Unlock()
	for _, w := range left {
		s.deliver(w, nil, s.ctx.Err())
	}
}

// takeSome moves blocks from the front of queue to batch, until that is full. Those that have come with others are left
// out.
func takeSome(queue *[]*wanted, batch []*wanted) []*wanted {
	n := 0
	for ; n < len(*queue) && len(batch) < fetchBatch; n++ {
		if w := (*queue)[n]; !w.here() {
			batch = append(batch, w)
		}
		(*queue)[n] = nil
	}
	if *queue = (*queue)[n:]; len(*queue) == 0 {
		*queue = nil
	}
	return batch
}

// wake signals a channel of capacity one.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
