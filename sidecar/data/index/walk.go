package index

import (
	"iter"
	"slices"

	"github.com/ipdm-network/ipdm/sidecar/data/query"
	"github.com/ipdm-network/ipdm/sidecar/data/skiplist"
)

// walkSet yields the keys of [low, high) in either direction, from a key inside of the range on if start is not nil.
func walkSet[K any](set *skiplist.Set[K], compare func(a, b K) int, low, high K, start *K, descending bool) iter.Seq[K] {
	return func(yield func(K) bool) {
		if descending {
			if start != nil && compare(*start, high) < 0 {
				high = *start
			}
			for k := range set.Descend(high) {
				if compare(k, low) < 0 || !yield(k) {
					return
				}
			}
			return
		}
		if start != nil && compare(*start, low) > 0 {
			low = *start
		}
		for k := range set.Ascend(low) {
			if compare(k, high) >= 0 || !yield(k) {
				return
			}
		}
	}
}

// collector keeps the first rows of an order.
type collector struct {
	order   query.Order
	wanted  int
	ordered bool // rows come in the order
	kept    []query.Subject
}

// add takes a row and tells whether more are wanted.
func (c *collector) add(s query.Subject) bool {
	c.kept = append(c.kept, s)
	if c.ordered {
		return len(c.kept) < c.wanted
	}
	if len(c.kept) >= 4*c.wanted {
		c.kept = c.rows()
	}
	return true
}

// rows returns the first rows, in order.
func (c *collector) rows() []query.Subject {
	if !c.ordered {
		slices.SortFunc(c.kept, func(a, b query.Subject) int { return c.order.Compare(&a, &b) })
	}
	return c.kept[:min(len(c.kept), c.wanted)]
}
