// Package bitpack stores series of integers in as many bits as they need: section 4.1 of the specification paper.
//
// A Shape says how the bytes are read: as integers of 1, 2, 4 or 8 bytes, of either byte order, from some byte of the
// series on (a chunk cut from a longer series begins anywhere in an integer), as they are or as differences of each to
// the one before. The packed form is
//
//	head     the bytes before the first whole integer, as they are: 0..7
//	first    the first integer, as it is; with differences only, and if there is one
//	frames   256 integers each, the last one fewer:
//	           bits (1)      0 .. 8 times the width
//	           base (width)  little endian; what was subtracted from each integer
//	           values        n times bits, the lowest bit first, zeros up to a whole byte
//	tail     the bytes behind the last whole integer, as they are: 0..7
//
// Subtraction and differences wrap around, so that signed and unsigned integers are decoded alike: only the writer looks
// for the base that leaves the fewest bits.
//
// The packed form does not state its own length: a reader knows that of the plain bytes.
package bitpack
