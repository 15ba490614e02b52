package blockindex

import (
	"bytes"
	"hash/maphash"
	"slices"
	"sync/atomic"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// chunkEntries is how many entries of a table are allocated at a time.
const chunkEntries = 4096

type tableChunk [chunkEntries * entrySize]byte

// table is a hash table of entries. One goroutine adds to it; lookups run beside it and take no lock: an entry is
// complete before a slot names it.
type table struct {
	seed   maphash.Seed // digests are made by others, who could choose them to fall into few slots
	limit  int
	slots  []atomic.Uint32 // one more than the position of an entry; a power of two of them, at most half are taken
	chunks []atomic.Pointer[tableChunk]
	length int
	end    uint64 // one more than the last encoding
}

func newTable(limit int) *table {
	slots := 1
	for slots < 2*limit {
		slots *= 2
	}
	return &table{
		seed:   maphash.MakeSeed(),
		limit:  limit,
		slots:  make([]atomic.Uint32, slots),
		chunks: make([]atomic.Pointer[tableChunk], (limit+chunkEntries-1)/chunkEntries),
	}
}

func (t *table) room() int { return t.limit - t.length }

func (t *table) row(i int) []byte {
	return t.chunks[i/chunkEntries].Load()[i%chunkEntries*entrySize:][:entrySize]
}

func (t *table) slot(d *format.Digest) int {
	return int(maphash.Bytes(t.seed, d[:]) & uint64(len(t.slots)-1))
}

// add adds an entry; the table must have room.
func (t *table) add(e *Entry) {
	if t.length%chunkEntries == 0 {
		t.chunks[t.length/chunkEntries].Store(new(tableChunk))
	}
	e.put(t.row(t.length))
	t.length++
	t.end = e.Encoding + 1
	for i := t.slot(&e.Block); ; i = (i + 1) & (len(t.slots) - 1) {
		if t.slots[i].Load() == 0 {
			t.slots[i].Store(uint32(t.length))
			return
		}
	}
}

// find calls yield for every copy of a block in the order they were added until it returns false, and tells whether it
// never did.
func (t *table) find(d *format.Digest, yield func(Entry) bool) bool {
	for i := t.slot(d); ; i = (i + 1) & (len(t.slots) - 1) {
		n := t.slots[i].Load()
		if n == 0 {
			return true
		}
		row := t.row(int(n - 1))
		if bytes.Equal(row[:format.DigestSize], d[:]) && !yield(decodeEntry(row)) {
			return false
		}
	}
}

// sorted returns the positions of all entries in the order of a run. They are spread by 16 leading bits first, so that
// few are left to compare.
func (t *table) sorted() []uint32 {
	const buckets = 1 << 16
	starts := make([]uint32, buckets+1)
	for i := range t.length {
		starts[prefix(t.row(i))>>48+1]++
	}
	for i := range buckets {
		starts[i+1] += starts[i]
	}
	next := slices.Clone(starts[:buckets])
	order := make([]uint32, t.length)
	for i := range t.length {
		b := prefix(t.row(i)) >> 48
		order[next[b]] = uint32(i)
		next[b]++
	}
	for b := range buckets {
		if some := order[starts[b]:starts[b+1]]; len(some) > 1 {
			slices.SortFunc(some, func(x, y uint32) int {
				return bytes.Compare(t.row(int(x))[:keySize], t.row(int(y))[:keySize])
			})
		}
	}
	return order
}
