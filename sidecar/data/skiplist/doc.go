// Package skiplist has an ordered set in memory for range queries: the skip list of section 5.3 of the specification
// paper.
//
// Readers never wait. An insert links a key with a compare-and-swap at each level, the lowest first; from then on the key
// is in the set. A delete marks the links of a key, the lowest last; from then on the key is out of the set, and whoever
// comes along unlinks it. A link is marked by putting a marker node between a node and its successor, so that whoever
// wants to insert behind a deleted node finds its compare-and-swap refused:
//
//	level 1  head ---------> b ------------------> d
//	level 0  head --> a ---> b --> marker --> c -> d      b is deleted, and unlinked by the next search
//
// A quarter of the nodes of one level reach the next one.
package skiplist
