// Package blake3lanes hashes with BLAKE3 many messages, or many chunks of one, side by side (section 8.1 of the specification
// paper: speed). Everything that a node stores, sends or proves is hashed, from leaves of trees of some 70 bytes to encodings
// of 2 MiB. Where the processor has AVX2 eight lanes are compressed at a time, with AVX-512 sixteen: then the package is Wide,
// and hashes long messages in less time than github.com/zeebo/blake3. Elsewhere it is not Available.
package blake3lanes
