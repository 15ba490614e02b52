// Package sdr is the arithmetic of sealed replicas, sdr-sha256-v1: what a replica is, how a provider shows that it made one, and how
// that is checked. Provider, validators and chain share it.
//
// It serves section 3.4 of the specification paper (proof of replication). docs/spec/sdr.md has the argument and its limits.
//
// A sector is a power of two of 32-byte nodes. Its data are pieces, each the aligned stream of one deal's commitment (package
// commitment), and zeros. Eleven layers of labels are hashed over the nodes, each label from fourteen others of which one is that of
// the node before, so that a layer cannot be computed in parallel:
//
//	data ----------------------------------------------.
//	replica id -> layer 1 -> layer 2 -> ... -> layer 11 -+-> replica = data xor layer 11
//	                 |          |                 |              |
//	                 '----------+-----------------'              |
//	                      columns of labels                      |
//	                            |                                |
//	                          comm_c                        comm_r_last
//
// The replica id binds chain, provider, sector number, a recent ticket and the data, so no two replicas are alike. After the roots are
// on the chain, randomness picks nodes, and for each a record of fixed size shows the node's column, those of its parents, the replica
// node and the data: VerifyRecord recomputes the labels. One record that fails convicts. A window then asks for nodes of the replica
// alone, which is cheap; see package proof.
//
// Nothing here does I/O, reads a clock or depends on the Cosmos SDK, and no result depends on the machine. But for Labeller, which
// belongs to one goroutine, all of it is safe for concurrent use.
package sdr
