package data

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// evictSlack: one part in so many of the room for cache is made free at once, that not every collection has to.
const evictSlack = 10

// sweepGroup is how many encodings are tested and deleted with the leases locked.
const sweepGroup = 64

// garbage is an encoding that nothing keeps.
type garbage struct {
	digest      format.Digest
	lengthBytes uint32
	deletion    deletion // 0 of cache
	worth       float64  // of its blocks, per byte of its length
}

// nodeWorth is how many accesses a node of a DAG or a part of a manifest counts for, beside its own: all that is below it is
// found and checked by it, and it is short.
const nodeWorth = 4

// worth is how much it matters that a block stays: by how often it is read, and by what it is.
func (c *collection) worth(b envelope.Entry) float64 {
	worth := c.engine.heat.Heat(b.Digest)
	if b.Codec != format.Raw {
		worth += nodeWorth
	}
	return worth
}

// sweep deletes what is not kept, as far as there is no room for it.
func (c *collection) sweep(ctx context.Context) error {
	var cache, gone []garbage
	var cacheBytes, goneBytes uint64
	err := c.engine.store.IterateEncodings(ctx, func(enc store.Encoding) error {
		if _, ok := c.keep[enc.Digest]; ok {
			c.result.KeptEncodings++
			c.result.KeptBytes += uint64(enc.LengthBytes)
			return nil
		}
		g := garbage{digest: enc.Digest, lengthBytes: enc.LengthBytes}
		for _, entry := range enc.Entries {
			g.deletion = max(g.deletion, c.deleted[entry.Digest])
			g.worth += c.worth(entry) / float64(enc.LengthBytes)
		}
		if g.deletion != 0 {
			gone = append(gone, g)
			goneBytes += uint64(g.lengthBytes)
		} else {
			cache = append(cache, g)
			cacheBytes += uint64(g.lengthBytes)
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(gone, func(a, b garbage) int { return cmp.Compare(a.deletion, b.deletion) })
	slices.SortStableFunc(cache, func(a, b garbage) int { return cmp.Compare(a.worth, b.worth) })
	room := c.room(cacheBytes + goneBytes)
	if cacheBytes > room {
		room -= room / evictSlack
	}
	stay := cache
	for cacheBytes > room {
		cacheBytes -= uint64(stay[0].lengthBytes)
		stay = stay[1:]
	}
	c.result.KeptEncodings += uint64(len(stay))
	c.result.KeptBytes += cacheBytes
	c.result.CachedBytes = cacheBytes
	for some := range slices.Chunk(slices.Concat(gone, cache[:len(cache)-len(stay)]), sweepGroup) {
		if err := c.sweepSome(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

func (c *collection) sweepSome(ctx context.Context, some []garbage) error {
	e := c.engine
	e.leases.sweep.Lock()
	defer e.leases.sweep.Unlock()
	leases := e.leases.all()
	var batch store.Batch
	freed := c.result
	for _, g := range some {
		enc, err := e.store.StatEncoding(ctx, g.digest)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if c.needed(enc, leases) {
			freed.KeptEncodings++
			freed.KeptBytes += uint64(enc.LengthBytes)
			continue
		}
		batch.DeleteEncoding(g.digest)
		freed.DeletedEncodings++
		freed.FreedBytes += uint64(enc.LengthBytes)
	}
	if !batch.Empty() {
		if err := e.store.Apply(ctx, &batch, store.Lazy); err != nil {
			return err
		}
	}
	c.result = freed
	return nil
}

// needed tells whether a lease protects an encoding, or a kept block may be in it and nowhere else.
func (c *collection) needed(enc store.Encoding, leases []*lease) bool {
	if len(enc.Entries) == 0 && len(c.wanted) > 0 {
		return true // damaged, so that it cannot say what it holds
	}
	for _, entry := range enc.Entries {
		if _, ok := c.wanted[entry.Digest]; ok {
			return true
		}
	}
	return leased(enc, leases)
}

// leased tells whether a lease protects an encoding, by its own digest or by that of a block in it.
func leased(enc store.Encoding, leases []*lease) bool {
	for _, l := range leases {
		if l.has(enc.Digest) {
			return true
		}
		for _, entry := range enc.Entries {
			if l.has(entry.Digest) {
				return true
			}
		}
	}
	return false
}
