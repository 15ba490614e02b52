// Package bloom tells what is certainly not in a set: the Bloom filters of section 5.4 of the specification paper.
//
// A Cascade is a row of filters. When the last one has as many items as it is made for, one of twice the size is added,
// whose rate of false positives is half as high, so that the rates of all of them add up to less than the one asked for.
// An item is looked for in each.
//
// The bits of an item are h1 + i*h2 + (i*i*i-i)/6 for i = 0, 1, ..., modulo the bits of the filter, where h1 and h2 are
// the halves of its MurmurHash3 of 128 bits. In encoded form, big endian but for the words of bits, which are little
// endian:
//
//	version (1) | filters (1 byte)
//	each filter: hashes (1) | items (4) | words (4) | words of 64 bits
//
// A decoder checks the lengths against what is there before it allocates. Libraries at hand allocate what a length says,
// and have no cascades.
package bloom
