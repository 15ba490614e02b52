// Package prefetch loads blocks into memory before they are asked for: sections 4.3 (caching) and 8.1 (response times) of
// the specification paper. A peer that reads block by block waits for the store at each; in a bucket, or on a hard disk,
// that is most of the time.
//
// Three guesses are made.
//
//   - What comes next: a Prefetcher is told of every block that is served. One that follows in the order of a manifest
//     on those before it has the next ones loaded. How far ahead grows while what was loaded is used, and shrinks when it
//     is displaced unused. The start of a root counts as such a block, blocks read here and there do not.
//   - What is opened next: after a root that another one has followed often, by the same reader, the first blocks of that
//     other one are loaded.
//   - What is read at all: after a start, WarmUp loads what was read most before.
//
// What is loaded for the first two lies in a Store, which is below the memory cache, until it is read for the first time
// or room is needed: the cache sees the read of a block that was asked for, and decides as ever whether it keeps it. So
// blocks that nobody reads displace nothing from the cache, are no accesses, and one that is read is there, whatever
// the cache thinks of its frequency. Encodings, which peers get by the data protocol, lie there as well; they are handed
// out by a Source only, so that whoever checks what is stored reads what is stored.
//
// docs/adr/0018-prefetch.md says why.
package prefetch
