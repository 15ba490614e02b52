package blake3lanes

import "encoding/binary"

const (
	// Lanes is how many messages are hashed at a time.
	Lanes = 8
	// BlockBytes is the length of what is compressed at a time.
	BlockBytes = 64
	// MaxBytes is the length of the longest message: one chunk.
	MaxBytes = 1 << 10
)

// Flags of a compression, from the BLAKE3 paper.
const (
	chunkStart = 1 << iota
	chunkEnd
	_
	root
)

var iv = [8]uint32{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}

// Blocks returns how many blocks a message of so many bytes has; the empty one has one too.
func Blocks(bytes int) int { return max(1, (bytes+BlockBytes-1)/BlockBytes) }

// Sum sets digests to the BLAKE3-256 digests of messages, which must be of the same number of Blocks, of at most MaxBytes.
// Available must be true.
func Sum(messages *[Lanes][]byte, digests *[Lanes]*[32]byte) {
	var chain [8][Lanes]uint32
	for word := range chain {
		for lane := range Lanes {
			chain[word][lane] = iv[word]
		}
	}
	var at [Lanes]*byte
	var lengths [Lanes]uint32
	for lane := range lengths {
		lengths[lane] = BlockBytes
	}
	flags := uint32(chunkStart)
	last := Blocks(len(messages[0])) - 1
	for block := range last {
		for lane := range at {
			at[lane] = &messages[lane][block*BlockBytes : (block+1)*BlockBytes][0]
		}
		compress(&chain, &at, &lengths, flags)
		flags = 0
	}
	var ends [Lanes][BlockBytes]byte
	for lane := range ends {
		lengths[lane] = uint32(copy(ends[lane][:], messages[lane][last*BlockBytes:]))
		at[lane] = &ends[lane][0]
	}
	compress(&chain, &at, &lengths, flags|chunkEnd|root)
	for lane, digest := range digests {
		for word := range chain {
			binary.LittleEndian.PutUint32(digest[4*word:], chain[word][lane])
		}
	}
}
