package manifest

import (
	"fmt"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

const (
	// Version is the version written and the only one read.
	Version = 1
	// MaxBlockSize is the largest header or page in bytes.
	MaxBlockSize = 256 << 10
	// EntriesPerPage is the number of entries of every page but the last.
	EntriesPerPage = 6144
	// MaxEntries is the largest number of entries.
	MaxEntries = 1 << 24
	// MaxTags is the largest number of tags.
	MaxTags = 64
	// MaxTagSize is the largest length of a tag in bytes.
	MaxTagSize = 256
	// MaxContentTypeSize is the largest length of the content type in bytes.
	MaxContentTypeSize = 255
)

// MaxPages is the number of pages of the largest manifest.
const MaxPages = (MaxEntries + EntriesPerPage - 1) / EntriesPerPage

// Entry is one block of the content.
type Entry struct {
	Codec  uint64        // format.Raw or format.DagPB
	Digest format.Digest // BLAKE3-256 of the plain bytes
	Size   uint32        // length of the plain bytes
}

// CID returns the block CID of the entry.
func (e Entry) CID() cid.Cid { return format.BlockCID(e.Codec, e.Digest) }

func (e Entry) check() error {
	if !contentCodec(e.Codec) {
		return fmt.Errorf("%w: 0x%x", ErrCodec, e.Codec)
	}
	if e.Size > format.MaxBlockSize {
		return fmt.Errorf("%w: block of %d bytes", ErrTooLarge, e.Size)
	}
	return nil
}

// contentCodec tells whether blocks of the codec can be part of a UnixFS DAG.
func contentCodec(codec uint64) bool { return codec == format.Raw || codec == format.DagPB }
