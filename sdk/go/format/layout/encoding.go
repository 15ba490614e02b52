package layout

import (
	"fmt"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
)

const (
	// Version is the version written and the only one read.
	Version = 1
	// MaxBlockSize is the largest header or page in bytes.
	MaxBlockSize = 256 << 10
	// MaxIndices is the largest number of blocks a layout covers: all entries, the header and all pages of the largest
	// manifest. As each encoding stands for a block of its own, it bounds the number of encodings too.
	MaxIndices = manifest.MaxEntries + 1 + manifest.MaxPages
	// MinLength is the smallest length of an encoding in bytes.
	MinLength = envelope.HeaderSize
	// MaxLength is the largest length of an encoding in bytes.
	MaxLength = format.MaxEncodingSize
)

// maxPages bounds the number of pages so that the header stays below MaxBlockSize. The largest layout has fewer.
const maxPages = 6000

// Encoding is one envelope of a layout.
type Encoding struct {
	Digest    format.Digest      // BLAKE3-256 of the envelope's bytes
	Offset    uint64             // sum of the lengths of the encodings before it, in bytes
	Length    uint32             // length of the envelope in bytes
	Algorithm envelope.Algorithm // how it is compressed
	Blocks    []uint32           // indices of the blocks it stands for, ascending
}

// CID returns the encoding CID.
func (e Encoding) CID() cid.Cid { return format.EncodingCID(e.Digest) }

// Leaf returns the leaf that stands for the encoding in the commitment.
func (e Encoding) Leaf() commitment.Leaf {
	return commitment.Leaf{Digest: e.Digest, Offset: e.Offset, Length: e.Length}
}

// check validates everything but the offset.
func (e Encoding) check() error {
	switch {
	case e.Length < MinLength || e.Length > MaxLength:
		return fmt.Errorf("%w: encoding of %d bytes", ErrTooLarge, e.Length)
	case !e.Algorithm.Known():
		return fmt.Errorf("%w: %s", ErrAlgorithm, e.Algorithm)
	case len(e.Blocks) == 0:
		return ErrNoBlocks
	case len(e.Blocks) > envelope.MaxBlocks:
		return fmt.Errorf("%w: encoding of %d blocks", ErrTooLarge, len(e.Blocks))
	}
	for i, block := range e.Blocks {
		if block >= MaxIndices {
			return fmt.Errorf("%w: %d", ErrIndex, block)
		}
		if i > 0 && e.Blocks[i-1] >= block {
			return fmt.Errorf("%w: block %d after block %d", ErrOrder, block, e.Blocks[i-1])
		}
	}
	return nil
}
