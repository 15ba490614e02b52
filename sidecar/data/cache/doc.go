// Package cache keeps blocks in memory in front of a store: the first tier of section 4.3 of the specification paper
// (caching), for the response times of section 8.1.
//
// A Store answers Open from memory when it can, by one lookup in a table that readers do not lock, and otherwise from
// the store below, which verifies what it reads. What is read is a candidate: it stays if it is read more often than
// what it would displace (W-TinyLFU), so a scan of large content does not flush small content in daily use. Only the
// block that was asked for is a candidate, not what else lies in its pack.
//
// Everything but Open is answered by the store below, so Has, Stat and Locate tell the truth about the disk. A block
// stays readable while its last copy on disk turns out damaged, and is forgotten when an encoding that holds it is
// deleted: what is deleted cannot be read from memory either.
package cache
