package sdr

import (
	"crypto/sha256"
	"encoding/binary"
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
