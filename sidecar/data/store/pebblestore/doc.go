// Package pebblestore keeps encodings on one local disk: section 4.3 of the specification paper (storage engine).
// It implements store.Store.
//
// Envelopes lie end to end in append-only segment files; a pebble database beside them holds only the indexes and the
// metadata. An envelope is therefore written once, not once to a log and again at every compaction, and damage to a
// segment costs the envelopes in the damaged place and nothing else: such an encoding counts as absent until it is
// stored again.
//
//	<dir>/LOCK                    held while the store is open
//	<dir>/index/                  pebble
//	<dir>/segments/00000001.seg   envelopes, nothing between them
//
// Keys of the index, integers big endian:
//
//	'b' block digest (32) encoding number (8) -> codec, position in the encoding, size
//	'e' encoding digest (32)                  -> encoding number
//	'm' metadata key                          -> metadata value
//	'n' encoding number (8)                   -> record: where the envelope lies, and its table of blocks
//
// One goroutine makes all changes. It takes whatever batches are waiting, up to 4 MiB together, appends their
// envelopes to the segment, syncs it, and then commits one pebble batch: concurrent writers share both syncs, and the
// index never names bytes that a power failure could take away. Every opening of the store begins a new segment, so a
// torn tail is never written behind. Reclaim copies what is still live out of segments that are mostly garbage and
// deletes them.
//
// Segment files are opened for each read and closed again, so a store of any size needs few file descriptors.
package pebblestore
