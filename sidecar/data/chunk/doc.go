// Package chunk cuts a stream of plain bytes into content-defined chunks, each of which becomes one block.
//
// It serves section 4.1 of the specification paper ("Chunking of large files using a rolling hash algorithm for
// efficient updates", "Deduplication at the chunk level"). The algorithm is FastCDC: a gear rolling hash over the
// last 64 bytes, no cut below a minimum length, a cut forced at a maximum, and two masks around the target length
// (normalised chunking) so that lengths gather around it. Where a cut falls depends on the bytes alone, so the same bytes
// always make the same blocks; see docs/adr/0003-chunker.md for why this chunker and these sizes. Cut positions decide
// block CIDs: the gear table, the masks and the default sizes are part of the wire format and are pinned by golden
// vectors.
package chunk
