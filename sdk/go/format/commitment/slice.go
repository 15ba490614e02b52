package commitment

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"lukechampine.com/blake3/bao"
	"lukechampine.com/blake3/guts"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

const (
	// ChunkSize is the number of bytes one opening shows, fewer at the end of an encoding: the chunk of BLAKE3.
	ChunkSize = guts.ChunkSize
	// sliceHeaderSize is the size of the length that a Bao slice begins with.
	sliceHeaderSize = 8
	// parentSize is the size of the two chaining values a Bao slice holds for each inner node.
	parentSize = 64
	// maxSliceSize is the size of a slice of an encoding of MaxLeafLength bytes: 11 inner nodes and a chunk.
	maxSliceSize = sliceHeaderSize + 11*parentSize + ChunkSize
)

// chunkCount returns the number of chunks in an encoding of length bytes.
func chunkCount(length uint32) uint32 { return (length + ChunkSize - 1) / ChunkSize }

// chunkRange returns where the chunk lies in an encoding of length bytes. It needs chunk < chunkCount(length).
func chunkRange(length uint32, chunk uint16) (offset, size uint32) {
	offset = uint32(chunk) * ChunkSize
	return offset, min(ChunkSize, length-offset)
}

// leftSize returns how many of length bytes, more than one chunk, lie in the left subtree of BLAKE3.
func leftSize(length uint32) uint32 { return 1 << (bits.Len32(length-1) - 1) }

// sliceSize returns the size of the Bao slice of one chunk. It needs chunk < chunkCount(length).
func sliceSize(length uint32, chunk uint16) int {
	target, size := uint32(chunk)*ChunkSize, sliceHeaderSize
	for length > ChunkSize {
		size += parentSize
		if left := leftSize(length); target < left {
			length = left
		} else {
			target -= left
			length -= left
		}
	}
	return size + int(length)
}

// makeSlice returns the Bao slice of one chunk of data, and the digest of data, hashing data once. It needs
// chunk < chunkCount(len(data)) and len(data) within MaxLeafLength.
func makeSlice(data []byte, chunk uint16) ([]byte, format.Digest) {
	slice := make([]byte, sliceSize(uint32(len(data)), chunk))
	binary.LittleEndian.PutUint64(slice, uint64(len(data)))
	h := slicer{target: uint32(chunk) * ChunkSize}
	root := h.walk(slice[sliceHeaderSize:], data, 0, guts.FlagRoot)
	var digest format.Digest
	putCV(digest[:], root)
	return slice, digest
}

// slicer hashes an encoding and keeps the nodes on the way to one chunk.
type slicer struct {
	target  uint32 // offset of the chunk wanted
	scratch [guts.MaxSIMD * guts.ChunkSize]byte
}

// walk writes the slice of the subtree data, which begins at offset and holds the chunk wanted, to out and returns the
// subtree's chaining value.
func (s *slicer) walk(out, data []byte, offset, flags uint32) [8]uint32 {
	if len(data) <= ChunkSize {
		copy(out, data)
		node := guts.CompressChunk(data, &guts.IV, uint64(offset/ChunkSize), 0)
		node.Flags |= flags
		return guts.ChainingValue(node)
	}
	left := leftSize(uint32(len(data)))
	var l, r [8]uint32
	if s.target < offset+left {
		l = s.walk(out[parentSize:], data[:left], offset, 0)
		r = s.hash(data[left:], offset+left)
	} else {
		l = s.hash(data[:left], offset)
		r = s.walk(out[parentSize:], data[left:], offset+left, 0)
	}
	putCV(out, l)
	putCV(out[parentSize/2:], r)
	return guts.ChainingValue(guts.ParentNode(l, r, &guts.IV, flags))
}

// hash returns the chaining value of the subtree data that begins at offset and is not the whole encoding.
func (s *slicer) hash(data []byte, offset uint32) [8]uint32 {
	counter := uint64(offset / ChunkSize)
	if len(data) > len(s.scratch) {
		left := leftSize(uint32(len(data)))
		l, r := s.hash(data[:left], offset), s.hash(data[left:], offset+left)
		return guts.ChainingValue(guts.ParentNode(l, r, &guts.IV, 0))
	}
	group := &s.scratch
	if len(data) == len(s.scratch) {
		group = (*[guts.MaxSIMD * guts.ChunkSize]byte)(data)
	} else {
		copy(s.scratch[:], data)
	}
	return guts.ChainingValue(guts.CompressBuffer(group, len(data), &guts.IV, counter, 0))
}

// putCV writes a chaining value to the first 32 bytes of dst.
func putCV(dst []byte, cv [8]uint32) {
	for i, word := range cv {
		binary.LittleEndian.PutUint32(dst[4*i:], word)
	}
}

// checkSlice checks what needs no hashing: the exact size, and the length in the header. That length is not
// authenticated by the slice - one of a chunk on the left of the tree verifies under many of them - so it must be the one
// the leaf commits to.
func checkSlice(leaf Leaf, chunk uint16, slice []byte) error {
	if uint32(chunk) >= chunkCount(leaf.Length) {
		return fmt.Errorf("%w: chunk %d of %d", ErrSlice, chunk, chunkCount(leaf.Length))
	}
	if want := sliceSize(leaf.Length, chunk); len(slice) != want {
		return fmt.Errorf("%w: %d bytes, want %d", ErrSlice, len(slice), want)
	}
	if header := binary.LittleEndian.Uint64(slice); header != uint64(leaf.Length) {
		return fmt.Errorf("%w: made for %d bytes, the leaf has %d", ErrSlice, header, leaf.Length)
	}
	return nil
}

// verifySlice checks that slice, having passed checkSlice, leads to the leaf's digest.
func verifySlice(leaf Leaf, chunk uint16, slice []byte) error {
	offset, size := chunkRange(leaf.Length, chunk)
	if _, ok := bao.VerifySlice(slice, 0, uint64(offset), uint64(size), leaf.Digest); !ok {
		return ErrSlice
	}
	return nil
}
