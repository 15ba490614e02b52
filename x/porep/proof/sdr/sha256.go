package sdr

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// blockSize is the size of a block of SHA-256 in bytes.
const blockSize = sha256.BlockSize

// padded returns how many bytes a message of size bytes has with its padding.
func padded(size int) int { return (size + 1 + 8 + blockSize - 1) / blockSize * blockSize }

// pad writes the padding of a message of size bytes behind it. The slice has padded(size) bytes.
func pad(message []byte, size int) {
	clear(message[size:])
	message[size] = 0x80
	binary.BigEndian.PutUint64(message[len(message)-8:], uint64(size)*8)
}

// roundKeys are the constants of the rounds: the first 32 bits of the fractions of the cube roots of the first 64 primes.
var roundKeys = [64]uint32{ //nolint:unused // the assembly reads it
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
}

// paddingKeys are the constants and the words of the block that pads a message of one block, added.
var paddingKeys = func() (keys [64]uint32) { //nolint:unused // the assembly reads it
	var words [64]uint32
	words[0], words[15] = 1<<31, 8*blockSize
	for i := range words {
		if i >= 16 {
			a, b := words[i-15], words[i-2]
			words[i] = words[i-16] + words[i-7] +
				(bits.RotateLeft32(a, -7) ^ bits.RotateLeft32(a, -18) ^ a>>3) + (bits.RotateLeft32(b, -17) ^ bits.RotateLeft32(b, -19) ^ b>>10)
		}
		keys[i] = roundKeys[i] + words[i]
	}
	return keys
}()

// hashPadded returns the digest of a message of size bytes, which has its padding behind it.
func hashPadded(message []byte, size int) (digest Hash) {
	if !shaLanes {
		return sha256.Sum256(message[:size])
	}
	message = message[:padded(size)]
	hashBlocks(&digest, &message[0], len(message)/blockSize)
	return digest
}

// hashTwoPadded returns the digests of two messages of size bytes, which have their padding behind them. Where the processor can, it
// hashes both in little more than the time of one.
func hashTwoPadded(message0, message1 []byte, size int) (digest0, digest1 Hash) {
	if !shaLanes {
		return sha256.Sum256(message0[:size]), sha256.Sum256(message1[:size])
	}
	message0, message1 = message0[:padded(size)], message1[:padded(size)]
	hashTwoBlocks(&digest0, &digest1, &message0[0], &message1[0], len(message0)/blockSize)
	return digest0, digest1
}

// lookahead holds addresses that will be read soon. They are not references: nothing is read through them.
type lookahead [2 * labelMessageSize / blockSize]uintptr

// hashLabel returns the digest of the input of a label with its padding. Meanwhile what is at the addresses is brought near.
func hashLabel(input *[labelMessageSize]byte, ahead *lookahead) (digest Hash) {
	if !shaLanes {
		return sha256.Sum256(input[:labelInputSize])
	}
	hashLabelBlocks(&digest, input, ahead)
	return digest
}

// hashTwoLabels is hashLabel for two labels at a time.
func hashTwoLabels(input0, input1 *[labelMessageSize]byte, ahead0, ahead1 *lookahead) (digest0, digest1 Hash) {
	if !shaLanes {
		return sha256.Sum256(input0[:labelInputSize]), sha256.Sum256(input1[:labelInputSize])
	}
	hashTwoLabelBlocks(&digest0, &digest1, input0, input1, ahead0, ahead1)
	return digest0, digest1
}
