package decoded

import (
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const (
	// cacheSingleBytes is the plain size up to which an encoding of one block is cached. Larger ones are read in sequence
	// as a rule, and the operating system caches their envelopes.
	cacheSingleBytes = 64 << 10
	// bytesPerSlot is how many bytes of cached encodings there are for each slot that finds one of their blocks.
	bytesPerSlot = 128
	// bytesPerPlace is the same for the places of encodings.
	bytesPerPlace = 512
	minPlaces     = 64
	// slotGroup is how many slots a block may be in: a cache line of them.
	slotGroup = 8

	slotIndexBits = 14 // of the position in an encoding
	slotPlaceBits = 22
	slotTagMask   = 1<<64 - 1<<(slotPlaceBits+slotIndexBits)
	maxPlaces     = 1<<slotPlaceBits - 1
)

// Encoding is an encoding in plain form. It is made by a store and never changes.
type Encoding struct {
	Number  uint64 // that the store gives it
	Plain   []byte
	Entries []envelope.Entry
	used    atomic.Bool // since the cache looked for one to drop last
}

// Block returns a block by its position. It fails with store.ErrCorrupt when there is another one.
func (d *Encoding) Block(index int, digest format.Digest) (format.Block, error) {
	if index >= len(d.Entries) || d.Entries[index].Digest != digest {
		return format.Block{}, fmt.Errorf("%w: another encoding lies in its place", store.ErrCorrupt)
	}
	return d.at(index), nil
}

func (d *Encoding) at(index int) format.Block {
	e := &d.Entries[index]
	return format.Block{Codec: e.Codec, Digest: e.Digest, Data: d.Plain[e.Offset : e.Offset+e.Size : e.Offset+e.Size]}
}

// costBytes is about what the encoding occupies in memory.
func (d *Encoding) costBytes() int64 { return int64(len(d.Plain) + 48*len(d.Entries) + 200) }

// Cache keeps decoded encodings. It is safe for concurrent use. It finds their blocks by digest without a lock: a slot says in which place an
// encoding with the block may be, and that encoding's own table whether it is so. Slots are overwritten when they run
// short and outlive the encodings they name; a block that is not found so is looked up in the index, as if it were not
// cached. Of encodings one that was not used for some time is dropped (the clock algorithm).
type Cache struct {
	limit  int64
	slots  []atomic.Uint64            // groups of slotGroup; 0 is an empty one
	places []atomic.Pointer[Encoding] // written under mu

	mu    sync.Mutex
	used  int64          // guarded by mu
	hand  int            // guarded by mu
	free  []int          // places; guarded by mu
	byNum map[uint64]int // places by encoding number; guarded by mu
}

// New returns a cache that holds about limitBytes.
func New(limitBytes int64) *Cache {
	groups := int64(1)
	for groups*slotGroup*bytesPerSlot < limitBytes {
		groups *= 2
	}
	places := int(min(max(limitBytes/bytesPerPlace, minPlaces), maxPlaces))
	c := &Cache{
		limit:  limitBytes,
		slots:  make([]atomic.Uint64, groups*slotGroup),
		places: make([]atomic.Pointer[Encoding], places),
		byNum:  map[uint64]int{},
	}
	for i := range places {
		c.free = append(c.free, places-1-i)
	}
	return c
}

// group returns the slots a block may be in, and what marks it there.
func (c *Cache) group(digest *format.Digest) (slots []atomic.Uint64, tag uint64) {
	n := binary.LittleEndian.Uint64(digest[:]) & uint64(len(c.slots)/slotGroup-1)
	return c.slots[n*slotGroup:][:slotGroup], binary.LittleEndian.Uint64(digest[8:]) << (slotPlaceBits + slotIndexBits)
}

// holder returns the encoding that a slot names, and the position in it, if it has the block.
func (c *Cache) holder(slot uint64, digest *format.Digest) (*Encoding, int) {
	place, index := int(slot>>slotIndexBits&(1<<slotPlaceBits-1))-1, int(slot&(1<<slotIndexBits-1))
	if d := c.places[place].Load(); d != nil && index < len(d.Entries) && d.Entries[index].Digest == *digest {
		return d, index
	}
	return nil, 0
}

// Block returns a block of a cached encoding. It allocates nothing and takes no lock.
func (c *Cache) Block(digest *format.Digest) (format.Block, bool) {
	slots, tag := c.group(digest)
	for i := range slots {
		slot := slots[i].Load()
		if slot == 0 || slot&slotTagMask != tag {
			continue
		}
		if d, index := c.holder(slot, digest); d != nil {
			if !d.used.Load() {
				d.used.Store(true)
			}
			return d.at(index), true
		}
	}
	return format.Block{}, false
}

// note makes a slot name a block of the encoding at a place. The caller holds mu.
func (c *Cache) note(place, index int, digest *format.Digest) {
	slots, tag := c.group(digest)
	slots[c.victim(slots, digest)].Store(tag | uint64(place+1)<<slotIndexBits | uint64(index))
}

// victim chooses the slot of a group to write: an empty one, one that is of no use any more, or any.
func (c *Cache) victim(slots []atomic.Uint64, digest *format.Digest) int {
	for i := range slots {
		if slots[i].Load() == 0 {
			return i
		}
	}
	for i := range slots {
		if c.stale(slots[i].Load()) {
			return i
		}
	}
	return int(digest[16]) % slotGroup
}

// stale tells whether the block of a slot is not where it says any more. The caller holds mu.
func (c *Cache) stale(slot uint64) bool {
	place, index := int(slot>>slotIndexBits&(1<<slotPlaceBits-1))-1, int(slot&(1<<slotIndexBits-1))
	d := c.places[place].Load()
	if d == nil || index >= len(d.Entries) {
		return true
	}
	_, tag := c.group(&d.Entries[index].Digest)
	return slot&slotTagMask != tag
}

// Get returns a cached encoding by its number, for a block of it that was not found by its digest.
func (c *Cache) Get(number uint64, index int) (*Encoding, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	place, ok := c.byNum[number]
	if !ok {
		return nil, false
	}
	d := c.places[place].Load()
	if index < len(d.Entries) {
		c.note(place, index, &d.Entries[index].Digest)
	}
	return d, true
}

// Add keeps an encoding, unless it is one large block.
func (c *Cache) Add(d *Encoding) {
	cost := d.costBytes()
	if len(d.Entries) == 1 && len(d.Plain) > cacheSingleBytes || cost > c.limit {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byNum[d.Number]; ok {
		return
	}
	for c.used+cost > c.limit || len(c.free) == 0 {
		c.dropOne()
	}
	place := c.free[len(c.free)-1]
	c.free = c.free[:len(c.free)-1]
	c.places[place].Store(d)
	c.byNum[d.Number] = place
	c.used += cost
	for i := range d.Entries {
		c.note(place, i, &d.Entries[i].Digest)
	}
}

// Remove forgets an encoding; that it is not there is no error.
func (c *Cache) Remove(number uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if place, ok := c.byNum[number]; ok {
		c.drop(place)
	}
}

// dropOne drops the next encoding that was not used since the hand came by last. The caller holds mu, and something is
// cached.
func (c *Cache) dropOne() {
	for {
		place := c.hand
		c.hand = (c.hand + 1) % len(c.places)
		if d := c.places[place].Load(); d != nil && !d.used.Swap(false) {
			c.drop(place)
			return
		}
	}
}

// drop takes an encoding out. The caller holds mu.
func (c *Cache) drop(place int) {
	d := c.places[place].Swap(nil)
	delete(c.byNum, d.Number)
	c.free = append(c.free, place)
	c.used -= d.costBytes()
}
