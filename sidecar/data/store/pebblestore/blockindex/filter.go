package blockindex

import (
	"encoding/binary"
	"math/bits"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

const (
	filterBlockSize  = 64 // bytes: a cache line
	filterBlockWords = filterBlockSize / 8
	filterBitsPerKey = 12
	filterProbes     = 6
	// probeBlocks is how many blocks are looked for at a time.
	probeBlocks = 32
)

// filter is a Bloom filter of digests that looks at one cache line for each.
type filter []uint64

func newFilter(entries uint64) filter {
	return make(filter, filterBlocks(entries)*filterBlockWords)
}

func filterBlocks(entries uint64) uint64 {
	return entries*filterBitsPerKey/(8*filterBlockSize) + 1
}

// place returns the block of a digest and six times nine bits that name bits of it. Blocks follow the order of digests, so
// that a run is written from one end of its filter to the other.
func (f filter) place(digest *[format.DigestSize]byte) (block []uint64, probes uint64) {
	n, _ := bits.Mul64(prefix(digest[:]), uint64(len(f)/filterBlockWords))
	return f[n*filterBlockWords:][:filterBlockWords], binary.BigEndian.Uint64(digest[8:])
}

func (f filter) add(digest *[format.DigestSize]byte) {
	block, probes := f.place(digest)
	for range filterProbes {
		block[probes>>6&(filterBlockWords-1)] |= 1 << (probes & 63)
		probes >>= 9
	}
}

func (f filter) mayHave(digest *[format.DigestSize]byte) bool {
	block, probes := f.place(digest)
	for range filterProbes {
		if block[probes>>6&(filterBlockWords-1)]&(1<<(probes&63)) == 0 {
			return false
		}
		probes >>= 9
	}
	return true
}

// mayHaveSome sets may for those of up to probeBlocks digests that may have been added. It looks at one bit of each digest
// before it looks at the others of any: the cache lines of all are on their way at the same time.
func (f filter) mayHaveSome(digests []format.Digest, may []bool) {
	var first [probeBlocks]uint64
	for i := range digests {
		block, probes := f.place((*[format.DigestSize]byte)(&digests[i]))
		first[i] = block[probes>>6&(filterBlockWords-1)] >> (probes & 63)
	}
	for i := range digests {
		if first[i]&1 != 0 && !may[i] {
			may[i] = f.mayHave((*[format.DigestSize]byte)(&digests[i]))
		}
	}
}

func (f filter) append(dst []byte) []byte {
	for _, w := range f {
		dst = binary.BigEndian.AppendUint64(dst, w)
	}
	return dst
}

func decodeWords(b []byte) []uint64 {
	words := make([]uint64, len(b)/8)
	for i := range words {
		words[i] = binary.BigEndian.Uint64(b[i*8:])
	}
	return words
}
