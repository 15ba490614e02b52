// Package pebblestore keeps encodings on one local disk: section 4.3 of the specification paper (storage engine).
// It implements store.Store.
//
// Envelopes lie end to end in append-only segment files; a pebble database beside them holds which encodings there are
// and the metadata, and package blockindex finds blocks. An envelope is therefore written once, not once to a log and again at every compaction, and damage to a
// segment costs the envelopes in the damaged place and nothing else: such an encoding counts as absent until it is
// stored again.
//
//	<dir>/LOCK                    held while the store is open
//	<dir>/index/                  pebble
//	<dir>/blocks/                 the block index
//	<dir>/segments/00000001.seg   envelopes, nothing between them
//
// Keys of pebble's index, integers big endian:
//
//	'e' encoding digest (32) -> encoding number
//	'm' metadata key         -> metadata value
//	'n' encoding number (8)  -> record: where the envelope lies, and its blocks if there are at most 64
//	'v'                      -> version of the layout, 2
//
// A record version 1 names its blocks however many there are, and in a store without 'v' the blocks have keys of their
// own, 'b' block digest (32) encoding number (8). Opening such a store makes the block index and removes those keys.
//
// One goroutine makes all changes. It takes whatever batches are waiting, up to 4 MiB together, appends their
// envelopes to the segment, syncs it, and then commits one pebble batch: concurrent writers share both syncs, and the
// index never names bytes that a power failure could take away. The block index has no log of its own: it is told of an
// encoding after the commit and writes what it was told from time to time; the rest it is told again by the next
// opening, from the records and from the tables in the envelopes. Numbers are never given twice, so what it knows of an
// encoding that is gone means nothing. Every opening of the store begins a new segment, so a
// torn tail is never written behind. All envelopes of a commit are written at once, and where the system allows it past
// its page cache: all but the two ends that fill no page of the file. Reclaim copies what is still live out of segments that are mostly garbage and
// deletes them.
//
// Decoded packs stay in memory, up to a limit, and a block of one is returned without looking into any index.
//
// Segment files are opened for each read and closed again, so a store of any size needs few file descriptors.
package pebblestore
