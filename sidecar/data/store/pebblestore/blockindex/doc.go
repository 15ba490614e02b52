// Package blockindex finds blocks by their digest: section 4.3 of the specification paper (storage engine).
//
// It maps the digest of a block to the copies of it: number of the encoding that holds it, position there, codec and
// size. Digests are spread evenly, so that nothing has to be compared until the very end: new entries go to a hash table
// in memory, full tables are sorted by their leading bits and written as runs, and a run is searched by reading the one
// page that can hold a digest. Filters in memory tell runs that cannot. Runs of like size are merged in the background.
//
// Whoever keeps encodings owns the truth: the index has no log. It says up to which encoding its runs are complete
// (Covered), and the owner adds the entries of later ones again when it opens it. An encoding that is deleted leaves its
// entries behind until they are merged away, so the owner passes over encodings that it does not have.
//
//	MANIFEST                  which runs there are; replaced as a whole
//	0000000000000001.run      a run; never changed
//
// Integers are big endian. A run is
//
//	pages   4,096 bytes each: 85 entries by rising digest and encoding | count 2 | zeros 10 | CRC-32C of the rest 4
//	entry   digest 32 | encoding 8 | position 2 | codec 1 | zero 1 | size 4
//	filter  blocks of 64 bytes: a Bloom filter, six bits of one block for each entry; blocks go by digest
//	fences  8 bytes for each page: how its first digest begins
//	footer  "IPDX" | version 1 | zeros 3 | entries 8 | filter blocks 8 | CRC-32C of filter and fences 4 | of the footer 4
//
// and the manifest
//
//	"IPDI" | version 1 | zeros 3 | covered 8 | count 4 | for each run, oldest first: number 8, entries 8 | CRC-32C 4
package blockindex
