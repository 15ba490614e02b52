package rows

import (
	"encoding/binary"
	"errors"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
)

// Size is the length of a row.
const Size = 1 + format.DigestSize + 4

// ErrExceed reports blocks that are longer than what holds them.
var ErrExceed = errors.New("blocks exceed the plain size")

// Append appends the rows of blocks.
func Append(dst []byte, entries []envelope.Entry) []byte {
	for _, e := range entries {
		dst = append(dst, byte(e.Codec))
		dst = append(dst, e.Digest[:]...)
		dst = binary.BigEndian.AppendUint32(dst, e.Size)
	}
	return dst
}

// Decode reads count rows, which b must have, of an encoding of the given plain size. It fails with ErrExceed and keeps no reference to b.
func Decode(b []byte, count int, plainBytes uint32) ([]envelope.Entry, error) {
	entries := make([]envelope.Entry, count)
	var offset uint32
	for i := range entries {
		row := b[i*Size:]
		e := envelope.Entry{
			Codec:  uint64(row[0]),
			Digest: format.Digest(row[1 : 1+format.DigestSize]),
			Offset: offset,
			Size:   binary.BigEndian.Uint32(row[1+format.DigestSize:]),
		}
		if e.Size > plainBytes-offset {
			return nil, ErrExceed
		}
		offset += e.Size
		entries[i] = e
	}
	return entries, nil
}
