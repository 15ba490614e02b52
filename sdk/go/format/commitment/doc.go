// Package commitment commits to the encodings of a storage deal and proves possession of single bytes of them.
//
// It serves sections 3.4 and 6.4 of the specification paper (proof of replication, CHALLENGE and PROOF): a deal
// stores one 32-byte commitment on the chain, called comm_d, and any byte the deal is about can later be asked for
// and shown to belong to it.
//
// A commitment covers a sequence of encodings laid end to end. Each is a Leaf: the BLAKE3-256 digest of its
// bytes, where it begins and how long it is. The leaves form a Merkle tree of the shape RFC 6962 defines, so any
// number of them will do:
//
//	leaf   = BLAKE3(0x00 | digest | offset u64 | length u32)
//	inner  = BLAKE3(0x01 | left | right)
//	comm_d = BLAKE3("ipdm/comm-d/v1" | leaf count u64 | total length u64 | root of the leaves)
//
// All integers are little endian.
//
// An Opening answers for one byte. It goes in two steps, since a BLAKE3 digest is itself the root of a tree over
// 1 KiB chunks: a Merkle path leads from the leaf to comm_d, and a Bao slice leads from the chunk to the leaf's
// digest. The slice is made by hashing that one encoding again, so nothing but the encodings themselves is kept.
//
// What a commitment cannot show is that its maker told the truth: whoever computes comm_d may put any number into
// a leaf. A provider therefore computes it anew from the bytes it fetched before it accepts a deal, and a LeafProof
// of the last leaf shows the chain that the total length is what the leaves add up to.
//
// Nothing here does I/O. Values are safe for concurrent reading; a Builder belongs to one goroutine.
package commitment
