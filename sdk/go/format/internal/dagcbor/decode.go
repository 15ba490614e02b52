package dagcbor

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

var (
	// ErrSyntax reports bytes that are not the canonical dag-cbor of what was expected.
	ErrSyntax = errors.New("not the expected canonical dag-cbor")
	// ErrRange reports a number or length beyond the bound given by the caller.
	ErrRange = errors.New("dag-cbor value out of range")
)

// Decoder reads values from the front of a byte slice. The first error sticks: after it every method returns the zero
// value, and Err and End return that error. It is not safe for concurrent use.
type Decoder struct {
	rest []byte
	size int
	err  error
}

// NewDecoder returns a Decoder of data, which must not change while decoded byte strings are in use.
func NewDecoder(data []byte) *Decoder { return &Decoder{rest: data, size: len(data)} }

// Err returns the first error.
func (d *Decoder) Err() error { return d.err }

// End returns the first error, or ErrSyntax if bytes are left.
func (d *Decoder) End() error {
	if d.err == nil && len(d.rest) > 0 {
		d.fail(ErrSyntax, "%d trailing bytes", len(d.rest))
	}
	return d.err
}

// Uint reads an unsigned integer of at most limit.
func (d *Decoder) Uint(limit uint64) uint64 {
	v := d.head(majorUint)
	if d.err == nil && v > limit {
		d.fail(ErrRange, "%d, at most %d", v, limit)
		return 0
	}
	return v
}

// Bytes reads a byte string of at most limit bytes. The result aliases the input.
func (d *Decoder) Bytes(limit int) []byte { return d.str(majorBytes, limit) }

// Digest reads a byte string of exactly 32 bytes.
func (d *Decoder) Digest() (out format.Digest) {
	b := d.str(majorBytes, format.DigestSize)
	if d.err != nil {
		return out
	}
	if len(b) != format.DigestSize {
		d.fail(ErrSyntax, "digest of %d bytes", len(b))
		return out
	}
	return format.Digest(b)
}

// Text reads a text string of at most limit bytes.
func (d *Decoder) Text(limit int) string {
	b := d.str(majorText, limit)
	if d.err == nil && !utf8.Valid(b) {
		d.fail(ErrSyntax, "text is not UTF-8")
		return ""
	}
	return string(b)
}

// Array reads the head of an array of at most limit elements, each at least elementSize bytes long; a count that the
// bytes left cannot hold is an error, so the caller may allocate as many elements.
func (d *Decoder) Array(limit, elementSize int) int {
	n := d.head(majorArray)
	switch {
	case d.err != nil:
		return 0
	case n > uint64(limit):
		d.fail(ErrRange, "array of %d elements, at most %d", n, limit)
		return 0
	case n > uint64(len(d.rest)/max(elementSize, 1)):
		d.fail(ErrSyntax, "array of %d elements in %d bytes", n, len(d.rest))
		return 0
	}
	return int(n)
}

// Map reads the head of a map of exactly n pairs.
func (d *Decoder) Map(n int) {
	if got := d.head(majorMap); d.err == nil && got != uint64(n) {
		d.fail(ErrSyntax, "map of %d keys, want %d", got, n)
	}
}

// Key reads the key of a map, which must be name. Names must be asked for in canonical order.
func (d *Decoder) Key(name string) {
	b := d.str(majorText, len(name))
	if d.err == nil && string(b) != name {
		d.fail(ErrSyntax, "key %q, want %q", b, name)
	}
	if d.err != nil && !errors.Is(d.err, ErrSyntax) {
		d.err = fmt.Errorf("%w: want key %q: %w", ErrSyntax, name, d.err)
	}
}

// Null reads null if it is next and tells whether it was.
func (d *Decoder) Null() bool {
	if d.err != nil || len(d.rest) == 0 || d.rest[0] != simpleNull {
		return false
	}
	d.rest = d.rest[1:]
	return true
}

// Link reads a link to a CID that format.DigestOf accepts.
func (d *Decoder) Link() cid.Cid {
	if tag := d.head(majorTag); d.err == nil && tag != tagLink {
		d.fail(ErrSyntax, "tag %d is no link", tag)
	}
	b := d.str(majorBytes, LinkSize)
	if d.err != nil {
		return cid.Undef
	}
	if len(b) == 0 || b[0] != 0 {
		d.fail(ErrSyntax, "link does not begin with zero")
		return cid.Undef
	}
	c, err := format.CIDFromBytes(b[1:])
	if err != nil {
		d.err = fmt.Errorf("%w: link: %w", ErrSyntax, err)
		return cid.Undef
	}
	return c
}

// LinkTo reads a link to a block of the given codec and returns its digest.
func (d *Decoder) LinkTo(codec uint64) format.Digest {
	c := d.Link()
	if d.err != nil {
		return format.Digest{}
	}
	if got := c.Prefix().Codec; got != codec {
		d.fail(ErrSyntax, "link of codec 0x%x, want 0x%x", got, codec)
		return format.Digest{}
	}
	digest, err := format.DigestOf(c)
	if err != nil {
		d.err = fmt.Errorf("%w: link: %w", ErrSyntax, err)
	}
	return digest
}

// str reads a string of the given major type.
func (d *Decoder) str(major byte, limit int) []byte {
	n := d.head(major)
	switch {
	case d.err != nil:
		return nil
	case n > uint64(limit):
		d.fail(ErrRange, "string of %d bytes, at most %d", n, limit)
		return nil
	case n > uint64(len(d.rest)):
		d.fail(ErrSyntax, "string of %d bytes, %d left", n, len(d.rest))
		return nil
	}
	s := d.rest[:n:n]
	d.rest = d.rest[n:]
	return s
}

// head reads the first byte of a value, which must be of the given major type, and its argument in shortest form.
func (d *Decoder) head(major byte) uint64 {
	if d.err != nil {
		return 0
	}
	if len(d.rest) == 0 {
		d.fail(ErrSyntax, "unexpected end")
		return 0
	}
	first := d.rest[0]
	if first&0xe0 != major {
		d.fail(ErrSyntax, "type %d, want %d", first>>5, major>>5)
		return 0
	}
	argument := first & 0x1f
	if argument < 24 {
		d.rest = d.rest[1:]
		return uint64(argument)
	}
	if argument > 27 {
		d.fail(ErrSyntax, "indefinite or reserved length")
		return 0
	}
	width := 1 << (argument - 24)
	if len(d.rest) < 1+width {
		d.fail(ErrSyntax, "unexpected end")
		return 0
	}
	var wide [8]byte
	copy(wide[8-width:], d.rest[1:1+width])
	v := binary.BigEndian.Uint64(wide[:])
	if UintSize(v) != 1+width {
		d.fail(ErrSyntax, "integer is not in shortest form")
		return 0
	}
	d.rest = d.rest[1+width:]
	return v
}

func (d *Decoder) fail(kind error, message string, args ...any) {
	d.err = fmt.Errorf("%w: at byte %d: %s", kind, d.size-len(d.rest), fmt.Sprintf(message, args...))
}
