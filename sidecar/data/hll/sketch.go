package hll

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/spaolacci/murmur3"
)

const (
	precision = 14
	registers = 1 << precision
	maxRank   = 64 - precision + 1

	version     = 1
	formDense   = 0
	formSparse  = 1
	headerBytes = 2
	entryBytes  = 3
	// maxEntries is how many registers the sparse form may have: more take less room in the dense one.
	maxEntries = (registers - 1) / entryBytes

	// MaxEncodedBytes is the longest encoded form.
	MaxEncodedBytes = headerBytes + registers
)

// ErrEncoding reports bytes that are not the encoded form of a sketch.
var ErrEncoding = errors.New("invalid HyperLogLog sketch")

// Sketch counts distinct things. The zero value has seen none. It is not safe for concurrent use.
type Sketch struct {
	ranks [registers]uint8
}

// Add counts a thing, however often it is added.
func (s *Sketch) Add(thing []byte) {
	h := murmur3.Sum64(thing)
	rank := uint8(bits.LeadingZeros64(h<<precision|1<<(precision-1)) + 1)
	r := &s.ranks[h>>(64-precision)]
	*r = max(*r, rank)
}

// Merge adds everything that another sketch has seen.
func (s *Sketch) Merge(other *Sketch) {
	for i, rank := range other.ranks {
		s.ranks[i] = max(s.ranks[i], rank)
	}
}

// Estimate returns about how many distinct things were added.
func (s *Sketch) Estimate() uint64 {
	var count [maxRank + 1]int
	for _, rank := range s.ranks {
		count[rank]++
	}
	if count[0] == registers {
		return 0
	}
	z := registers * tau(1-float64(count[maxRank])/registers)
	for rank := maxRank - 1; rank >= 1; rank-- {
		z = 0.5 * (z + float64(count[rank]))
	}
	z += registers * sigma(float64(count[0])/registers)
	return uint64(math.Round(registers * registers / (2 * math.Ln2 * z)))
}

// sigma corrects for registers that are zero; x is below 1.
func sigma(x float64) float64 {
	z, y := x, 1.0
	for {
		x *= x
		last := z
		z += x * y
		y += y
		if z == last {
			return z
		}
	}
}

// tau corrects for registers that are full.
func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	z, y := 1-x, 1.0
	for {
		x = math.Sqrt(x)
		last := z
		y *= 0.5
		z -= (1 - x) * (1 - x) * y
		if z == last {
			return z / 3
		}
	}
}

// Append appends the encoded form.
func (s *Sketch) Append(dst []byte) []byte {
	used := 0
	for _, rank := range s.ranks {
		if rank > 0 {
			used++
		}
	}
	if used > maxEntries {
		return append(append(dst, version, formDense), s.ranks[:]...)
	}
	dst = append(dst, version, formSparse)
	for i, rank := range s.ranks {
		if rank > 0 {
			dst = append(binary.BigEndian.AppendUint16(dst, uint16(i)), rank)
		}
	}
	return dst
}

// Decode reads the encoded form. It fails with ErrEncoding.
func Decode(b []byte) (*Sketch, error) {
	if len(b) < headerBytes || b[0] != version {
		return nil, fmt.Errorf("%w: unknown version", ErrEncoding)
	}
	s := &Sketch{}
	body := b[headerBytes:]
	switch b[1] {
	case formDense:
		if len(body) != registers {
			return nil, fmt.Errorf("%w: %d registers", ErrEncoding, len(body))
		}
		copy(s.ranks[:], body)
	case formSparse:
		if len(body)%entryBytes != 0 || len(body) > maxEntries*entryBytes {
			return nil, fmt.Errorf("%w: %d bytes of entries", ErrEncoding, len(body))
		}
		last := -1
		for ; len(body) > 0; body = body[entryBytes:] {
			at := int(binary.BigEndian.Uint16(body))
			if at <= last || at >= registers || body[2] == 0 {
				return nil, fmt.Errorf("%w: entry of register %d behind %d", ErrEncoding, at, last)
			}
			s.ranks[at], last = body[2], at
		}
	default:
		return nil, fmt.Errorf("%w: form %d", ErrEncoding, b[1])
	}
	used := 0
	for i, rank := range s.ranks {
		if rank > maxRank {
			return nil, fmt.Errorf("%w: register %d has %d", ErrEncoding, i, rank)
		}
		if rank > 0 {
			used++
		}
	}
	if b[1] == formDense && used <= maxEntries {
		return nil, fmt.Errorf("%w: dense form of %d registers", ErrEncoding, used)
	}
	return s, nil
}
