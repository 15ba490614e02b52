package data

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/layout"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

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
	// What is told to be deleted does not come back when the process is killed.
	if err := e.store.Sync(ctx); err != nil {
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

	keepRecords bool // of layouts that nobody holds
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
		if err := c.engine.eachKept(ctx, p, func(d format.Digest) error { return c.markBlock(ctx, d) }); err != nil {
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
		if c.keepRecords {
			return nil
		}
		return e.dropLayout(ctx, d, h, &batch)
	})
	if err != nil {
		return err
	}
	for d, h := range live {
		err := e.eachEncoding(ctx, d, func(encoding format.Digest) error {
			c.keep[encoding] = false
			return nil
		})
		if err != nil {
			return err
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
