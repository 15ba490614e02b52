// Package page bounds the pages that queries of custom modules return (paper section 10.4).
package page

import "github.com/cosmos/cosmos-sdk/types/query"

const (
	// MaxLimit is the largest page, in items.
	MaxLimit = 1_000
	// MaxOffset is the furthest a page may begin when it is asked for by number: further on, keys must be used.
	MaxOffset = 100_000
)

// Bound returns a copy of request, which may be nil, with limit and offset within the bounds. A total is never
// counted, because that would walk the whole collection.
func Bound(request *query.PageRequest) *query.PageRequest {
	if request == nil {
		return &query.PageRequest{Limit: query.DefaultLimit}
	}
	bounded := *request
	bounded.CountTotal = false
	if bounded.Limit == 0 {
		bounded.Limit = query.DefaultLimit
	}
	bounded.Limit = min(bounded.Limit, MaxLimit)
	bounded.Offset = min(bounded.Offset, MaxOffset)
	return &bounded
}
