package data

import (
	"sync"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// flights are the blocks that a member of a group is fetching from outside now, so that it fetches each once, however many
// members read it at the same time.
type flights struct {
	mu      sync.Mutex
	landing map[format.Digest]chan struct{} // closed when the fetch has ended, whether the block came or not; guarded by mu
}

// board takes over those of a batch that nobody is fetching: they are the caller's to fetch, until it calls land. For the
// others it returns what to wait for. A caller does not wait before it has landed, so that no two wait for each other.
func (f *flights) board(batch []*wanted) (own []*wanted, others map[*wanted]<-chan struct{}, land func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	landed := make(chan struct{})
	others = map[*wanted]<-chan struct{}{}
	var digests []format.Digest
	for _, w := range batch {
		d, err := format.DigestOf(w.cid)
		if there := f.landing[d]; err == nil && there != nil {
			others[w] = there
			continue
		}
		own = append(own, w)
		if err == nil {
			digests = append(digests, d)
			f.landing[d] = landed
		}
	}
	return own, others, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, d := range digests {
			delete(f.landing, d)
		}
		close(landed)
	}
}
