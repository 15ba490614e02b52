package index

import (
	"fmt"
	"math"
	"strings"

	"github.com/ipdm-network/ipdm/sidecar/data/query"
)

// smallPlan is how many manifests are filtered and sorted without asking whether a walk in order costs less.
const smallPlan = 256

// access is a range of one list: [low, high) of texts, or [from, to] of numbers.
type access struct {
	field     query.Field
	low, high string
	from, to  uint64
	about     int // estimated keys
}

// String describes the range for people.
func (a access) String() string {
	switch {
	case a.field == query.Root || a.field == query.Manifest:
		return fmt.Sprintf("%s index, one value: about %d", a.field, a.about)
	case !a.numbers() && a.single():
		return fmt.Sprintf("%s index, %q: about %d", strings.TrimSuffix(a.field.String(), ":"), a.low, a.about)
	case !a.numbers():
		return fmt.Sprintf("%s index, from %q: about %d", strings.TrimSuffix(a.field.String(), ":"), a.low, a.about)
	case a.from == 0 && a.to == math.MaxInt64:
		return fmt.Sprintf("%s index, all: about %d", a.field, a.about)
	}
	return fmt.Sprintf("%s index, a range: about %d", a.field, a.about)
}

func (a access) numbers() bool { return a.field == query.Time || a.field == query.Size }

// single tells whether the range has one text.
func (a access) single() bool { return a.high == a.low+"\x00" }

// ordered tells whether a walk of the range gives its manifests in an order.
func (a access) ordered(o query.Order) bool {
	if a.numbers() {
		return a.field == o.Field
	}
	return a.single() && o.Field == query.Time
}

// plan is how a query is answered.
type plan struct {
	ranges  []access
	ordered bool // one range, walked in the order of the query
}

// explain describes a plan, a line for each range.
func (p plan) explain() []string {
	var lines []string
	for _, a := range p.ranges {
		lines = append(lines, a.String())
	}
	if p.ordered {
		return append(lines, "walked in order until the page is full")
	}
	return append(lines, "filtered, then sorted")
}

// plan chooses the ranges for a query of which limit rows are wanted.
func (x *Index) plan(q *query.Query, limit int) plan {
	ranges := x.cover(q.Filter)
	walk := x.measure(bounds(q.Filter, q.Order.Field))
	if ranges == nil {
		ranges = []access{x.measure(bounds(q.Filter, query.Time))}
		if walk.ordered(q.Order) {
			ranges = []access{walk}
		}
	}
	if len(ranges) == 1 && ranges[0].ordered(q.Order) {
		return plan{ranges, true}
	}
	total := 0
	for _, a := range ranges {
		total += a.about
	}
	// If everything in the ranges matches and matches lie evenly, one key of walk.about/total in the walk is a row.
	if walk.ordered(q.Order) && total > smallPlan && limit*walk.about/total < total {
		return plan{[]access{walk}, true}
	}
	return plan{ranges, false}
}

// measure estimates the keys of a range.
func (x *Index) measure(a access) access {
	switch a.field {
	case query.Time:
		a.about = x.byTime.Estimate(a.probe(a.from), a.probe(a.to+1))
	case query.Size:
		a.about = x.bySize.Estimate(a.probe(a.from), a.probe(a.to+1))
	default:
		a.about = x.byText[a.field].Estimate(posting{a.low, first}, posting{a.high, first})
	}
	return a
}

// probe returns what is below every record of a number and above every one of a lower number.
func (a access) probe(number uint64) *record {
	if a.field == query.Size {
		return &record{Subject: query.Subject{SizeBytes: number}}
	}
	return &record{Subject: query.Subject{UnixMilli: int64(min(number, math.MaxInt64))}}
}

// cover returns ranges that hold every manifest that an expression matches, or nil if no list helps.
func (x *Index) cover(e query.Expr) []access {
	switch e := e.(type) {
	case query.And:
		return x.coverAnd(e)
	case query.Or:
		var union []access
		for _, part := range e {
			ranges := x.cover(part)
			if ranges == nil {
				return nil
			}
			union = append(union, ranges...)
		}
		return union
	case *query.Comparison:
		if a, ok := rangeOf(e); ok {
			return []access{x.measure(a)}
		}
	}
	return nil
}

// coverAnd returns the smallest cover of a part, or the range that several parts leave of times or sizes.
func (x *Index) coverAnd(parts query.And) []access {
	var best []access
	least := math.MaxInt
	consider := func(ranges []access) {
		total := 0
		for _, a := range ranges {
			total += a.about
		}
		if ranges != nil && total < least {
			best, least = ranges, total
		}
	}
	for _, part := range parts {
		consider(x.cover(part))
	}
	for _, f := range []query.Field{query.Time, query.Size} {
		if a := bounds(parts, f); a.from > 0 || a.to < math.MaxInt64 {
			consider([]access{x.measure(a)})
		}
	}
	return best
}

// bounds returns the range of times or sizes to which an expression keeps itself.
func bounds(e query.Expr, f query.Field) access {
	all := access{field: f, to: math.MaxInt64}
	switch e := e.(type) {
	case query.And:
		for _, part := range e {
			a := bounds(part, f)
			all.from, all.to = max(all.from, a.from), min(all.to, a.to)
		}
	case *query.Comparison:
		if a, ok := rangeOf(e); ok && e.Field == f {
			return a
		}
	}
	return all
}

// rangeOf returns the range of what a comparison matches, if it is one range of a list.
func rangeOf(c *query.Comparison) (access, bool) {
	a := access{field: c.Field}
	if c.Operator == query.NotEqual {
		return a, false
	}
	switch c.Field {
	case query.Time, query.Size:
		return numberRange(a, c), true
	case query.Tag:
		return textRange(a, c, c.Key+"=", c.Key+string('='+1)), true
	case query.Type, query.Owner:
		return textRange(a, c, "", "\xff"), true
	case query.Root, query.Manifest:
		a.low, a.high = c.CID.KeyString(), c.CID.KeyString()+"\x00"
		return a, true
	}
	return a, false
}

func numberRange(a access, c *query.Comparison) access {
	a.to = math.MaxInt64
	switch c.Operator {
	case query.Equal:
		a.from, a.to = c.Number, c.Number
	case query.Less:
		if c.Number == 0 {
			a.from, a.to = 1, 0 // nothing
			return a
		}
		a.to = c.Number - 1
	case query.LessOrEqual:
		a.to = c.Number
	case query.Greater:
		a.from = c.Number + 1
	case query.GreaterOrEqual:
		a.from = c.Number
	}
	return a
}

// textRange returns the range of texts that begin with low, are below high, and compare as c says behind low.
func textRange(a access, c *query.Comparison, low, high string) access {
	value := low + c.Text
	behind := value + "\x00" // texts have no control characters: nothing lies between
	a.low, a.high = low, high
	switch c.Operator {
	case query.Equal:
		a.low, a.high = value, behind
	case query.Less:
		a.high = value
	case query.LessOrEqual:
		a.high = behind
	case query.Greater:
		a.low = behind
	case query.GreaterOrEqual:
		a.low = value
	case query.HasPrefix:
		if c.Text != "" {
			// Texts are UTF-8: their bytes are below 0xff.
			last := len(value) - 1
			a.low, a.high = value, value[:last]+string([]byte{value[last] + 1})
		}
	}
	return a
}
