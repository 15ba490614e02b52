package data

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/layout"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// sweepGroup is how many encodings are tested and deleted with the leases locked.
const sweepGroup = 64

// evictSlack: one part in so many of the room for cache is made free at once, that not every collection has to.
const evictSlack = 10

// GCResult tells what a collection did.
type GCResult struct {
	DeletedEncodings uint64
	FreedBytes       uint64 // length of the deleted encodings
	KeptEncodings    uint64
	KeptBytes        uint64
	CachedBytes      uint64 // of the kept, what nothing but room keeps
}

// GC deletes every encoding that nothing keeps, the cache as well, and gives the space back to the file system. Superseded
// versions and tombstones whose time is over end first. Puts, gets and fetches go on meanwhile; a second collection waits
// for the first. It may be interrupted at any time: what is deleted by then was garbage.
//
// Of a block with several copies one is kept, after it was read back whole, besides those that held layouts name. It
// deletes nothing, and fails with ErrMissing, when a pinned manifest cannot be read and so what to keep is not known.
func (e *Engine) GC(ctx context.Context) (GCResult, error) {
	return e.collect(ctx, func(uint64) uint64 { return 0 })
}

// Evict does as GC but lets cache stay up to Options.CacheMaxBytes, less if freeBytes would not be freed otherwise. What
// is deleted, by Delete, goes in any case; of the cache goes what is read least for the space it takes, the oldest of what
// is not read at all first.
func (e *Engine) Evict(ctx context.Context, freeBytes uint64) (GCResult, error) {
	return e.collect(ctx, func(garbageBytes uint64) uint64 {
		return min(e.cacheMaxBytes, garbageBytes-min(freeBytes, garbageBytes))
	})
}

// collect deletes garbage until no more than room says stays, given how much there is.
func (e *Engine) collect(ctx context.Context, room func(garbageBytes uint64) uint64) (GCResult, error) {
	e.gc.Lock()
	defer e.gc.Unlock()
	if err := e.expire(ctx); err != nil {
		return GCResult{}, fmt.Errorf("failed to collect garbage: %w", err)
	}
	defer e.leases.collect()()
	c := &collection{
		engine: e, room: room,
		keep: map[format.Digest]bool{}, wanted: map[format.Digest]struct{}{}, deleted: map[format.Digest]deletion{},
	}
	if err := c.mark(ctx); err != nil {
		return GCResult{}, fmt.Errorf("failed to collect garbage: %w", err)
	}
	if err := c.sweep(ctx); err != nil {
		return c.result, fmt.Errorf("failed to collect garbage: %w", err)
	}
	if _, err := e.store.Reclaim(ctx); err != nil {
		return c.result, fmt.Errorf("failed to reclaim space: %w", err)
	}
	return c.result, nil
}

// collection is one run of the collector.
type collection struct {
	engine  *Engine
	room    func(garbageBytes uint64) uint64
	keep    map[format.Digest]bool     // encodings; true if read back and found sound
	wanted  map[format.Digest]struct{} // blocks to keep without a sound copy
	deleted map[format.Digest]deletion // blocks of what was deleted, whether or not something else keeps them
	result  GCResult
}

// deletion says when a block of what was deleted goes: the manifest last, since it tells what the others are, after a
// collection that was interrupted as well.
type deletion uint8

const (
	deletedContent deletion = iota + 1
	deletedManifest
)

// expire ends what is kept, or remembered, for a time.
func (e *Engine) expire(ctx context.Context) error {
	if err := e.expireSuperseded(ctx); err != nil {
		return err
	}
	return e.expireTombstones(ctx)
}

// mark finds what to keep.
func (c *collection) mark(ctx context.Context) error {
	if err := c.markLayouts(ctx); err != nil {
		return err
	}
	var pins []Pin
	if err := c.engine.List(ctx, func(p Pin) error {
		pins = append(pins, p)
		return nil
	}); err != nil {
		return err
	}
	for _, p := range pins {
		if err := c.markManifest(ctx, p); err != nil {
			return fmt.Errorf("manifest %s: %w", p.Manifest, err)
		}
	}
	return c.markDeleted(ctx)
}

// markDeleted finds the blocks of deleted content, as far as the manifests are still there to name them.
func (c *collection) markDeleted(ctx context.Context) error {
	return c.engine.Deleted(ctx, func(t *Tombstone) error {
		for _, m := range t.Manifests {
			err := c.markDeletedManifest(ctx, m)
			if err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrCorrupt) {
				return fmt.Errorf("deleted manifest %s: %w", m, err)
			}
		}
		return nil
	})
}

