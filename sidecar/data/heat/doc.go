// Package heat remembers which content is read often: the access patterns by which section 4.3 of the specification
// paper decides what stays in a cache and how it is encoded.
//
// A History counts accesses of digests. Each access counts one and is worth half after every half-life, so that the
// heat of a digest is about its accesses during the last half-life or two. It is bounded: beyond its capacity the
// coldest digests are forgotten.
//
// A saved history (all numbers big endian):
//
//	offset  size  field
//	0       1     version, 1
//	1       8     time of saving, unix milliseconds
//	9       4     number of records
//	13      36n   records, by ascending digest: digest (32), heat at the time of saving as IEEE 754 binary32 (4)
//
// docs/spec/heat.md says the same for readers of the disk.
package heat
