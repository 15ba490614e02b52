package envelope

import (
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/bitpack"
)

// Algorithm says how a payload is compressed.
type Algorithm uint8

// The algorithms of the format.
const (
	None    Algorithm = 0
	Zstd    Algorithm = 1
	S2      Algorithm = 2
	Bitpack Algorithm = 3
	RLE     Algorithm = 4
)

// String returns the name of the algorithm.
func (a Algorithm) String() string {
	switch a {
	case None:
		return "none"
	case Zstd:
		return "zstd"
	case S2:
		return "s2"
	case Bitpack:
		return "bitpack"
	case RLE:
		return "rle"
	}
	return fmt.Sprintf("algorithm(%d)", uint8(a))
}

// Known tells whether a is one of the algorithms of the format.
func (a Algorithm) Known() bool { return a <= RLE }

// checkParams tells whether the parameters are some of the algorithm's: the level of zstd and s2, the shape of the
// integers of bitpack, 0 of the others. It fails with ErrParams.
func (a Algorithm) checkParams(params int) error {
	switch a {
	case Zstd, S2:
		if params < LevelFastest || params > LevelBest {
			return fmt.Errorf("%w: level %d", ErrParams, params)
		}
	case Bitpack:
		if params < 0 || params > 0xff {
			return fmt.Errorf("%w: %d", ErrParams, params)
		}
		if _, err := bitpack.ParseShape(byte(params)); err != nil {
			return fmt.Errorf("%w: %w", ErrParams, err)
		}
	default:
		if params != 0 {
			return fmt.Errorf("%w: %d with %s", ErrParams, params, a)
		}
	}
	return nil
}

// ParseAlgorithm returns the algorithm with the given name.
func ParseAlgorithm(name string) (Algorithm, error) {
	for a := None; a.Known(); a++ {
		if a.String() == name {
			return a, nil
		}
	}
	return None, fmt.Errorf("%w: %q", ErrAlgorithm, name)
}

// Compression levels, for zstd and s2.
const (
	LevelFastest = 1
	LevelDefault = 2
	LevelBetter  = 3
	LevelBest    = 4
)

const (
	// Version is the version Encode writes and the only one Parse reads.
	Version = 1
	// HeaderSize is the length of the fixed header in bytes.
	HeaderSize = 52
	// EntrySize is the length of one row of the pack table in bytes.
	EntrySize = 37
	// MaxBlocks is the largest number of blocks in a pack.
	MaxBlocks = 1 << 14
	// MaxPlainSize is the largest length in bytes of all blocks of an envelope together.
	MaxPlainSize = format.MaxBlockSize
)

// Offsets of the fixed header.
const (
	offVersion   = 4
	offAlgorithm = 5
	offParams    = 6
	offFlags     = 7
	offCodec     = 8
	offReserved  = 9
	offCount     = 10
	offPlainSize = 12
	offDigest    = 16
	offPayload   = 48
)

// Magic is what every envelope begins with.
const Magic = "IPDE"

const flagPack = 1

// Block is one block to encode: its codec, the digest of its plain bytes, and those bytes.
type Block = format.Block

// Entry is one block of a parsed envelope.
type Entry struct {
	Codec  uint64        // format.Raw, format.DagPB or format.DagCBOR
	Digest format.Digest // BLAKE3-256 of the block's plain bytes
	Offset uint32        // where the block begins in the envelope's plain bytes
	Size   uint32        // length of the block in bytes
}

// EncodingDigest returns the digest of a whole envelope: what its encoding CID is made of.
func EncodingDigest(env []byte) format.Digest {
	return format.Sum(env)
}
