package bitpack

import (
	"encoding/binary"
	"fmt"
)

// Shape says how bytes are read as integers.
type Shape struct {
	Width     int  // bytes of an integer: 1, 2, 4 or 8
	Phase     int  // how many bytes there are before the first integer: 0 up to Width-1
	Delta     bool // pack the differences between neighbours
	BigEndian bool // byte order; false for single bytes
}

// Parameter bits.
const (
	widthBits  = 0x03 // logarithm of the width
	deltaBit   = 0x04
	bigBit     = 0x08
	phaseShift = 4
	phaseBits  = 0x70
)

var widths = [4]int{1, 2, 4, 8}

// Params writes a valid shape as one byte: bits 0 and 1 the logarithm of the width, bit 2 differences, bit 3 big endian,
// bits 4 to 6 the phase.
func (s Shape) Params() byte {
	p := byte(s.Phase << phaseShift)
	for log, width := range widths {
		if width == s.Width {
			p |= byte(log)
		}
	}
	if s.Delta {
		p |= deltaBit
	}
	if s.BigEndian {
		p |= bigBit
	}
	return p
}

// ParseShape reads what Params writes. It fails with ErrShape.
func ParseShape(p byte) (Shape, error) {
	s := Shape{Width: widths[p&widthBits], Phase: int(p&phaseBits) >> phaseShift, Delta: p&deltaBit != 0, BigEndian: p&bigBit != 0}
	if s.Phase >= s.Width || s.BigEndian && s.Width == 1 || p&^(widthBits|deltaBit|bigBit|phaseBits) != 0 {
		return Shape{}, fmt.Errorf("%w: 0x%02x", ErrShape, p)
	}
	return s, nil
}

// load reads whole integers from plain into values.
func (s Shape) load(values []uint64, plain []byte) {
	switch {
	case s.Width == 1:
		for i := range values {
			values[i] = uint64(plain[i])
		}
	case s.Width == 2 && s.BigEndian:
		for i := range values {
			values[i] = uint64(binary.BigEndian.Uint16(plain[2*i:]))
		}
	case s.Width == 2:
		for i := range values {
			values[i] = uint64(binary.LittleEndian.Uint16(plain[2*i:]))
		}
	case s.Width == 4 && s.BigEndian:
		for i := range values {
			values[i] = uint64(binary.BigEndian.Uint32(plain[4*i:]))
		}
	case s.Width == 4:
		for i := range values {
			values[i] = uint64(binary.LittleEndian.Uint32(plain[4*i:]))
		}
	case s.BigEndian:
		for i := range values {
			values[i] = binary.BigEndian.Uint64(plain[8*i:])
		}
	default:
		for i := range values {
			values[i] = binary.LittleEndian.Uint64(plain[8*i:])
		}
	}
}

// store writes values into plain, each in Width bytes; what does not fit into them is cut off.
func (s Shape) store(plain []byte, values []uint64) {
	switch {
	case s.Width == 1:
		for i, v := range values {
			plain[i] = byte(v)
		}
	case s.Width == 2 && s.BigEndian:
		for i, v := range values {
			binary.BigEndian.PutUint16(plain[2*i:], uint16(v))
		}
	case s.Width == 2:
		for i, v := range values {
			binary.LittleEndian.PutUint16(plain[2*i:], uint16(v))
		}
	case s.Width == 4 && s.BigEndian:
		for i, v := range values {
			binary.BigEndian.PutUint32(plain[4*i:], uint32(v))
		}
	case s.Width == 4:
		for i, v := range values {
			binary.LittleEndian.PutUint32(plain[4*i:], uint32(v))
		}
	case s.BigEndian:
		for i, v := range values {
			binary.BigEndian.PutUint64(plain[8*i:], v)
		}
	default:
		for i, v := range values {
			binary.LittleEndian.PutUint64(plain[8*i:], v)
		}
	}
}

// mask has the bits of an integer.
func (s Shape) mask() uint64 { return ^uint64(0) >> (64 - 8*s.Width) }
