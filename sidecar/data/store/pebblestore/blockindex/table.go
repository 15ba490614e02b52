package blockindex

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"slices"
	"sync/atomic"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

const (
	// chunkEntries is how many entries of a table are allocated at a time.
	chunkEntries = 4096
	// maxTableEntries is what a slot has bits for.
	maxTableEntries = 1<<20 - 1
	placeMask       = 1<<20 - 1
)

type tableChunk [chunkEntries * entrySize]byte

// table is a hash table of entries. One goroutine adds to it; lookups run beside it and take no lock: an entry is
// complete before a slot names it.
type table struct {
	seed   maphash.Seed // digests are made by others, who could choose them to fall into few slots
	limit  int
	slots  []atomic.Uint32 // a power of two of them, at most half are taken; see slot
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

// slot returns the first slot that may name an entry of a block, and what marks it there: a slot holds one more than the
// place of an entry, and above that bits of the digest, so that few others are looked at.
func (t *table) slot(d *format.Digest) (first int, tag uint32) {
	h := maphash.Bytes(t.seed, d[:])
	return int(h & uint64(len(t.slots)-1)), uint32(h>>32) &^ placeMask
}

// add adds an entry; the table must have room.
func (t *table) add(e *Entry) {
	if t.length%chunkEntries == 0 {
		t.chunks[t.length/chunkEntries].Store(new(tableChunk))
	}
	e.put(t.row(t.length))
	t.length++
	t.end = e.Encoding + 1
	for i, tag := t.slot(&e.Block); ; i = (i + 1) & (len(t.slots) - 1) {
		if t.slots[i].Load() == 0 {
			t.slots[i].Store(tag | uint32(t.length))
			return
		}
	}
}

// find calls yield for every copy of a block in the order they were added until it returns false, and tells whether it
// never did.
func (t *table) find(d *format.Digest, yield func(Entry) bool) bool {
	for i, tag := t.slot(d); ; i = (i + 1) & (len(t.slots) - 1) {
		slot := t.slots[i].Load()
		if slot == 0 {
			return true
		}
		if slot&^placeMask != tag {
			continue
		}
		row := t.row(int(slot&placeMask) - 1)
		if bytes.Equal(row[:format.DigestSize], d[:]) && !yield(decodeEntry(row)) {
			return false
		}
	}
}

// mayHaveSome sets may for those of up to probeBlocks blocks for which a slot looks as if it named an entry of theirs.
func (t *table) mayHaveSome(blocks []format.Digest, may []bool) {
	var firsts [probeBlocks]int
	var tags, slots [probeBlocks]uint32
	for i := range blocks {
		firsts[i], tags[i] = t.slot(&blocks[i])
	}
	for i := range blocks {
		slots[i] = t.slots[firsts[i]].Load()
	}
	for i := range blocks {
		for at, slot := firsts[i], slots[i]; slot != 0; slot = t.slots[at].Load() {
			may[i] = may[i] || slot&^placeMask == tags[i]
			at = (at + 1) & (len(t.slots) - 1)
		}
	}
}

// sortKey is the place of an entry in a table and the leading bits of its digest.
type sortKey struct {
	prefix uint64
	at     uint32
}

// sorted returns the places of all entries in the order of a run. They are spread by 16 leading bits first, so that few
// are left to compare.
func (t *table) sorted() []sortKey {
	const buckets = 1 << 16
	starts := make([]uint32, buckets+1)
	for i := range t.length {
		starts[prefix(t.row(i))>>48+1]++
	}
	for i := range buckets {
		starts[i+1] += starts[i]
	}
	next := slices.Clone(starts[:buckets])
	keys := make([]sortKey, t.length)
	for i := range t.length {
		p := prefix(t.row(i))
		keys[next[p>>48]] = sortKey{p, uint32(i)}
		next[p>>48]++
	}
	for b := range buckets {
		if some := keys[starts[b]:starts[b+1]]; len(some) > 1 {
			slices.SortFunc(some, t.compare)
		}
	}
	return keys
}

func (t *table) compare(x, y sortKey) int {
	if c := cmp.Compare(x.prefix, y.prefix); c != 0 {
		return c
	}
	return bytes.Compare(t.row(int(x.at))[:keySize], t.row(int(y.at))[:keySize])
}
