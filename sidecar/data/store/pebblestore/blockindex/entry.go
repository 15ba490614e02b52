package blockindex

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

const (
	entrySize      = format.DigestSize + 8 + 2 + 1 + 1 + 4
	keySize        = format.DigestSize + 8
	pageSize       = 4096
	entriesPerPage = 85
	offPageCount   = entriesPerPage * entrySize
	offPageSum     = pageSize - 4
)

// ErrCorrupt reports files of the index that are damaged or missing.
var ErrCorrupt = errors.New("block index is damaged")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Entry is one copy of a block.
type Entry struct {
	Block    format.Digest
	Encoding uint64 // number of the encoding that holds it
	Position uint16 // in that encoding
	Codec    uint64
	Size     uint32 // length of the block in bytes
}

func (e *Entry) put(dst []byte) {
	copy(dst, e.Block[:])
	binary.BigEndian.PutUint64(dst[32:], e.Encoding)
	binary.BigEndian.PutUint16(dst[40:], e.Position)
	dst[42], dst[43] = byte(e.Codec), 0
	binary.BigEndian.PutUint32(dst[44:], e.Size)
}

func decodeEntry(b []byte) Entry {
	return Entry{
		Block:    format.Digest(b[:format.DigestSize]),
		Encoding: binary.BigEndian.Uint64(b[32:]),
		Position: binary.BigEndian.Uint16(b[40:]),
		Codec:    uint64(b[42]),
		Size:     binary.BigEndian.Uint32(b[44:]),
	}
}

// prefix returns the leading bits of a digest, by which everything is placed.
func prefix(digest []byte) uint64 { return binary.BigEndian.Uint64(digest) }

// sealPage completes a page that holds count entries.
func sealPage(page []byte, count int) {
	clear(page[count*entrySize:])
	binary.BigEndian.PutUint16(page[offPageCount:], uint16(count))
	binary.BigEndian.PutUint32(page[offPageSum:], crc32.Checksum(page[:offPageSum], castagnoli))
}

// checkPage returns the entries of a page, end to end. It fails with ErrCorrupt.
func checkPage(page []byte) ([]byte, error) {
	if binary.BigEndian.Uint32(page[offPageSum:]) != crc32.Checksum(page[:offPageSum], castagnoli) {
		return nil, fmt.Errorf("%w: checksum of a page differs", ErrCorrupt)
	}
	count := int(binary.BigEndian.Uint16(page[offPageCount:]))
	if count == 0 || count > entriesPerPage {
		return nil, fmt.Errorf("%w: page of %d entries", ErrCorrupt, count)
	}
	return page[:count*entrySize], nil
}
