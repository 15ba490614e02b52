package heat

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

const (
	savedSuccessorsVersion = 1
	savedSuccessorsHeader  = 1 + 8 + 4
	savedRoot              = format.DigestSize + 4 + 1
	savedFollower          = format.DigestSize + 4
)

// Save returns the table in at most maxBytes. What does not fit is left out, the roots opened least first.
func (s *Successors) Save(maxBytes int) []byte {
	now := s.now()
	kept := s.warm(now)
	slices.SortFunc(kept, func(a, b namedRoot) int {
		return cmp.Or(cmp.Compare(b.opens, a.opens), bytes.Compare(a.root[:], b.root[:]))
	})
	size, fits := savedSuccessorsHeader, 0
	for fits < len(kept) && size+kept[fits].size() <= maxBytes {
		size += kept[fits].size()
		fits++
	}
	kept = kept[:fits]
	slices.SortFunc(kept, func(a, b namedRoot) int { return bytes.Compare(a.root[:], b.root[:]) })
	out := make([]byte, 0, size)
	out = append(out, savedSuccessorsVersion)
	out = binary.BigEndian.AppendUint64(out, uint64(now.UnixMilli()))
	out = binary.BigEndian.AppendUint32(out, uint32(len(kept)))
	for _, r := range kept {
		out = appendCount(append(out, r.root[:]...), r.opens)
		out = append(out, byte(len(r.followers)))
		for _, f := range r.followers {
			out = appendCount(append(out, f.root[:]...), f.count)
		}
	}
	return out
}

// namedRoot is a copy of what is known of a root.
type namedRoot struct {
	root      format.Digest
	opens     float64
	followers []follower
}

func (r *namedRoot) size() int { return savedRoot + len(r.followers)*savedFollower }

// warm returns what is worth saving, followers by digest.
func (s *Successors) warm(now time.Time) []namedRoot {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []namedRoot
	for root, o := range s.roots {
		s.decay(o, now)
		if o.opens < minSavedHeat {
			continue
		}
		r := namedRoot{root: root, opens: o.opens}
		for _, f := range o.followers {
			if f.count >= minSavedHeat {
				r.followers = append(r.followers, f)
			}
		}
		slices.SortFunc(r.followers, func(a, b follower) int { return bytes.Compare(a.root[:], b.root[:]) })
		all = append(all, r)
	}
	return all
}

func appendCount(out []byte, count float64) []byte {
	return binary.BigEndian.AppendUint32(out, math.Float32bits(float32(min(count, maxSavedHeats))))
}

// Load adds a saved table to this one: its counts are worth as much less as time has gone by since. It fails with
// ErrFormat, and then changes nothing.
func (s *Successors) Load(data []byte) error {
	saved, roots, err := decodeSuccessors(data)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	w := s.worth(now.Sub(saved))
	slices.SortFunc(roots, func(a, b namedRoot) int {
		return cmp.Or(cmp.Compare(b.opens, a.opens), bytes.Compare(a.root[:], b.root[:]))
	})
	for _, r := range roots {
		if _, known := s.roots[r.root]; !known && len(s.roots) >= s.maxRoots {
			continue
		}
		o := s.root(r.root, now)
		o.opens += r.opens * w
		for _, f := range r.followers {
			o.follow(f.root, f.count*w)
		}
	}
	return nil
}

// decodeSuccessors reads a saved table. It fails with ErrFormat.
func decodeSuccessors(data []byte) (saved time.Time, roots []namedRoot, err error) {
	if len(data) < savedSuccessorsHeader || data[0] != savedSuccessorsVersion {
		return saved, nil, fmt.Errorf("%w: %d bytes of another version of successors", ErrFormat, len(data))
	}
	saved = time.UnixMilli(int64(binary.BigEndian.Uint64(data[1:])))
	count := binary.BigEndian.Uint32(data[9:])
	data = data[savedSuccessorsHeader:]
	for range count {
		var r namedRoot
		if r, data, err = decodeRoot(data); err != nil {
			return saved, nil, err
		}
		if n := len(roots); n > 0 && bytes.Compare(roots[n-1].root[:], r.root[:]) >= 0 {
			return saved, nil, fmt.Errorf("%w: roots out of order", ErrFormat)
		}
		roots = append(roots, r)
	}
	if len(data) != 0 {
		return saved, nil, fmt.Errorf("%w: %d bytes behind the roots", ErrFormat, len(data))
	}
	return saved, roots, nil
}

// decodeRoot reads one root and returns what follows it.
func decodeRoot(data []byte) (r namedRoot, rest []byte, err error) {
	if len(data) < savedRoot {
		return r, nil, fmt.Errorf("%w: root of %d bytes", ErrFormat, len(data))
	}
	r.root, r.opens = record(data)
	count := int(data[savedRoot-1])
	data = data[savedRoot:]
	if !validHeat(r.opens) || count > maxFollowers || len(data) < count*savedFollower {
		return r, nil, fmt.Errorf("%w: root opened %g times with %d followers", ErrFormat, r.opens, count)
	}
	for i := range count {
		d, n := record(data[i*savedFollower:])
		if !validHeat(n) || d == r.root || i > 0 && bytes.Compare(r.followers[i-1].root[:], d[:]) >= 0 {
			return r, nil, fmt.Errorf("%w: follower %d of a root", ErrFormat, i)
		}
		r.followers = append(r.followers, follower{d, n})
	}
	return r, data[count*savedFollower:], nil
}
