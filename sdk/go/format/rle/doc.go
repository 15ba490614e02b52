// Package rle stores runs of one byte as their length: section 4.1 of the specification paper.
//
// The form is a sequence of items, each with a varint v before it:
//
//	v even   v/2+1 bytes follow, as they are
//	v odd    one byte follows, which stands for v/2+4 of it
//
// It does not state its own length: a reader knows that of the plain bytes.
package rle
