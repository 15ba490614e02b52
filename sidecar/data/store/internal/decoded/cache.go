package decoded

import (
	"container/list"
	"fmt"
	"sync"

	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// cacheSingleBytes is the plain size up to which an encoding of one block is cached. Larger ones are read in sequence
// as a rule, and the operating system caches their envelopes.
const cacheSingleBytes = 64 << 10

// Encoding is an encoding in plain form. It never changes.
type Encoding struct {
	Plain   []byte
	Entries []envelope.Entry
}

// Block returns a block by its position. It fails with store.ErrCorrupt when there is none. The data is shared.
func (d *Encoding) Block(index int) ([]byte, error) {
	if index >= len(d.Entries) {
		return nil, fmt.Errorf("%w: block %d of %d", store.ErrCorrupt, index, len(d.Entries))
	}
	e := d.Entries[index]
	return d.Plain[e.Offset : e.Offset+e.Size : e.Offset+e.Size], nil
}

// costBytes is about what the encoding occupies in memory.
func (d *Encoding) costBytes() int64 { return int64(len(d.Plain) + 48*len(d.Entries) + 200) }

// Cache keeps the encodings used last, by the number that a store gives them. It is safe for concurrent use.
type Cache struct {
	limit int64

	mu    sync.Mutex
	used  int64                    // guarded by mu
	order *list.List               // of *cachedEncoding, last used first; guarded by mu
	byNum map[uint64]*list.Element // guarded by mu
}

type cachedEncoding struct {
	number  uint64
	decoded *Encoding
}

// New returns a cache that holds about limitBytes.
func New(limitBytes int64) *Cache {
	return &Cache{limit: limitBytes, order: list.New(), byNum: map[uint64]*list.Element{}}
}

// Get returns the encoding with the given number, if it is there.
func (c *Cache) Get(number uint64) (*Encoding, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	el, ok := c.byNum[number]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(el)
	return el.Value.(*cachedEncoding).decoded, true
}

// Add keeps an encoding, unless it is one large block.
func (c *Cache) Add(number uint64, d *Encoding) {
	if len(d.Entries) == 1 && len(d.Plain) > cacheSingleBytes {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byNum[number]; ok {
		return
	}
	c.byNum[number] = c.order.PushFront(&cachedEncoding{number, d})
	c.used += d.costBytes()
	for c.used > c.limit && c.order.Len() > 0 {
		c.drop(c.order.Back())
	}
}

// Remove forgets an encoding; that it is not there is no error.
func (c *Cache) Remove(number uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el, ok := c.byNum[number]; ok {
		c.drop(el)
	}
}

// drop takes an element out. The caller holds mu.
func (c *Cache) drop(el *list.Element) {
	e := c.order.Remove(el).(*cachedEncoding)
	delete(c.byNum, e.number)
	c.used -= e.decoded.costBytes()
}
