// Package query has the filter language of QUERY, section 6.2 of the specification paper: what is asked of the manifests
// that a node keeps.
//
//	tag:lang=go AND size>1MiB ORDER BY time DESC LIMIT 20
//
// Parse reads a query into a Query, once; Query.At fixes its relative times; Match then evaluates it on a Subject without
// allocating. String writes a query such that Parse reads the same one. The text, its nesting and the number of its
// comparisons are bounded, so that a query of a stranger costs no more than one of the owner.
//
//	query      = [ or ] [ "ORDER" "BY" field [ "ASC" | "DESC" ] ] [ "LIMIT" number ]
//	or         = and { "OR" and }
//	and        = not { "AND" not }
//	not        = "NOT" not | "(" or ")" | comparison
//	comparison = field operator value
//
// A Cursor is a place in the order of the answers. It names the last row of a page, not a number of rows, so that it stays
// right when manifests come and go, and means the same on every node. docs/spec/query.md has the fields and the formats.
package query
