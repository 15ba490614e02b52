// Package envelope is the stored and transmitted form of blocks: section 4.1 (compression) and section 5 of the
// specification paper. How a block is encoded never changes its block CID; the envelope has a CID of its own, the
// encoding CID, over its bytes.
//
// An envelope holds one block, or a pack: many small blocks laid end to end and compressed together. All integers are
// little endian:
//
//	offset size
//	0      4    magic "IPDE"
//	4      1    version, 1
//	5      1    algorithm: 0 none, 1 zstd, 2 s2, 3 bitpack, 4 rle
//	6      1    algorithm parameters: zstd and s2 the level 1..4, bitpack the shape of the integers, none and rle 0
//	7      1    flags: bit 0 = pack, the rest 0
//	8      1    codec of the single block (multicodec code), 0 in a pack
//	9      1    reserved, 0
//	10     2    number of blocks: 1, or 2..16384 in a pack
//	12     4    plain size: length of all blocks together, at most 1 MiB
//	16     32   BLAKE3-256 of the plain bytes (of a single block: its digest)
//	48     4    payload size
//	52     37*n pack table, in a pack only; for each block in payload order:
//	            codec (1), BLAKE3-256 of the block (32), size of the block (4)
//	...         payload, to the end of the envelope
//
// Rules beyond the picture: there is one way to write a given envelope header, and Parse refuses any other. Sizes in a
// pack table sum to the plain size. With algorithm none the payload size equals the plain size; with any other it is
// smaller. A zstd payload is one frame that states its content size (= plain size) and uses no dictionary; nothing
// larger than the plain size is ever written while it is decompressed. An s2 payload is one block, which states the plain
// size; those of bitpack and rle are described in the packages of those names. The largest possible envelope is
// 52 + 37*16384 + 2^20 bytes, below format.MaxEncodingSize.
//
// A pack may hold the same block twice and may hold empty blocks; neither is useful.
package envelope
