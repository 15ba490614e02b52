package rle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// minRun is the shortest run that is written as one.
const minRun = 4

// ErrCorrupt reports bytes that are no sequence of items, or one of another length than stated.
var ErrCorrupt = errors.New("run lengths are corrupt")

// Append appends the form of plain to dst.
func Append(dst, plain []byte) []byte {
	for len(plain) > 0 {
		at, length := nextRun(plain)
		if at > 0 {
			dst = binary.AppendUvarint(dst, uint64(at-1)<<1)
			dst = append(dst, plain[:at]...)
		}
		if length > 0 {
			dst = binary.AppendUvarint(dst, uint64(length-minRun)<<1|1)
			dst = append(dst, plain[at])
		}
		plain = plain[at+length:]
	}
	return dst
}

// nextRun finds the first run: where it begins and how long it is, 0 if there is none.
func nextRun(plain []byte) (at, length int) {
	for at+minRun <= len(plain) {
		word := binary.LittleEndian.Uint32(plain[at:])
		if word == uint32(byte(word))*0x01010101 {
			return at, runLength(plain[at:])
		}
		at++
	}
	return len(plain), 0
}

// runLength is how often the first byte of plain is repeated.
func runLength(plain []byte) int {
	value, n := plain[0], 1
	all := uint64(value) * 0x0101010101010101
	for n+8 <= len(plain) && binary.LittleEndian.Uint64(plain[n:]) == all {
		n += 8
	}
	for n < len(plain) && plain[n] == value {
		n++
	}
	return n
}

// Decode appends the plain bytes of a form, plainBytes of them, to dst. It allocates no more than those. It fails with
// ErrCorrupt and then returns dst unchanged.
func Decode(dst, form []byte, plainBytes int) ([]byte, error) {
	out := slices.Grow(dst, plainBytes)
	end := len(dst) + plainBytes
	for len(form) > 0 {
		v, n := binary.Uvarint(form)
		if n <= 0 {
			return dst, fmt.Errorf("%w: no length", ErrCorrupt)
		}
		form = form[n:]
		left := uint64(end - len(out))
		switch isRun := v&1 == 1; {
		case isRun && v>>1 <= left && v>>1+minRun <= left && len(form) > 0:
			length := int(v>>1) + minRun
			run := out[len(out) : len(out)+length]
			fill(run, form[0])
			out, form = out[:len(out)+length], form[1:]
		case !isRun && v>>1 < left && v>>1 < uint64(len(form)):
			length := int(v>>1) + 1
			out, form = append(out, form[:length]...), form[length:]
		default:
			return dst, fmt.Errorf("%w: an item is longer than the rest", ErrCorrupt)
		}
	}
	if len(out) != end {
		return dst, fmt.Errorf("%w: %d bytes, want %d", ErrCorrupt, len(out)-len(dst), plainBytes)
	}
	return out, nil
}

// fill sets all bytes.
func fill(run []byte, value byte) {
	if value == 0 {
		clear(run)
		return
	}
	run[0] = value
	for done := 1; done < len(run); done *= 2 {
		copy(run[done:], run[:done])
	}
}

// Size is the length of what Append would append, found without writing it.
func Size(plain []byte) int {
	size := 0
	for len(plain) > 0 {
		at, length := nextRun(plain)
		if at > 0 {
			size += uvarintSize(uint64(at-1)<<1) + at
		}
		if length > 0 {
			size += uvarintSize(uint64(length-minRun)<<1|1) + 1
		}
		plain = plain[at+length:]
	}
	return size
}

func uvarintSize(v uint64) int {
	n := 1
	for ; v >= 0x80; v >>= 7 {
		n++
	}
	return n
}
