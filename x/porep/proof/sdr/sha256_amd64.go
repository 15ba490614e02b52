package sdr

import (
	"math/bits"
	"unsafe"

	"golang.org/x/sys/cpu"
)

// shaLanes tells whether the processor has the instructions that hash two messages at a time.
var shaLanes = cpu.X86.HasAVX && cpu.X86.HasSSSE3 && cpu.X86.HasSSE41 && hasSHA()

// roundKeys are the constants of the rounds: the first 32 bits of the fractions of the cube roots of the first 64 primes.
//
//nolint:unused // it is read in sha256_amd64.s
var roundKeys = [64]uint32{
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
//
//nolint:unused // it is read in sha256_amd64.s
var paddingKeys = func() (keys [64]uint32) {
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

func hasSHA() bool {
	const shaExtensions = 1 << 29 // EBX of leaf 7
	if highest, _, _, _ := cpuid(0, 0); highest < 7 {
		return false
	}
	_, features, _, _ := cpuid(7, 0)
	return features&shaExtensions != 0
}

func cpuid(leaf, subleaf uint32) (eax, ebx, ecx, edx uint32)

// hashBlocks hashes a padded message of at least one block.
//
//go:noescape
func hashBlocks(digest *[32]byte, message *byte, blocks int)

// hashTwoBlocks hashes two padded messages of as many blocks.
//
//go:noescape
func hashTwoBlocks(digest0, digest1 *[32]byte, message0, message1 *byte, blocks int)

// prefetchParents asks for the lines of the parents of labels, one label's after another's, in two layers with a label every stride bytes.
//
//go:noescape
func prefetchParents(current, previous unsafe.Pointer, stride uint64, parents *[Parents]uint32, labels int)

// hashNodes writes count parents of pairs of nodes in row to parents, which may begin where row does.
//
//go:noescape
func hashNodes(parents, row *byte, count int)
