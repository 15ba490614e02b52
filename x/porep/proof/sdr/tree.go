package sdr

import "crypto/sha256"

// padColumnSize is the size of a column with the padding of its hash.
const padColumnSize = 6 * blockSize

// Hash is a SHA-256 digest, or a node taken for one.
type Hash = [32]byte

// The trees over columns and over the replica are binary, full and of the depth that the number of nodes gives, with inner nodes
// SHA-256(left | right). A leaf is the hash of a column, or a replica node as it is. The depth is part of every statement, so an
// inner node cannot pose as a leaf.

// HashPair returns the parent of two nodes of a tree.
func HashPair(left, right *Hash) Hash {
	var b [64]byte
	copy(b[:32], left[:])
	copy(b[32:], right[:])
	return sha256.Sum256(b[:])
}

// HashRow writes the parents of the nodes in row to parents, which has half its length. Both have NodeSize bytes a node; they may
// begin at the same place.
func HashRow(parents, row []byte) {
	if count := len(row) / (2 * NodeSize); shaLanes && count > 0 {
		parents = parents[:count*NodeSize]
		hashNodes(&parents[0], &row[0], count)
		return
	}
	for i := 0; i < len(row); i += 2 * NodeSize {
		h := sha256.Sum256(row[i : i+2*NodeSize])
		copy(parents[i/2:], h[:])
	}
}

// Root returns the root over the leaves in row, a power of two of them, NodeSize bytes each. It overwrites row.
func Root(row []byte) Hash {
	for len(row) > NodeSize {
		HashRow(row[:len(row)/2], row)
		row = row[:len(row)/2]
	}
	return Hash(row)
}

// verifyPath tells whether a leaf with the given index leads to root through path, lowest sibling first.
func verifyPath(root, leaf Hash, index uint64, path []byte) bool {
	for len(path) > 0 {
		sibling := Hash(path[:32])
		if index&1 == 0 {
			leaf = HashPair(&leaf, &sibling)
		} else {
			leaf = HashPair(&sibling, &leaf)
		}
		index >>= 1
		path = path[32:]
	}
	return leaf == root
}

// Column holds the labels of one node in all layers, the first layer first.
type Column [Layers][NodeSize]byte

// Hash returns the leaf of the column tree: SHA-256 of the labels end to end.
func (c *Column) Hash() Hash {
	var b [Layers * NodeSize]byte
	for i := range c {
		copy(b[i*NodeSize:], c[i][:])
	}
	return sha256.Sum256(b[:])
}

// HashColumns writes leaves of the column tree to dst, NodeSize bytes each: those of as many nodes as fit. Each of the layers holds the
// labels of these nodes and is as long as dst.
func HashColumns(dst []byte, layers *[Layers][]byte) {
	var messages [2][padColumnSize]byte
	for i := range messages {
		pad(messages[i][:], columnSize)
	}
	gather := func(message, at int) {
		for layer, labels := range layers {
			*(*Hash)(messages[message][layer*NodeSize:]) = Hash(labels[at:])
		}
	}
	at := 0
	for ; at+2*NodeSize <= len(dst); at += 2 * NodeSize {
		gather(0, at)
		gather(1, at+NodeSize)
		*(*Hash)(dst[at:]), *(*Hash)(dst[at+NodeSize:]) = hashTwoPadded(messages[0][:], messages[1][:], columnSize)
	}
	if at < len(dst) {
		gather(0, at)
		*(*Hash)(dst[at:]) = hashPadded(messages[0][:], columnSize)
	}
}
