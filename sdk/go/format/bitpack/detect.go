package bitpack

import (
	"math/bits"
	"slices"
)

const (
	// sampleValues is how many integers of a piece are looked at.
	sampleValues = 64
	// glanceValues is at how many it is looked first.
	glanceValues = 12
)

// Detect looks for the shape that packs bytes like these best and returns how many bits a byte takes in it, or limit, at most
// eight, when none takes fewer. The pieces come from different places of what is to be packed, each a multiple of eight
// bytes behind its beginning, where phases count from. Some hundred bytes of each suffice; more cost no more. The lower the
// limit, the sooner it is known that there is nothing to be found.
func Detect(limit float64, pieces ...[]byte) (best Shape, bitsPerByte float64) {
	bitsPerByte = min(limit, 8)
	for _, width := range slices.Backward(widths[:]) { // the wide ones have the most shapes to be ruled out
		for phase := range width {
			for _, big := range [...]bool{false, true} {
				if big && width == 1 {
					continue
				}
				s := Shape{Width: width, Phase: phase, BigEndian: big}
				plain, differences := s.leastCosts(pieces)
				for i, least := range [...]float64{plain, differences} {
					if least >= bitsPerByte {
						continue
					}
					s.Delta = i == 1
					if cost := s.cost(bitsPerByte, pieces); cost < bitsPerByte {
						best, bitsPerByte = s, cost
					}
				}
			}
		}
	}
	return best, bitsPerByte
}

// leastCosts returns what the cost of a shape without differences, and of the same with them, is not below. It looks at the
// highest bytes of some integers, by which it is known how far these are apart at least.
func (s Shape) leastCosts(pieces [][]byte) (plain, differences float64) {
	highest := s.Phase
	if !s.BigEndian {
		highest += s.Width - 1
	}
	var total, n, totalOfDifferences, nOfDifferences int
	for _, piece := range pieces {
		count := s.samples(piece)
		if count == 0 {
			continue
		}
		first, before := piece[highest], piece[highest]
		firstDifference := piece[highest+s.Width] - first
		spread, spreadOfDifferences := 0, 0
		for i := 1; i < min(count, glanceValues); i++ {
			b := piece[highest+i*s.Width]
			spread = max(spread, distance(b, first))
			spreadOfDifferences = max(spreadOfDifferences, distance(b-before, firstDifference))
			before = b
		}
		total += s.leastBits(spread) * count
		n += count
		totalOfDifferences += s.leastBits(spreadOfDifferences-1) * (count - 1) // lower bytes may take one from a difference
		nOfDifferences += count - 1
	}
	return s.perByte(total, n), s.perByte(totalOfDifferences, nOfDifferences)
}

// leastBits is how many bits it takes at least to tell integers apart whose highest bytes are so far apart.
func (s Shape) leastBits(spread int) int {
	if spread < 2 {
		return 0 // lower bytes may make up for one
	}
	return 8*(s.Width-1) + bits.Len(uint(spread-1))
}

// distance is how far apart two bytes are on the circle of all: they are not nearer with a sign or without.
func distance(a, b byte) int { return int(min(a-b, b-a)) }

// cost is how many bits a byte of the pieces takes in a shape, if that is below limit; else it is not below.
func (s Shape) cost(limit float64, pieces [][]byte) float64 {
	var f frame
	n := 0
	for _, plain := range pieces {
		n += s.samples(plain)
	}
	most := limit * float64(n*s.Width)
	total := 0
	for _, plain := range pieces {
		if s.samples(plain) == 0 {
			continue
		}
		plain = plain[s.Phase:]
		f.values, f.last = f.buffer[:min(len(plain)/s.Width, sampleValues)], 0
		s.load(f.values, plain)
		if s.Delta {
			f.difference(s.mask())
			f.values = f.values[1:] // the first is no difference
		}
		_, width := f.base(s)
		if total += width * len(f.values); float64(total) > most {
			return limit
		}
	}
	return s.perByte(total, n)
}

// samples is how many integers or differences of a piece are looked at: none unless there are two integers.
func (s Shape) samples(plain []byte) int {
	n := min(max(0, len(plain)-s.Phase)/s.Width, sampleValues)
	switch {
	case n < 2:
		return 0
	case s.Delta:
		return n - 1
	}
	return n
}

// perByte is how many bits a byte takes if n integers take so many, with the head of a frame; eight of none.
func (s Shape) perByte(totalBits, n int) float64 {
	if n == 0 {
		return 8
	}
	return (float64(totalBits)/float64(n) + float64(8+8*s.Width)/frameValues) / float64(s.Width)
}
