package commitment

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

const (
	// MaxLeafLength is the largest committed encoding, in bytes.
	MaxLeafLength = format.MaxEncodingSize
	// MaxLeaves is the largest number of leaves in one commitment.
	MaxLeaves = math.MaxUint32
	// maxPathLength is the largest number of digests in a Merkle path: the height of a tree of MaxLeaves leaves.
	maxPathLength = 32
)

const (
	leafTag  = 0x00
	innerTag = 0x01
	rootTag  = "ipdm/comm-d/v1"
)

// Leaf names one encoding in a commitment.
type Leaf struct {
	// Digest is the BLAKE3-256 of the encoding's bytes.
	Digest format.Digest
	// Offset is where the encoding begins, in bytes from the start of everything committed.
	Offset uint64
	// Length is the size of the encoding in bytes, 1 to MaxLeafLength.
	Length uint32
}

// End returns the offset of the byte after the leaf's last one.
func (l Leaf) End() uint64 { return l.Offset + uint64(l.Length) }

// covers tells whether the byte at offset lies in the leaf.
func (l Leaf) covers(offset uint64) bool {
	return offset >= l.Offset && offset-l.Offset < uint64(l.Length)
}

func checkLength(length uint32) error {
	if length == 0 || length > MaxLeafLength {
		return fmt.Errorf("%w: %d bytes, want 1 to %d", ErrLength, length, MaxLeafLength)
	}
	return nil
}

func hashLeaf(l Leaf) format.Digest {
	var b [1 + format.DigestSize + 8 + 4]byte
	b[0] = leafTag
	copy(b[1:], l.Digest[:])
	binary.LittleEndian.PutUint64(b[1+format.DigestSize:], l.Offset)
	binary.LittleEndian.PutUint32(b[1+format.DigestSize+8:], l.Length)
	return format.Sum(b[:])
}

func hashInner(left, right format.Digest) format.Digest {
	var b [1 + 2*format.DigestSize]byte
	b[0] = innerTag
	copy(b[1:], left[:])
	copy(b[1+format.DigestSize:], right[:])
	return format.Sum(b[:])
}

// hashRoot binds the root of the leaves to their number and the length of everything they name.
func hashRoot(leafCount, totalLength uint64, root format.Digest) format.Digest {
	var b [len(rootTag) + 8 + 8 + format.DigestSize]byte
	n := copy(b[:], rootTag)
	binary.LittleEndian.PutUint64(b[n:], leafCount)
	binary.LittleEndian.PutUint64(b[n+8:], totalLength)
	copy(b[n+16:], root[:])
	return format.Sum(b[:])
}
