package unixfs

import (
	"context"
	"fmt"

	"github.com/ipfs/go-cid"
)

// Getter returns the bytes of a block. It must have verified them against the CID, and the bytes must not change
// afterwards. Its errors are returned wrapped, so a caller can tell its own errors apart.
type Getter func(ctx context.Context, c cid.Cid) ([]byte, error)

// Load gets a block and decodes it: a raw block becomes a KindRaw node, a dag-pb block what DecodeNode makes of it.
// It fails with ErrUnsupported for other codecs, without fetching them.
func Load(ctx context.Context, get Getter, c cid.Cid) (*Node, error) {
	n, _, err := load(ctx, get, c)
	return n, err
}

// load is Load that returns the block as well.
func load(ctx context.Context, get Getter, c cid.Cid) (*Node, []byte, error) {
	if !c.Defined() {
		return nil, nil, unsupported("undefined CID")
	}
	codec := c.Prefix().Codec
	if codec != cid.Raw && codec != cid.DagProtobuf {
		return nil, nil, unsupported("block %s has codec 0x%x", c, codec)
	}
	block, err := get(ctx, c)
	if err != nil {
		return nil, nil, fmt.Errorf("failed to get block %s: %w", c, err)
	}
	if codec == cid.Raw {
		if len(block) > MaxNodeBytes {
			return nil, nil, invalid("raw block %s of %d bytes", c, len(block))
		}
		return &Node{Kind: KindRaw, Data: block, FileSizeBytes: uint64(len(block))}, block, nil
	}
	n, err := DecodeNode(block)
	if err != nil {
		return nil, nil, fmt.Errorf("failed to decode block %s: %w", c, err)
	}
	return n, block, nil
}
