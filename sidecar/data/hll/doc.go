// Package hll counts distinct things in little memory: the HyperLogLog of section 5.5 of the specification paper.
//
// A Sketch has 2^14 registers, each the longest run of leading zeros seen in the hashes (MurmurHash3, 64 bits) that belong
// to it. The standard error of an estimate is 0.8%. Estimates are O. Ertl's improved ones ("New cardinality estimation
// algorithms for HyperLogLog sketches", 2017), which need no correction for small numbers. Sketches of several nodes are
// merged into that of their union.
//
// In encoded form a sketch is either all registers, or only those that are not zero when they take less room, as three
// bytes each: two of the number of the register, big endian, ascending, and one of its value. There is one form for each
// sketch, and a decoder never allocates more than a sketch. Libraries at hand have forms that depend on the order of what
// was added, or decoders that trust lengths: they are not fit for what strangers send.
//
//	version (1) | 0 dense: 16384 registers | 1 sparse: entries
package hll
