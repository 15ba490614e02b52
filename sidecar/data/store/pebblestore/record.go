package pebblestore

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/internal/rows"
)

const (
	recordVersion = 2
	// recordVersionRows is that of a former layout, in which records had the rows of all encodings.
	recordVersionRows = 1
	// inlineRows is how many blocks an encoding may have for its record to name them. A pack's own table is as good.
	inlineRows       = 64
	recordHeaderSize = 1 + 4 + 8 + 4 + 4 + 1 + format.DigestSize + 2
)

var errRecord = errors.New("malformed index record")

// record says where an envelope lies and what it holds. In binary, big endian:
//
//	version 1 | segment 4 | offset 8 | length 4 | plain size 4 | algorithm 1 | encoding digest 32 | count 2
//	then, if there are at most 64, for each block: codec 1 | digest 32 | size 4
type record struct {
	segment uint32
	offset  uint64
	length  uint32
	plain   uint32
	alg     envelope.Algorithm
	digest  format.Digest
	count   int              // of blocks
	entries []envelope.Entry // the blocks; nil in a record that does not name them
}

func newRecord(e store.Checked, segment uint32, offset uint64) record {
	h := e.Header()
	return record{
		segment: segment,
		offset:  offset,
		length:  uint32(len(e.Bytes())),
		plain:   h.PlainSize,
		alg:     h.Algorithm,
		digest:  e.Digest(),
		count:   len(h.Entries),
		entries: h.Entries,
	}
}

// at tells whether both records name the same place.
func (r record) at(o record) bool {
	return r.segment == o.segment && r.offset == o.offset && r.length == o.length
}

func (r record) append(dst []byte) []byte {
	dst = append(dst, recordVersion)
	dst = binary.BigEndian.AppendUint32(dst, r.segment)
	dst = binary.BigEndian.AppendUint64(dst, r.offset)
	dst = binary.BigEndian.AppendUint32(dst, r.length)
	dst = binary.BigEndian.AppendUint32(dst, r.plain)
	dst = append(dst, byte(r.alg))
	dst = append(dst, r.digest[:]...)
	dst = binary.BigEndian.AppendUint16(dst, uint16(r.count))
	if r.count > inlineRows {
		return dst
	}
	return rows.Append(dst, r.entries)
}

// decodeRecord reads a record, all of b, and keeps no reference to it.
func decodeRecord(b []byte) (record, error) {
	if len(b) < recordHeaderSize || b[0] != recordVersion && b[0] != recordVersionRows {
		return record{}, fmt.Errorf("%w: no header", errRecord)
	}
	r := record{
		segment: binary.BigEndian.Uint32(b[1:]),
		offset:  binary.BigEndian.Uint64(b[5:]),
		length:  binary.BigEndian.Uint32(b[13:]),
		plain:   binary.BigEndian.Uint32(b[17:]),
		alg:     envelope.Algorithm(b[21]),
		digest:  format.Digest(b[22 : 22+format.DigestSize]),
	}
	r.count = int(binary.BigEndian.Uint16(b[22+format.DigestSize:]))
	table := b[recordHeaderSize:]
	named := r.count
	if b[0] == recordVersion && r.count > inlineRows {
		named = 0
	}
	switch {
	case r.length > format.MaxEncodingSize || r.plain > envelope.MaxPlainSize:
		return record{}, fmt.Errorf("%w: length %d, plain size %d", errRecord, r.length, r.plain)
	case r.offset > 1<<62:
		return record{}, fmt.Errorf("%w: offset %d", errRecord, r.offset)
	case r.count == 0 || r.count > envelope.MaxBlocks || len(table) != named*rows.Size:
		return record{}, fmt.Errorf("%w: %d blocks in %d bytes", errRecord, r.count, len(table))
	case named == 0:
		return r, nil
	}
	var err error
	if r.entries, err = rows.Decode(table, named, r.plain); err != nil {
		return record{}, fmt.Errorf("%w: %w", errRecord, err)
	}
	return r, nil
}
