package bitpack

// sampleValues is how many integers of a piece are looked at.
const sampleValues = 64

// Detect looks for the shape that packs bytes like these best and returns how many bits a byte takes in it, eight and
// more when there is none. The pieces come from different places of what is to be packed, each a multiple of eight bytes
// behind its beginning, where phases count from. Some hundred bytes of each suffice; more cost no more.
func Detect(pieces ...[]byte) (best Shape, bitsPerByte float64) {
	bitsPerByte = 8
	for _, width := range widths {
		for phase := range width {
			for _, big := range [...]bool{false, true} {
				if big && width == 1 {
					continue
				}
				for _, delta := range [...]bool{false, true} {
					s := Shape{Width: width, Phase: phase, Delta: delta, BigEndian: big}
					if cost := s.cost(pieces); cost < bitsPerByte {
						best, bitsPerByte = s, cost
					}
				}
			}
		}
	}
	return best, bitsPerByte
}

// cost is how many bits a byte of the pieces takes in a shape.
func (s Shape) cost(pieces [][]byte) float64 {
	var f frame
	total, n := 0, 0
	for _, plain := range pieces {
		plain = plain[min(s.Phase, len(plain)):]
		f.values, f.last = f.buffer[:min(len(plain)/s.Width, sampleValues)], 0
		if len(f.values) < 2 {
			continue
		}
		s.load(f.values, plain)
		if s.Delta {
			f.difference(s.mask())
			f.values = f.values[1:] // the first is no difference
		}
		_, width := f.base(s)
		total += width * len(f.values)
		n += len(f.values)
	}
	if n == 0 {
		return 8
	}
	return (float64(total)/float64(n) + float64(8+8*s.Width)/frameValues) / float64(s.Width)
}
