package s3store

import (
	"encoding/binary"
	"fmt"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// changeKind says what a change does.
type changeKind uint8

const (
	changeAdd     changeKind = iota + 1 // encoding number 8 | record
	changeDelete                        // encoding number 8
	changeMove                          // encoding number 8 | segment 8 | offset 4
	changeSetMeta                       // key length 2 | key | value length 4 | value
	changeUnset                         // key length 2 | key
	changeSegment                       // segment 8 | length 8: the segment is complete
	changeDrop                          // segment 8: the segment is to be deleted
)

// change is one step from one state of the index to the next. In binary, big endian, its kind in one byte is followed by
// the fields that are named at the kinds above.
type change struct {
	kind    changeKind
	number  uint64 // of an encoding
	rec     record // of changeAdd
	segment uint64 // of changeMove, changeSegment and changeDrop
	offset  uint32 // of changeMove
	length  uint64 // of changeSegment
	key     []byte // of changeSetMeta and changeUnset
	value   []byte // of changeSetMeta
}

func (c change) append(dst []byte) []byte {
	dst = append(dst, byte(c.kind))
	switch c.kind {
	case changeAdd:
		dst = c.rec.append(binary.BigEndian.AppendUint64(dst, c.number))
	case changeDelete:
		dst = binary.BigEndian.AppendUint64(dst, c.number)
	case changeMove:
		dst = binary.BigEndian.AppendUint64(dst, c.number)
		dst = binary.BigEndian.AppendUint64(dst, c.segment)
		dst = binary.BigEndian.AppendUint32(dst, c.offset)
	case changeSetMeta:
		dst = append(binary.BigEndian.AppendUint16(dst, uint16(len(c.key))), c.key...)
		dst = append(binary.BigEndian.AppendUint32(dst, uint32(len(c.value))), c.value...)
	case changeUnset:
		dst = append(binary.BigEndian.AppendUint16(dst, uint16(len(c.key))), c.key...)
	case changeSegment:
		dst = binary.BigEndian.AppendUint64(dst, c.segment)
		dst = binary.BigEndian.AppendUint64(dst, c.length)
	case changeDrop:
		dst = binary.BigEndian.AppendUint64(dst, c.segment)
	}
	return dst
}

// decodeChange reads the change that b begins with and returns what follows. Keys and values are parts of b.
func decodeChange(b []byte) (c change, rest []byte, err error) {
	r := fields{rest: b}
	c.kind = changeKind(r.uint8())
	switch c.kind {
	case changeAdd:
		c.number = r.uint64()
		if r.err == nil {
			c.rec, r.rest, r.err = decodeRecord(r.rest)
		}
	case changeDelete:
		c.number = r.uint64()
	case changeMove:
		c.number, c.segment, c.offset = r.uint64(), r.uint64(), r.uint32()
	case changeSetMeta:
		c.key = r.bytes(int(r.uint16()), 1, store.MaxMetaKeyBytes)
		c.value = r.bytes(int(r.uint32()), 0, store.MaxMetaValueBytes)
	case changeUnset:
		c.key = r.bytes(int(r.uint16()), 1, store.MaxMetaKeyBytes)
	case changeSegment:
		c.segment, c.length = r.uint64(), r.uint64()
	case changeDrop:
		c.segment = r.uint64()
	default:
		return change{}, nil, fmt.Errorf("%w: change of kind %d", errMalformed, c.kind)
	}
	if r.err != nil {
		return change{}, nil, fmt.Errorf("failed to read change of kind %d: %w", c.kind, r.err)
	}
	return c, r.rest, nil
}

// fields takes fields off the front of bytes. After an error everything is zero.
type fields struct {
	rest []byte
	err  error
}

func (f *fields) take(n int) []byte {
	if f.err == nil && len(f.rest) < n {
		f.err = fmt.Errorf("%w: ends early", errMalformed)
	}
	if f.err != nil {
		return nil
	}
	b := f.rest[:n:n]
	f.rest = f.rest[n:]
	return b
}

func (f *fields) uint8() uint8 {
	if b := f.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (f *fields) uint16() uint16 {
	if b := f.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (f *fields) uint32() uint32 {
	if b := f.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (f *fields) uint64() uint64 {
	if b := f.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// bytes takes n bytes, which must be between least and most.
func (f *fields) bytes(n, least, most int) []byte {
	if f.err == nil && (n < least || n > most) {
		f.err = fmt.Errorf("%w: field of %d bytes", errMalformed, n)
	}
	return f.take(n)
}

// end fails if anything is left.
func (f *fields) end() error {
	if f.err == nil && len(f.rest) > 0 {
		return fmt.Errorf("%w: %d bytes too many", errMalformed, len(f.rest))
	}
	return f.err
}
