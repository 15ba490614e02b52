// Package manifest says what a root consists of and who says so: the DataBlock of section 4.3 and the metadata of
// section 5 of the specification paper. The manifest is what is anchored on the chain.
//
// A manifest is a small DAG of canonical dag-cbor blocks: one header and pages of entries. It names content only,
// never encodings. Every block of the content's DAG, interior nodes included, is an entry exactly once, in depth-first
// first-visit order: a node stands before the blocks it links to, which follow in link order unless they stood before.
//
//	header   {v, sig, kind, root, size, tags, time, type, pages, leaves, length, creator, entries, supersedes}
//	page     {first, entries: [[codec, digest, size], ...]}
//
// Each page but the last holds EntriesPerPage entries, so entry i lies in page i/EntriesPerPage and a manifest of given
// content has one form. The largest manifest, 2^24 entries, has 2731 pages and a header of about 130 KiB, below
// MaxBlockSize: no second level of pages is needed.
//
// The signature is over the domain "ipdm/manifest/v1" followed by the header's dag-cbor without its "sig" pair. As the
// header links to the pages by digest, it covers all of them.
//
// A Builder makes a manifest, a Reader reads one through a fetch function and verifies it as it goes, and VerifyDAG
// compares it with the DAG itself. Builder is not safe for concurrent use; Reader and Header are once they are made.
// See docs/spec/manifest.md for the format field by field.
package manifest
