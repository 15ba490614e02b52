// Package store says what a block store is: the interface that everything in the data layer is written against.
// It serves sections 4.1 (compression and content addressing) and 4.3 (storage) of the specification paper.
//
// A store keeps encodings: envelopes as package envelope defines them, each of one block or of a pack of small ones,
// addressed by the BLAKE3-256 digest of the envelope bytes. From their tables it knows which blocks it has, and answers
// for a block by its digest, whatever encoding holds it. A block may lie in several encodings; a reader gets the first
// sound copy. Whether a digest names a block or an encoding is the caller's knowledge: the store looks it up in two
// separate indexes and never guesses from the bytes.
//
// Beside encodings a store keeps small metadata: pins, the index of manifests and layouts. A Batch changes both at
// once, atomically.
//
// The implementations are package pebblestore, on one local disk, package s3store, in a bucket of an object store, and
// package tierstore, on two other stores;
// package testutil/storetest holds the tests that any implementation must pass.
package store
