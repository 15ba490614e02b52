// Package s3store keeps encodings in a bucket of an S3-compatible object store: section 4.3 of the specification paper
// (storage engine). It implements store.Store, for operators who outgrow one disk.
//
// The bucket is sufficient by itself. A pebble index in a local folder answers for what is where; when the folder is lost
// the index is made again from the newest checkpoint and the journal behind it. Objects, below the prefix of the store;
// docs/spec/s3-store.md draws them:
//
//	store                                    names the store
//	lock                                     who has it open
//	segments/<number>                        envelopes, nothing between them
//	journal/<sequence number>                changes that were made together
//	checkpoint/<sequence number>/<part>      the index as it was after that entry of the journal
//	checkpoint/<sequence number>/head        written last: the checkpoint is complete
//
// # Changes
//
// One goroutine makes all changes. It applies batches to the local index, where they are visible at once, each with what
// undoes it, and collects their envelopes in segments in memory. A full segment is uploaded while the next one fills. A
// Durable change waits for the segments and then for one journal entry with every change since the entry before; that
// entry is the commit. Its key must not exist. Opening the index undoes what no entry confirms, so that the index is
// always at a state that the bucket has.
//
// A change whose upload fails is undone and reported. When it is not known whether a journal entry was written, its
// changes are kept and the same entry is written again before any other.
//
// # One node at a time
//
// The lock is an object that is written on condition of its entity tag, and again three times a lease. Another node takes
// it over when it was released, or when the server says that it was last written one and a half leases ago; a node that
// comes back with the same local folder, which it has locked, takes its own at once. The holder acknowledges a change
// only if, after the journal entry was written, less than a lease has passed since it began to write the lock. Opening
// writes an entry of its own to the journal, in whose place no former holder can write another.
//
// # Garbage
//
// Reclaim moves what is live out of segments that are mostly garbage, and out of small ones when there are many, records
// in the journal that they are dropped, and deletes them. Segments that a crash has left without an entry are deleted by
// the next opening.
package s3store