func (c *collection) markDeletedManifest(ctx context.Context, m cid.Cid) error {
	r, err := manifest.Open(ctx, m, c.engine.local)
	if err != nil {
		return err
	}
	d, err := format.DigestOf(m)
	if err != nil {
		return err
	}
	for _, block := range append([]format.Digest{d}, r.Header().Pages...) {
		c.deleted[block] = deletedManifest
	}
	for entry, err := range r.Entries(ctx) {
		if err != nil {
			return err
		}
		if _, ok := c.deleted[entry.Digest]; !ok {
			c.deleted[entry.Digest] = deletedContent
		}
	}
	return nil
}

// markLayouts keeps the encodings of held layouts and drops the records of others.
func (c *collection) markLayouts(ctx context.Context) error {
	e := c.engine
	e.holds.Lock()
	defer e.holds.Unlock()
	var batch store.Batch
	live := map[format.Digest]*layout.Header{}
	err := e.eachLayout(ctx, func(d format.Digest, h *layout.Header) error {
		held, err := e.held(ctx, d)
		if err != nil {
			return err
		}
		if held {
			live[d] = h
			return nil
		}
		return e.dropLayout(ctx, d, h, &batch)
	})
	if err != nil {
		return err
	}
	for d, h := range live {
		r, err := layout.Open(ctx, format.CBORCID(d), e.local)
		if err != nil {
			return unreadable(fmt.Errorf("layout %s: %w", format.CBORCID(d), err))
		}
		for enc, err := range r.Encodings(ctx) {
			if err != nil {
				return unreadable(fmt.Errorf("layout %s: %w", format.CBORCID(d), err))
			}
			c.keep[enc.Digest] = false
		}
		for _, block := range append([]format.Digest{d}, h.Pages...) {
			if err := c.markBlock(ctx, block); err != nil {
				return err
			}
		}
	}
	if batch.Empty() {
		return nil
	}
	return e.store.Apply(ctx, &batch, store.Durable)
}

func (c *collection) markManifest(ctx context.Context, p Pin) error {
	r, err := manifest.Open(ctx, p.Manifest, c.engine.local)
	if err != nil {
		return unreadable(err)
	}
	d, err := format.DigestOf(p.Manifest)
	if err != nil {
		return err
	}
	for _, block := range append([]format.Digest{d}, p.Header.Pages...) {
		if err := c.markBlock(ctx, block); err != nil {
			return err
		}
	}
	for entry, err := range r.Entries(ctx) {
		if err != nil {
			return unreadable(err)
		}
		if err := c.markBlock(ctx, entry.Digest); err != nil {
			return err
		}
	}
	return nil
}

// unreadable marks an error of a manifest or layout that is missing or damaged.
func unreadable(err error) error {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrCorrupt) {
		return fmt.Errorf("%w: %w", ErrMissing, err)
	}
	return err
}

// markBlock sees to it that one sound copy of a block is kept.
func (c *collection) markBlock(ctx context.Context, block format.Digest) error {
	at, err := c.engine.store.Locate(ctx, block)
	if err != nil {
		return err
	}
	if len(at) == 1 {
		if _, ok := c.keep[at[0]]; !ok {
			c.keep[at[0]] = false
		}
		return nil
	}
	// With several copies the others are going to be deleted: prefer one that is kept anyway, and read it.
	for _, first := range []bool{true, false} {
		for _, d := range at {
			sound, kept := c.keep[d]
			if kept != first {
				continue
			}
			if !sound {
				_, err := c.engine.store.Encoding(ctx, d)
				if errors.Is(err, store.ErrCorrupt) || errors.Is(err, store.ErrNotFound) {
					continue
				}
				if err != nil {
					return err
				}
			}
			c.keep[d] = true
			return nil
		}
	}
	c.wanted[block] = struct{}{}
	return nil
}

// garbage is an encoding that nothing keeps.
type garbage struct {
	digest      format.Digest
	lengthBytes uint32
	deletion    deletion // 0 of cache
	heat        float64  // of its blocks, per byte of its length
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
			g.heat += c.engine.heat.Heat(entry.Digest) / float64(enc.LengthBytes)
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
	slices.SortStableFunc(cache, func(a, b garbage) int { return cmp.Compare(a.heat, b.heat) })
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
