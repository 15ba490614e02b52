package prefetch

import (
	"context"
	"slices"
	"time"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

const (
	// nextWithin is within what time a root has to be opened to count as following another.
	nextWithin = 10 * time.Minute
	// likelyCount and likelyShare are how often a root must have followed another one, and in what part of the cases, to be
	// expected. Counts decay from the moment they are made: two are never enough, three of the last days are.
	likelyCount = 2.1
	likelyShare = 0.5
	// beginningBytes is how much of a root that is expected is loaded.
	beginningBytes = 4 << 20
	// maxReaders is of how many readers is remembered what they opened last.
	maxReaders = 1024
)

// readers are those who opened a root lately. It is used by one goroutine.
type readers struct {
	last map[string]*opening
}

// opening is the last root that a reader opened.
type opening struct {
	root     format.Digest
	at       time.Time
	expected []format.Digest // to be opened next
}

func newReaders() *readers { return &readers{last: map[string]*opening{}} }

// remember notes what a reader opened, and forgets one who did so longest ago if there are too many.
func (r *readers) remember(reader string, o *opening) {
	if _, ok := r.last[reader]; !ok && len(r.last) >= maxReaders {
		var oldest string
		for name, last := range r.last {
			if before := r.last[oldest]; before == nil || last.at.Before(before.at) {
				oldest = name
			}
		}
		delete(r.last, oldest)
	}
	r.last[reader] = o
}

// opened learns from the opening of a root, and has the beginnings of those loaded that are likely to be opened next. Who
// the reader is has to be known: plain blocks tell of theirs by Read.
func (p *Prefetcher) opened(ctx context.Context, e event, root format.Digest) {
	table := p.opts.Successors
	if table == nil || e.kind == servedBlock {
		return
	}
	now := p.opts.Now()
	last := p.readers.last[e.reader]
	if last != nil && last.root == root {
		last.at = now
		return
	}
	table.Opened(root)
	if last != nil && now.Sub(last.at) <= nextWithin {
		table.Followed(last.root, root)
		if slices.Contains(last.expected, root) {
			p.confirmed.Add(1)
		}
	}
	expected := table.Likely(root, likelyCount, likelyShare)
	p.readers.remember(e.reader, &opening{root: root, at: now, expected: expected})
	for _, next := range expected {
		p.predicted.Add(1)
		p.loadBeginning(ctx, e, next)
	}
}

// loadBeginning has the first blocks of a root loaded, in the form in which the reader of the event gets blocks.
func (p *Prefetcher) loadBeginning(ctx context.Context, e event, root format.Digest) {
	q := p.known.sequences[root]
	if q == nil {
		q = p.open(ctx, root)
	}
	if q == nil || !q.root {
		return
	}
	s := q.follow(e.reader, 0, p.tick, min(minWindowBytes, p.maxWindow))
	if s.next > 0 {
		return // somebody has just begun to read it
	}
	s.run = max(s.run, established)
	p.fill(ctx, q, s, e.kind == servedEncoding, min(beginningBytes, p.maxWindow))
}
