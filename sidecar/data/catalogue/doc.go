// Package catalogue answers queries about what this node and its peers have: QUERY of section 6.2 of the specification
// paper.
//
// What this node has is found by package index. Peers get a query as a text with its relative times fixed, a limit and a
// cursor. A cursor is a place in the order of the rows, the same for all, so that the first rows of everybody, merged, are
// the first rows of the network, and no state is kept between pages. A peer's rows are headers of manifests, signed by
// their creators; a peer whose rows are not what was asked for is not believed at all.
//
// Peers exchange summaries: a cascading Bloom filter that tells what a node does not have, and sketches that count what
// all of them have together. They are asked for again and again in the background, so that a peer is not asked for what
// it cannot have. docs/spec/query.md has the formats.
package catalogue
