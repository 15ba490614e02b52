// Package heat remembers which content is read often: the access patterns by which section 4.3 of the specification
// paper decides what stays in a cache and how it is encoded.
//
// A History counts accesses of digests. Each access counts one and is worth half after every half-life, so that the
// heat of a digest is about its accesses during the last half-life or two. It is bounded: beyond its capacity the
// coldest digests are forgotten.
//
// Successors counts which root is opened after which, by the same reader, with the same decay and a bound of its own: what
// a reader is likely to open next.
//
// A saved history (all numbers big endian):
//
//	offset  size  field
//	0       1     version, 1
//	1       8     time of saving, unix milliseconds
//	9       4     number of records
//	13      36n   records, by ascending digest: digest (32), heat at the time of saving as IEEE 754 binary32 (4)
//
// A saved table of successors:
//
//	offset  size  field
//	0       1     version, 1
//	1       8     time of saving, unix milliseconds
//	9       4     number of roots
//	13            roots, by ascending digest: digest (32), openings (binary32, 4), number m of followers (1), at most 8,
//	              m followers by ascending digest: digest (32), count (binary32, 4)
//
// docs/spec/heat.md says the same for readers of the disk.
package heat
