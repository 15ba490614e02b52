// Package layout says which encodings a storage deal is about: the bridge between content, which a manifest names, and
// the bytes that a provider commits to and proves (paper section 3.4 and 6.4).
//
// A layout belongs to one manifest. It lists encodings (envelopes, see package envelope) in the order in which they are
// committed, and for each the blocks it stands for, by index:
//
//	0 .. n-1      the entries of the manifest
//	n             the manifest's header block
//	n+1 .. n+p    the manifest's pages
//
// Every index occurs exactly once in the whole layout, in ascending order within an encoding, and an encoding stands
// for at least one block and occurs once. An envelope may hold further blocks that are not listed: of another manifest,
// or listed elsewhere.
//
// Like a manifest, a layout is a header block and pages of canonical dag-cbor:
//
//	header   {v, kind, pages, comm_d, length, manifest, encodings}
//	page     {first, offset, encodings: [[digest, length, algorithm, [index, ...]], ...]}
//
// A layout is not signed: a deal on the chain names it by CID together with comm_d, and everything in it can be
// recomputed from the encodings.
//
// A Builder makes a layout, a Reader reads one through a fetch function and verifies it as it goes, Validate compares
// it with its manifest and Targets.Check with the envelopes themselves. Builder is not safe for concurrent use; Reader
// and Targets are once they are made. See docs/spec/layout.md for the format field by field.
package layout
