// Package format is the root of IPDM's pure codecs: digests and the content identifiers made from them.
//
// It serves section 4.1 of the specification paper (content addressing). Every block of content is named by its
// block CID: CIDv1 with a BLAKE3-256 multihash over the block's plain bytes, whatever way the block is stored or sent.
// The stored form of one or more blocks (see package envelope) is named by an encoding CID: CIDv1, raw codec,
// BLAKE3-256 over the envelope bytes.
//
// Nothing in this tree does I/O. The packages below it are
//
//	envelope    how blocks lie on disk and travel between IPDM nodes
//	manifest    what a root consists of, signed by its creator
//	layout      which encodings a storage deal is about
//
// All functions are safe for concurrent use.
package format
