package pebblestore

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

// decodedEncoding is an encoding in plain form. It never changes.
type decodedEncoding struct {
	plain   []byte
	entries []envelope.Entry
}

func (d *decodedEncoding) block(index int) ([]byte, error) {
	if index >= len(d.entries) {
		return nil, fmt.Errorf("%w: block %d of %d", store.ErrCorrupt, index, len(d.entries))
	}
	e := d.entries[index]
	return d.plain[e.Offset : e.Offset+e.Size : e.Offset+e.Size], nil
}

// costBytes is about what the encoding occupies in memory.
func (d *decodedEncoding) costBytes() int64 { return int64(len(d.plain) + 48*len(d.entries) + 200) }

// decodedCache keeps the decoded encodings used last, by encoding number.
type decodedCache struct {
	limit int64

	mu    sync.Mutex
	used  int64                    // guarded by mu
	order *list.List               // of *cachedEncoding, last used first; guarded by mu
	byNum map[uint64]*list.Element // guarded by mu
}

type cachedEncoding struct {
	number  uint64
	decoded *decodedEncoding
}

func newDecodedCache(limitBytes int64) *decodedCache {
	return &decodedCache{limit: limitBytes, order: list.New(), byNum: map[uint64]*list.Element{}}
}

func (c *decodedCache) get(number uint64) (*decodedEncoding, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	el, ok := c.byNum[number]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(el)
	return el.Value.(*cachedEncoding).decoded, true
}

func (c *decodedCache) add(number uint64, d *decodedEncoding) {
	if len(d.entries) == 1 && len(d.plain) > cacheSingleBytes {
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

func (c *decodedCache) remove(number uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el, ok := c.byNum[number]; ok {
		c.drop(el)
	}
}

// drop takes an element out. The caller holds mu.
func (c *decodedCache) drop(el *list.Element) {
	e := c.order.Remove(el).(*cachedEncoding)
	delete(c.byNum, e.number)
	c.used -= e.decoded.costBytes()
}
