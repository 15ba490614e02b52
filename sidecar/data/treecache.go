package data

import (
	"sync"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
)

// treeCacheLeaves bounds the leaves of all commitment trees kept in memory, about 112 bytes each.
const treeCacheLeaves = 512 << 10

// treeCache keeps the commitment trees used last, by comm_d.
type treeCache struct {
	mu    sync.Mutex
	trees map[format.Digest]*commitment.Tree // guarded by mu
	order []format.Digest                    // least recently used first; guarded by mu
	total int                                // leaves of all trees; guarded by mu
}

func newTreeCache() *treeCache { return &treeCache{trees: map[format.Digest]*commitment.Tree{}} }

func (c *treeCache) get(commD format.Digest) (*commitment.Tree, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := c.trees[commD]
	if ok {
		c.forget(commD)
		c.order = append(c.order, commD)
	}
	return t, ok
}

func (c *treeCache) add(t *commitment.Tree) {
	c.mu.Lock()
	defer c.mu.Unlock()
	commD := t.CommD()
	if _, ok := c.trees[commD]; ok {
		return
	}
	c.trees[commD] = t
	c.order = append(c.order, commD)
	c.total += int(t.LeafCount())
	for c.total > treeCacheLeaves && len(c.order) > 1 {
		oldest := c.order[0]
		c.order = c.order[1:]
		c.total -= int(c.trees[oldest].LeafCount())
		delete(c.trees, oldest)
	}
}

func (c *treeCache) remove(commD format.Digest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t, ok := c.trees[commD]; ok {
		c.total -= int(t.LeafCount())
		delete(c.trees, commD)
		c.forget(commD)
	}
}

// forget takes commD out of order. The caller holds mu.
func (c *treeCache) forget(commD format.Digest) {
	for i, d := range c.order {
		if d == commD {
			c.order = append(c.order[:i], c.order[i+1:]...)
			return
		}
	}
}
