package format

import "github.com/ipfs/go-cid"

// Block is a block in plain form.
type Block struct {
	Codec  uint64 // Raw, DagPB or DagCBOR
	Digest Digest // BLAKE3-256 of Data
	Data   []byte // the plain bytes
}

// NewBlock hashes data and returns it as a block. It keeps data.
func NewBlock(codec uint64, data []byte) Block {
	return Block{Codec: codec, Digest: Sum(data), Data: data}
}

// CID returns the block CID.
func (b Block) CID() cid.Cid { return BlockCID(b.Codec, b.Digest) }
