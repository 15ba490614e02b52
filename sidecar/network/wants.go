package network

import (
	"sync"

	"github.com/ipfs/go-cid"
)

// recentWants is how many finished wants are remembered, for blocks that were
// already on their way.
const recentWants = 1 << 16

// wantSet knows which blocks this node has asked for. Bitswap hashes what it
// receives, so wrong bytes appear as a block that nobody asked for; this is how
// they are told from late and duplicate answers.
type wantSet struct {
	mu     sync.Mutex // guards the fields below
	active map[string]int
	recent map[string]struct{}
	ring   []string
	next   int
}

func newWantSet() *wantSet {
	return &wantSet{active: make(map[string]int), recent: make(map[string]struct{})}
}

// add marks blocks as asked for until remove is called with the same ones.
func (w *wantSet) add(cids []cid.Cid) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range cids {
		w.active[c.KeyString()]++
	}
}

// remove ends wants but remembers them for a while.
func (w *wantSet) remove(cids []cid.Cid) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range cids {
		key := c.KeyString()
		if w.active[key]--; w.active[key] > 0 {
			continue
		}
		delete(w.active, key)
		w.remember(key)
	}
}

// remember puts key into the ring. The caller holds mu.
func (w *wantSet) remember(key string) {
	if _, known := w.recent[key]; known {
		return
	}
	w.recent[key] = struct{}{}
	if len(w.ring) < recentWants {
		w.ring = append(w.ring, key)
		return
	}
	delete(w.recent, w.ring[w.next])
	w.ring[w.next] = key
	w.next = (w.next + 1) % recentWants
}

// asked reports whether the block is, or was lately, asked for.
func (w *wantSet) asked(c cid.Cid) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := c.KeyString()
	if _, ok := w.active[key]; ok {
		return true
	}
	_, ok := w.recent[key]
	return ok
}
