package s3store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/internal/rows"
)

const (
	recordHeaderSize = 8 + 4 + 4 + 4 + 1 + format.DigestSize + 2
)

// errMalformed reports bytes that are no object or index value of this package.
var errMalformed = errors.New("malformed")

// record says where an envelope lies and what it holds. In binary, big endian:
//
//	segment 8 | offset 4 | length 4 | plain size 4 | algorithm 1 | encoding digest 32 | count 2
//	then for each block: codec 1 | digest 32 | size 4
type record struct {
	segment uint64
	offset  uint32
	length  uint32
	plain   uint32
	alg     envelope.Algorithm
	digest  format.Digest
	entries []envelope.Entry
}

func newRecord(e store.Checked, segment uint64, offset uint32) record {
	h := e.Header()
	return record{
		segment: segment,
		offset:  offset,
		length:  uint32(len(e.Bytes())),
		plain:   h.PlainSize,
		alg:     h.Algorithm,
		digest:  e.Digest(),
		entries: h.Entries,
	}
}

// at tells whether both records name the same place.
func (r record) at(o record) bool {
	return r.segment == o.segment && r.offset == o.offset && r.length == o.length
}

func (r record) encoding(damaged bool) store.Encoding {
	return store.Encoding{
		Digest: r.digest, LengthBytes: r.length, PlainBytes: r.plain, Algorithm: r.alg, Entries: r.entries, Damaged: damaged,
	}
}

func (r record) append(dst []byte) []byte {
	dst = slices.Grow(dst, recordHeaderSize+len(r.entries)*rows.Size)
	dst = binary.BigEndian.AppendUint64(dst, r.segment)
	dst = binary.BigEndian.AppendUint32(dst, r.offset)
	dst = binary.BigEndian.AppendUint32(dst, r.length)
	dst = binary.BigEndian.AppendUint32(dst, r.plain)
	dst = append(dst, byte(r.alg))
	dst = append(dst, r.digest[:]...)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(r.entries)))
	return rows.Append(dst, r.entries)
}

// decodeRecord reads the record that b begins with, keeps no reference to b and returns what follows.
func decodeRecord(b []byte) (r record, rest []byte, err error) {
	if len(b) < recordHeaderSize {
		return record{}, nil, fmt.Errorf("%w: record of %d bytes", errMalformed, len(b))
	}
	r = record{
		segment: binary.BigEndian.Uint64(b),
		offset:  binary.BigEndian.Uint32(b[8:]),
		length:  binary.BigEndian.Uint32(b[12:]),
		plain:   binary.BigEndian.Uint32(b[16:]),
		alg:     envelope.Algorithm(b[20]),
		digest:  format.Digest(b[21 : 21+format.DigestSize]),
	}
	count := int(binary.BigEndian.Uint16(b[21+format.DigestSize:]))
	table := b[recordHeaderSize:]
	switch {
	case r.length > format.MaxEncodingSize || r.plain > envelope.MaxPlainSize:
		return record{}, nil, fmt.Errorf("%w: record of length %d, plain size %d", errMalformed, r.length, r.plain)
	case count == 0 || count > envelope.MaxBlocks || len(table) < count*rows.Size:
		return record{}, nil, fmt.Errorf("%w: record of %d blocks in %d bytes", errMalformed, count, len(table))
	}
	if r.entries, err = rows.Decode(table, count, r.plain); err != nil {
		return record{}, nil, fmt.Errorf("%w: %w", errMalformed, err)
	}
	return r, table[count*rows.Size:], nil
}
