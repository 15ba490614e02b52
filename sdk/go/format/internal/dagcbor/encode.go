package dagcbor

import (
	"encoding/binary"

	"github.com/ipfs/go-cid"
)

// The major types of CBOR, in the upper three bits of the first byte.
const (
	majorUint  = 0 << 5
	majorBytes = 2 << 5
	majorText  = 3 << 5
	majorArray = 4 << 5
	majorMap   = 5 << 5
	majorTag   = 6 << 5
)

const (
	simpleNull = 0xf6
	tagLink    = 42
)

// LinkSize is the length in bytes of an encoded link to a CID with a 32-byte hash and a codec below 0x80.
const LinkSize = 2 + 2 + 1 + 36

// AppendUint appends an unsigned integer.
func AppendUint(dst []byte, v uint64) []byte { return appendHead(dst, majorUint, v) }

// AppendBytes appends a byte string.
func AppendBytes(dst, b []byte) []byte {
	return append(appendHead(dst, majorBytes, uint64(len(b))), b...)
}

// AppendText appends a text string, which must be valid UTF-8.
func AppendText(dst []byte, s string) []byte {
	return append(appendHead(dst, majorText, uint64(len(s))), s...)
}

// AppendArray appends the head of an array of n elements, which follow.
func AppendArray(dst []byte, n int) []byte { return appendHead(dst, majorArray, uint64(n)) }

// AppendMap appends the head of a map of n pairs of key (see AppendText) and value, which follow in canonical order.
func AppendMap(dst []byte, n int) []byte { return appendHead(dst, majorMap, uint64(n)) }

// AppendNull appends null.
func AppendNull(dst []byte) []byte { return append(dst, simpleNull) }

// AppendLink appends a link.
func AppendLink(dst []byte, c cid.Cid) []byte {
	dst = appendHead(dst, majorTag, tagLink)
	dst = appendHead(dst, majorBytes, uint64(1+c.ByteLen()))
	dst = append(dst, 0)
	return append(dst, c.KeyString()...)
}

// UintSize returns how many bytes AppendUint appends.
func UintSize(v uint64) int {
	switch {
	case v < 24:
		return 1
	case v < 1<<8:
		return 2
	case v < 1<<16:
		return 3
	case v < 1<<32:
		return 5
	}
	return 9
}

func appendHead(dst []byte, major byte, v uint64) []byte {
	switch UintSize(v) {
	case 1:
		return append(dst, major|byte(v))
	case 2:
		return append(dst, major|24, byte(v))
	case 3:
		return binary.BigEndian.AppendUint16(append(dst, major|25), uint16(v))
	case 5:
		return binary.BigEndian.AppendUint32(append(dst, major|26), uint32(v))
	}
	return binary.BigEndian.AppendUint64(append(dst, major|27), v)
}
