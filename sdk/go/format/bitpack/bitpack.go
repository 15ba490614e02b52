package bitpack

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

var (
	// ErrShape reports parameters that are no shape.
	ErrShape = errors.New("no such shape of integers")
	// ErrPacked reports packed bytes that are too short, too long or contradict themselves.
	ErrPacked = errors.New("packed integers are corrupt")
)

// Append appends the packed form of plain to dst. The shape must be valid.
func Append(dst, plain []byte, s Shape) []byte {
	head := min(s.Phase, len(plain))
	dst = append(dst, plain[:head]...)
	plain = plain[head:]
	var f frame
	if s.Delta && len(plain) >= s.Width {
		f.values = f.buffer[:1]
		s.load(f.values, plain)
		f.last = f.values[0]
		dst = append(dst, plain[:s.Width]...)
		plain = plain[s.Width:]
	}
	for left := len(plain) / s.Width; left > 0; left -= len(f.values) {
		f.values = f.buffer[:min(left, frameValues)]
		s.load(f.values, plain)
		plain = plain[len(f.values)*s.Width:]
		if s.Delta {
			f.difference(s.mask())
		}
		base, width := f.base(s)
		dst = append(dst, byte(width))
		dst = binary.LittleEndian.AppendUint64(dst, base)
		dst = dst[:len(dst)-8+s.Width]
		dst = f.pack(dst, base, s.mask(), width)
	}
	return append(dst, plain...)
}

// Decode appends the plain bytes of a packed form, plainBytes of them, to dst. It allocates no more than those. It fails
// with ErrPacked and then returns dst unchanged. The shape must be valid.
func Decode(dst, packed []byte, s Shape, plainBytes int) ([]byte, error) {
	out := slices.Grow(dst, plainBytes)[:len(dst)+plainBytes]
	plain := out[len(dst):]
	head := min(s.Phase, len(plain))
	if len(packed) < head {
		return dst, fmt.Errorf("%w: %d bytes", ErrPacked, len(packed))
	}
	copy(plain, packed[:head])
	plain, packed = plain[head:], packed[head:]
	var f frame
	if s.Delta && len(plain) >= s.Width {
		if len(packed) < s.Width {
			return dst, fmt.Errorf("%w: no first integer", ErrPacked)
		}
		f.values = f.buffer[:1]
		s.load(f.values, packed)
		f.last = f.values[0]
		copy(plain, packed[:s.Width])
		plain, packed = plain[s.Width:], packed[s.Width:]
	}
	for left := len(plain) / s.Width; left > 0; left -= len(f.values) {
		f.values = f.buffer[:min(left, frameValues)]
		if len(packed) < 1+s.Width {
			return dst, fmt.Errorf("%w: a frame is cut short", ErrPacked)
		}
		width := int(packed[0])
		if width > 8*s.Width {
			return dst, fmt.Errorf("%w: %d bits in integers of %d bytes", ErrPacked, width, s.Width)
		}
		var base [8]byte
		copy(base[:], packed[1:1+s.Width])
		packed = packed[1+s.Width:]
		size := packedBytes(len(f.values), width)
		if len(packed) < size {
			return dst, fmt.Errorf("%w: a frame is cut short", ErrPacked)
		}
		f.unpack(packed, binary.LittleEndian.Uint64(base[:]), width)
		packed = packed[size:]
		if s.Delta {
			f.sum()
		}
		s.store(plain, f.values)
		plain = plain[len(f.values)*s.Width:]
	}
	if len(packed) != len(plain) {
		return dst, fmt.Errorf("%w: %d bytes behind the integers, want %d", ErrPacked, len(packed), len(plain))
	}
	copy(plain, packed)
	return out, nil
}
