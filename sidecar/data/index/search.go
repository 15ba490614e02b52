package index

import (
	"context"
	"iter"

	"github.com/ipdm-network/ipdm/sidecar/data/query"
)

// checkEvery is how many manifests are looked at between looks at the context.
const checkEvery = 1024

// Page is one page of the answer to a query.
type Page struct {
	Rows []query.Subject
	// Next is the cursor behind the last row, nil if no row follows.
	Next *query.Cursor
	// Examined is how many manifests were looked at.
	Examined int
	// Plan says how the answer was found, a line for each step.
	Plan []string
}

// Search returns the first limit matches of a query behind a cursor, which may be nil. Relative times must be fixed: see
// query.Query.At. It fails only with the error of the context.
func (x *Index) Search(ctx context.Context, q *query.Query, limit int, after *query.Cursor) (Page, error) {
	p := x.plan(q, limit)
	page := Page{Plan: p.explain()}
	var behind *query.Subject
	if after != nil {
		behind = after.Subject()
	}
	c := &collector{order: q.Order, wanted: limit + 1, ordered: p.ordered}
	err := x.each(ctx, q, p, behind, &page.Examined, func(s query.Subject) bool {
		if behind != nil && q.Order.Compare(&s, behind) <= 0 {
			return true
		}
		return c.add(s)
	})
	if err != nil {
		return Page{}, err
	}
	page.Rows = c.rows()
	if len(page.Rows) > limit {
		page.Rows = page.Rows[:limit]
		next := query.CursorBehind(q.Order, &page.Rows[limit-1])
		page.Next = &next
	}
	return page, nil
}

// Count returns how many manifests a query matches, and how many were looked at. It fails only with the error of the
// context.
func (x *Index) Count(ctx context.Context, q *query.Query) (matches, examined int, err error) {
	ranges := x.cover(q.Filter)
	if ranges == nil {
		ranges = []access{bounds(q.Filter, query.Time)}
	}
	err = x.each(ctx, q, plan{ranges: ranges}, nil, &examined, func(query.Subject) bool {
		matches++
		return true
	})
	return matches, examined, err
}

// Each yields every manifest, the oldest first, until it is told to stop.
func (x *Index) Each(ctx context.Context, yield func(query.Subject) bool) error {
	var examined int
	q := &query.Query{Filter: &query.Comparison{Field: query.Version, Versions: query.Any}, Order: query.Order{Field: query.Time}}
	return x.each(ctx, q, x.plan(q, x.Len()), nil, &examined, yield)
}

// each yields what a query matches in the ranges of a plan, each once, until it is told to stop. An ordered plan begins
// at behind, if that is not nil.
func (x *Index) each(ctx context.Context, q *query.Query, p plan, behind *query.Subject, examined *int, yield func(query.Subject) bool) error {
	change := x.change.Load()
	var seen map[*record]struct{}
	if len(p.ranges) > 1 || p.ranges[0].repeats() {
		seen = map[*record]struct{}{}
	}
	descending := p.ordered && q.Order.Descending
	var s query.Subject
	for _, a := range p.ranges {
		if !p.ordered {
			behind = nil
		}
		for r := range x.walk(a, descending, behind) {
			if *examined++; *examined%checkEvery == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if seen != nil {
				if _, again := seen[r]; again {
					continue
				}
				seen[r] = struct{}{}
			}
			if r.see(change, &s) && q.Match(&s) && !yield(s) {
				return nil
			}
		}
	}
	return ctx.Err()
}

// repeats tells whether one manifest may come several times in a range: by several tags.
func (a access) repeats() bool { return a.field == query.Tag && !a.single() }

// walk yields the records of a range, from behind on if that is not nil.
func (x *Index) walk(a access, descending bool, behind *query.Subject) iter.Seq[*record] {
	switch a.field {
	case query.Time:
		return walkSet(x.byTime, compareTime, a.probe(a.from), a.probe(a.to+1), start(behind), descending)
	case query.Size:
		return walkSet(x.bySize, compareSize, a.probe(a.from), a.probe(a.to+1), start(behind), descending)
	}
	var from *posting
	if r := start(behind); r != nil {
		from = &posting{a.low, *r}
	}
	postings := walkSet(x.byText[a.field], comparePosting, posting{a.low, first}, posting{a.high, first}, from, descending)
	return func(yield func(*record) bool) {
		for p := range postings {
			if !yield(p.record) {
				return
			}
		}
	}
}

// start returns the record to begin at.
func start(behind *query.Subject) **record {
	if behind == nil {
		return nil
	}
	r := &record{Subject: *behind}
	return &r
}
