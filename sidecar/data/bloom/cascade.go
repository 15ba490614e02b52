package bloom

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/spaolacci/murmur3"
)

const (
	version     = 1
	headerBytes = 2
	filterBytes = 9 // of a filter without its words
	maxFilters  = 24
	maxHashes   = 40
)

// ErrEncoding reports bytes that are not the encoded form of a cascade.
var ErrEncoding = errors.New("invalid Bloom filter")

// filter is one Bloom filter.
type filter struct {
	hashes   int
	items    uint32
	capacity uint32 // 0 in a decoded one, which is not added to
	words    []uint64
}

// Cascade is a set that may take an item for one of its own that is not. It is not safe for concurrent use while items
// are added.
type Cascade struct {
	capacity uint32 // of the first filter
	rate     float64
	filters  []filter
}

// New returns an empty cascade whose first filter is for capacity items, with at most the rate, between 0 and 1, of
// false positives however many items are added.
func New(capacity uint32, rate float64) *Cascade {
	return &Cascade{capacity: max(capacity, 64), rate: rate}
}

// EncodedBytes returns how long the encoded form is of a cascade that was made for capacity items and has no more.
func EncodedBytes(capacity uint32, rate float64) int {
	c := New(capacity, rate)
	c.grow()
	return c.EncodedBytes()
}

// EncodedBytes returns how long the encoded form is.
func (c *Cascade) EncodedBytes() int {
	n := headerBytes
	for _, f := range c.filters {
		n += filterBytes + 8*len(f.words)
	}
	return n
}

// words returns the words of 64 bits that a filter needs.
func words(capacity uint32, rate float64) int {
	return int(math.Ceil(float64(capacity) * -math.Log(rate) / (math.Ln2 * math.Ln2) / 64))
}

// grow adds the next filter.
func (c *Cascade) grow() *filter {
	n := len(c.filters)
	rate := c.rate / float64(uint64(2)<<n)
	capacity := c.capacity << n
	c.filters = append(c.filters, filter{
		hashes:   int(math.Ceil(-math.Log2(rate))),
		capacity: capacity,
		words:    make([]uint64, words(capacity, rate)),
	})
	return &c.filters[n]
}

// bit returns the bit of the i-th hash of an item.
func (f *filter) bit(h1, h2 uint64, i int) (word, mask uint64) {
	n := uint64(i)
	at := (h1 + n*h2 + (n*n*n-n)/6) % (64 * uint64(len(f.words)))
	return at / 64, 1 << (at % 64)
}

func (f *filter) has(h1, h2 uint64) bool {
	for i := range f.hashes {
		if word, mask := f.bit(h1, h2, i); f.words[word]&mask == 0 {
			return false
		}
	}
	return true
}

// Add adds an item.
func (c *Cascade) Add(item []byte) {
	h1, h2 := murmur3.Sum128(item)
	if c.has(h1, h2) {
		return
	}
	var last *filter
	if n := len(c.filters); n > 0 && c.filters[n-1].items < c.filters[n-1].capacity {
		last = &c.filters[n-1]
	} else {
		last = c.grow()
	}
	for i := range last.hashes {
		word, mask := last.bit(h1, h2, i)
		last.words[word] |= mask
	}
	last.items++
}

// MayHave tells whether an item may have been added; false is certain.
func (c *Cascade) MayHave(item []byte) bool {
	return c.has(murmur3.Sum128(item))
}

func (c *Cascade) has(h1, h2 uint64) bool {
	for i := range c.filters {
		if c.filters[i].has(h1, h2) {
			return true
		}
	}
	return false
}

// Append appends the encoded form.
func (c *Cascade) Append(dst []byte) []byte {
	dst = append(dst, version, byte(len(c.filters)))
	for _, f := range c.filters {
		dst = append(dst, byte(f.hashes))
		dst = binary.BigEndian.AppendUint32(dst, f.items)
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(f.words)))
		for _, w := range f.words {
			dst = binary.LittleEndian.AppendUint64(dst, w)
		}
	}
	return dst
}

// Decode reads the encoded form of a cascade, to which nothing can be added. It fails with ErrEncoding.
func Decode(b []byte) (*Cascade, error) {
	if len(b) < headerBytes || b[0] != version || b[1] > maxFilters {
		return nil, fmt.Errorf("%w: unknown version or too many filters", ErrEncoding)
	}
	c := &Cascade{filters: make([]filter, b[1])}
	b = b[headerBytes:]
	for i := range c.filters {
		if len(b) < filterBytes {
			return nil, fmt.Errorf("%w: filter %d is cut off", ErrEncoding, i)
		}
		hashes, items, n := int(b[0]), binary.BigEndian.Uint32(b[1:]), binary.BigEndian.Uint32(b[5:])
		b = b[filterBytes:]
		if hashes < 1 || hashes > maxHashes || n < 1 || uint64(n)*8 > uint64(len(b)) {
			return nil, fmt.Errorf("%w: filter %d with %d hashes and %d words, %d bytes are left", ErrEncoding, i, hashes, n, len(b))
		}
		f := filter{hashes: hashes, items: items, words: make([]uint64, n)}
		for j := range f.words {
			f.words[j] = binary.LittleEndian.Uint64(b[8*j:])
		}
		c.filters[i], b = f, b[8*n:]
	}
	if len(b) > 0 {
		return nil, fmt.Errorf("%w: %d bytes behind the last filter", ErrEncoding, len(b))
	}
	return c, nil
}
