package query

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
)

const (
	cursorVersion = 1
	// MaxCursorBytes is the longest cursor.
	MaxCursorBytes = 3 + maxCursorText + format.DigestSize
	// maxCursorText is the longest content type or owner.
	maxCursorText = manifest.MaxContentTypeSize
	descendingBit = 0x80
)

// Cursor is a place in an order: right behind a row.
type Cursor struct {
	Order    Order
	Number   uint64 // of the row, if the order is by Time or Size
	Text     string // of the row, if the order is by Type or Owner
	Manifest cid.Cid
}

// CursorBehind returns the cursor behind a row.
func CursorBehind(o Order, s *Subject) Cursor {
	c := Cursor{Order: o, Manifest: s.Manifest}
	switch o.Field {
	case Time:
		c.Number = uint64(s.UnixMilli)
	case Size:
		c.Number = s.SizeBytes
	case Type:
		c.Text = s.Type
	case Owner:
		c.Text = s.Owner
	}
	return c
}

// Compare orders two rows as answers are ordered.
func (o Order) Compare(a, b *Subject) int {
	var order int
	switch o.Field {
	case Time:
		order = cmp.Compare(a.UnixMilli, b.UnixMilli)
	case Size:
		order = cmp.Compare(a.SizeBytes, b.SizeBytes)
	case Type:
		order = strings.Compare(a.Type, b.Type)
	case Owner:
		order = strings.Compare(a.Owner, b.Owner)
	}
	if order == 0 {
		order = strings.Compare(a.Manifest.KeyString(), b.Manifest.KeyString())
	}
	if o.Descending {
		return -order
	}
	return order
}

// Subject returns a row with nothing but what the order looks at.
func (c Cursor) Subject() *Subject {
	s := &Subject{Manifest: c.Manifest}
	switch c.Order.Field {
	case Time:
		s.UnixMilli = int64(c.Number)
	case Size:
		s.SizeBytes = c.Number
	case Type:
		s.Type = c.Text
	case Owner:
		s.Owner = c.Text
	}
	return s
}

// Encode returns the cursor's bytes:
//
//	version | field, with the highest bit set if descending | 8 bytes of the number, big endian, or
//	1 byte of the text's length and the text | 32 bytes of the manifest's digest
func (c Cursor) Encode() ([]byte, error) {
	d, err := format.DigestOf(c.Manifest)
	if err != nil {
		return nil, err
	}
	field := byte(c.Order.Field)
	if c.Order.Descending {
		field |= descendingBit
	}
	b := []byte{cursorVersion, field}
	if c.Order.Field.text() {
		if len(c.Text) > maxCursorText {
			return nil, fmt.Errorf("%w: text of %d bytes", ErrCursor, len(c.Text))
		}
		b = append(append(b, byte(len(c.Text))), c.Text...)
	} else {
		b = binary.BigEndian.AppendUint64(b, c.Number)
	}
	return append(b, d[:]...), nil
}

// DecodeCursor reads a cursor of an order. It fails with ErrCursor.
func DecodeCursor(b []byte, o Order) (Cursor, error) {
	if len(b) < 3 || len(b) > MaxCursorBytes || b[0] != cursorVersion {
		return Cursor{}, fmt.Errorf("%w: %d bytes", ErrCursor, len(b))
	}
	if got := (Order{Field(b[1] &^ descendingBit), b[1]&descendingBit != 0}); got != o {
		return Cursor{}, fmt.Errorf("%w: it belongs to a query in another order", ErrCursor)
	}
	c, rest := Cursor{Order: o}, b[2:]
	if o.Field.text() {
		n := int(rest[0])
		if rest = rest[1:]; len(rest) != n+format.DigestSize {
			return Cursor{}, fmt.Errorf("%w: %d bytes", ErrCursor, len(b))
		}
		c.Text, rest = string(rest[:n]), rest[n:]
	} else {
		if len(rest) != 8+format.DigestSize {
			return Cursor{}, fmt.Errorf("%w: %d bytes", ErrCursor, len(b))
		}
		c.Number, rest = binary.BigEndian.Uint64(rest), rest[8:]
		if c.Number > math.MaxInt64 {
			return Cursor{}, fmt.Errorf("%w: number out of range", ErrCursor)
		}
	}
	c.Manifest = format.CBORCID(format.Digest(rest))
	return c, nil
}
