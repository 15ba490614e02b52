package heat

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// maxFollowers is how many followers of one root are counted.
const maxFollowers = 8

// Successors counts which roots are opened after which, by the same reader. Like an access, an opening is worth half
// after every half-life. All methods may be called concurrently.
type Successors struct {
	halfLife time.Duration
	maxRoots int
	now      func() time.Time

	mu    sync.Mutex
	roots map[format.Digest]*opened // guarded by mu
}

// opened is what is known of a root. The counts are what they were worth at a time.
type opened struct {
	at        time.Time
	opens     float64
	followers []follower
}

// follower is a root that was opened next.
type follower struct {
	root  format.Digest
	count float64
}

// NewSuccessors returns an empty table of at most maxRoots roots with maxFollowers each. An opening is worth half after
// halfLife, which must be above zero; now is the clock.
func NewSuccessors(halfLife time.Duration, maxRoots int, now func() time.Time) *Successors {
	return &Successors{halfLife: halfLife, maxRoots: max(maxRoots, 1), now: now, roots: map[format.Digest]*opened{}}
}

// Opened counts an opening of a root. A full table forgets the root that is opened least for a new one.
func (s *Successors) Opened(root format.Digest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.root(root, s.now()).opens++
}

// Followed counts that a reader who had opened root opened next after it. A root that is not known, and one that follows
// itself, are not counted. A root of many followers forgets its rarest for a new one.
func (s *Successors) Followed(root, next format.Digest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.roots[root]
	if o == nil || root == next {
		return
	}
	s.decay(o, s.now())
	o.follow(next, 1)
}

// Likely returns the roots that followed root at least minCount times, as their counts are worth now, and in at least
// minShare of the cases, the likeliest first.
func (s *Successors) Likely(root format.Digest, minCount, minShare float64) []format.Digest {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.roots[root]
	if o == nil {
		return nil
	}
	s.decay(o, s.now())
	var likely []follower
	for _, f := range o.followers {
		if f.count >= minCount && f.count >= minShare*o.opens {
			likely = append(likely, f)
		}
	}
	slices.SortFunc(likely, func(a, b follower) int { return cmp.Compare(b.count, a.count) })
	roots := make([]format.Digest, len(likely))
	for i, f := range likely {
		roots[i] = f.root
	}
	return roots
}

// root returns what is known of a root as it is worth now, and makes room for a new one. The caller holds mu.
func (s *Successors) root(root format.Digest, now time.Time) *opened {
	o := s.roots[root]
	if o != nil {
		s.decay(o, now)
		return o
	}
	if len(s.roots) >= s.maxRoots {
		s.forget(now)
	}
	o = &opened{at: now}
	s.roots[root] = o
	return o
}

// forget removes the root that is opened least. The caller holds mu.
func (s *Successors) forget(now time.Time) {
	var least format.Digest
	fewest := math.Inf(1)
	for root, o := range s.roots {
		if opens := o.opens * s.worth(now.Sub(o.at)); opens < fewest {
			least, fewest = root, opens
		}
	}
	delete(s.roots, least)
}

// worth is what an opening of that age is worth. A clock that was put back makes nothing worth more.
func (s *Successors) worth(age time.Duration) float64 {
	return math.Exp2(-float64(max(age, 0)) / float64(s.halfLife))
}

// decay brings the counts of a root up to a time. The caller holds mu.
func (s *Successors) decay(o *opened, now time.Time) {
	w := s.worth(now.Sub(o.at))
	o.at = now
	o.opens *= w
	for i := range o.followers {
		o.followers[i].count *= w
	}
}

// follow adds to the count of a follower.
func (o *opened) follow(next format.Digest, count float64) {
	if i := slices.IndexFunc(o.followers, func(f follower) bool { return f.root == next }); i >= 0 {
		o.followers[i].count += count
		return
	}
	if len(o.followers) < maxFollowers {
		o.followers = append(o.followers, follower{next, count})
		return
	}
	rarest := 0
	for i, f := range o.followers {
		if f.count < o.followers[rarest].count {
			rarest = i
		}
	}
	o.followers[rarest] = follower{next, count}
}
