// Package trie is the Merkle-Patricia trie of anchored manifests, whose root is carried to other chains, so that anyone
// there can check that a manifest was anchored (paper 10.1, docs/spec/bridge.md).
//
// It is Ethereum's trie (yellow paper, appendix D) with the digest of a manifest's CID as the key, not hashed again, and a
// value of 99 bytes:
//
//	version 1 | flags 1 | codec 1 | root digest 32 | owner 32 | size 8 | height 8 | time 8 | manifest version 8
//
// Nodes are kept by their path from the root, one byte a nibble, in storage of the caller's: a node that is replaced is
// overwritten. The trie has the size of what is anchored now, and a change touches as many nodes as the path has.
package trie
