package bitpack

import (
	"encoding/binary"
	"math/bits"
)

// frameValues is how many integers share a base and a number of bits.
const frameValues = 256

// frame is one group of integers: what packing and unpacking work in.
type frame struct {
	buffer [frameValues]uint64
	values []uint64
	last   uint64 // the integer before the first of the next frame
}

// difference replaces the integers by their differences.
func (f *frame) difference(mask uint64) {
	before := f.last
	for i, v := range f.values {
		f.values[i] = (v - before) & mask
		before = v
	}
	f.last = before
}

// sum undoes difference.
func (f *frame) sum() {
	at := f.last
	for i, d := range f.values {
		at += d
		f.values[i] = at
	}
	f.last = at
}

// base returns what to subtract from the integers so that the fewest bits are left: the least of them, either as they
// are or as numbers with a sign.
func (f *frame) base(s Shape) (base uint64, width int) {
	flip := uint64(1) << (8*s.Width - 1) // orders numbers with a sign as those without
	least, most := f.values[0], f.values[0]
	leastSigned, mostSigned := least^flip, least^flip
	for _, v := range f.values[1:] {
		least, most = min(least, v), max(most, v)
		leastSigned, mostSigned = min(leastSigned, v^flip), max(mostSigned, v^flip)
	}
	if mostSigned-leastSigned < most-least {
		return leastSigned ^ flip, bits.Len64(mostSigned - leastSigned)
	}
	return least, bits.Len64(most - least)
}

// packedBytes is how many bytes n integers of some bits take.
func packedBytes(n, width int) int { return (n*width + 7) / 8 }

// pack appends the integers, less base, in width bits each.
func (f *frame) pack(dst []byte, base, mask uint64, width int) []byte {
	var held uint64 // bits not yet written, the lowest first
	count := 0
	for _, v := range f.values {
		v = (v - base) & mask
		held |= v << count
		if count += width; count >= 64 {
			dst = binary.LittleEndian.AppendUint64(dst, held)
			count -= 64
			held = v >> (width - count) // a shift by 64 leaves nothing
		}
	}
	for ; count > 0; count -= 8 {
		dst = append(dst, byte(held))
		held >>= 8
	}
	return dst
}

// unpack fills the integers from packed, which is long enough and may go on behind them.
func (f *frame) unpack(packed []byte, base uint64, width int) {
	if width == 0 {
		for i := range f.values {
			f.values[i] = base
		}
		return
	}
	mask := ^uint64(0) >> (64 - width)
	if width <= 56 { // any run of so many bits lies in eight bytes
		whole := min(len(f.values), max(0, (len(packed)-7)*8/width))
		for i := range whole {
			bit := i * width
			f.values[i] = base + binary.LittleEndian.Uint64(packed[bit>>3:])>>(bit&7)&mask
		}
		for i := whole; i < len(f.values); i++ {
			f.values[i] = base + slowBits(packed, i*width, width)
		}
		return
	}
	for i := range f.values {
		f.values[i] = base + slowBits(packed, i*width, width)
	}
}

// slowBits reads bits byte by byte.
func slowBits(packed []byte, bit, width int) uint64 {
	var v uint64
	for got := 0; got < width; {
		shift := (bit + got) & 7
		v |= uint64(packed[(bit+got)>>3]) >> shift << got
		got += 8 - shift
	}
	return v & (^uint64(0) >> (64 - width))
}
