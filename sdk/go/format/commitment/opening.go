package commitment

import (
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// Opening shows one chunk of the bytes under a commitment. There is exactly one valid opening for each chunk.
type Opening struct {
	// LeafProof leads from the encoding that holds the chunk to the commitment.
	LeafProof
	// Chunk is the position of the chunk in the encoding, in units of ChunkSize.
	Chunk uint16
	// Slice is the Bao slice (chunk group size 1 KiB) of that chunk: it holds the chunk's bytes and leads from them
	// to the leaf's digest.
	Slice []byte
}

// Open makes the opening of chunk chunkIndex of leaf leafIndex from the bytes of that encoding. It hashes them once. It
// fails with ErrIndex when there is no such leaf or chunk, and with ErrEncoding when the bytes are not the ones the
// leaf names.
func Open(tree *Tree, leafIndex uint32, chunkIndex uint16, encoding []byte) (*Opening, error) {
	proof, err := tree.Prove(leafIndex)
	if err != nil {
		return nil, fmt.Errorf("failed to open leaf: %w", err)
	}
	if uint64(len(encoding)) != uint64(proof.Leaf.Length) {
		return nil, fmt.Errorf("%w: %d bytes, want %d", ErrEncoding, len(encoding), proof.Leaf.Length)
	}
	if n := chunkCount(proof.Leaf.Length); uint32(chunkIndex) >= n {
		return nil, fmt.Errorf("failed to open leaf %d: %w: chunk %d of %d", leafIndex, ErrIndex, chunkIndex, n)
	}
	slice, digest := makeSlice(encoding, chunkIndex)
	if digest != proof.Leaf.Digest {
		return nil, fmt.Errorf("%w: digest %s, want %s", ErrEncoding, digest, proof.Leaf.Digest)
	}
	return &Opening{LeafProof: *proof, Chunk: chunkIndex, Slice: slice}, nil
}

// Verify checks that o shows the chunk with the byte at offset under the commitment commD over totalLength bytes. It
// fails with ErrOffset when o is of another place or offset is not below totalLength, ErrLength when a length cannot be
// right, ErrPath when the leaf does not belong to commD, ErrSlice when the chunk does not belong to the leaf, and
// ErrMalformed when o is nil.
func Verify(commD format.Digest, totalLength, offset uint64, o *Opening) error {
	if o == nil {
		return fmt.Errorf("%w: no opening", ErrMalformed)
	}
	if offset >= totalLength {
		return fmt.Errorf("%w: %d of %d bytes", ErrOffset, offset, totalLength)
	}
	if err := o.checkPlace(totalLength); err != nil {
		return err
	}
	if !o.Leaf.covers(offset) {
		return fmt.Errorf("%w: leaf holds %d to %d, not %d", ErrOffset, o.Leaf.Offset, o.Leaf.End(), offset)
	}
	if want := (offset - o.Leaf.Offset) / ChunkSize; uint64(o.Chunk) != want {
		return fmt.Errorf("%w: chunk %d of the leaf, want %d", ErrOffset, o.Chunk, want)
	}
	if err := checkSlice(o.Leaf, o.Chunk, o.Slice); err != nil {
		return err
	}
	if err := VerifyLeaf(commD, totalLength, &o.LeafProof); err != nil {
		return err
	}
	return verifySlice(o.Leaf, o.Chunk, o.Slice)
}

// Data returns the bytes the opening shows, and where they lie under the commitment. They mean something only once Verify
// has succeeded. The result aliases the opening; it is nil when the slice cannot be one of the chunk.
func (o *Opening) Data() (data []byte, offset uint64) {
	if checkLength(o.Leaf.Length) != nil || checkSlice(o.Leaf, o.Chunk, o.Slice) != nil {
		return nil, 0
	}
	start, size := chunkRange(o.Leaf.Length, o.Chunk)
	return o.Slice[len(o.Slice)-int(size):], o.Leaf.Offset + uint64(start)
}
