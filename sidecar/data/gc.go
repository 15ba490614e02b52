package data

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/layout"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// sweepGroup is how many encodings are tested and deleted with the leases locked.
const sweepGroup = 64

// GCResult tells what a collection did.
type GCResult struct {
	DeletedEncodings uint64
	FreedBytes       uint64 // length of the deleted encodings
	KeptEncodings    uint64
	KeptBytes        uint64
}

// GC deletes every encoding that nothing keeps, and gives the space back to the file system. Puts, gets and fetches go on
// meanwhile; a second collection waits for the first. It may be interrupted at any time: what is deleted by then was
// garbage.
//
// Of a block with several copies one is kept, after it was read back whole, besides those that held layouts name. It
// deletes nothing, and fails with ErrMissing, when a pinned manifest cannot be read and so what to keep is not known.
func (e *Engine) GC(ctx context.Context) (GCResult, error) {
	e.gc.Lock()
	defer e.gc.Unlock()
	defer e.leases.collect()()
	c := &collection{engine: e, keep: map[format.Digest]bool{}, wanted: map[format.Digest]struct{}{}}
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
	engine *Engine
	keep   map[format.Digest]bool     // encodings; true if read back and found sound
	wanted map[format.Digest]struct{} // blocks to keep without a sound copy
	result GCResult

	keepRecords bool // of layouts that nobody holds
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

// sweep deletes what is not kept.
func (c *collection) sweep(ctx context.Context) error {
	var garbage []format.Digest
	err := c.engine.store.IterateEncodings(ctx, func(enc store.Encoding) error {
		if _, ok := c.keep[enc.Digest]; ok {
			c.result.KeptEncodings++
			c.result.KeptBytes += uint64(enc.LengthBytes)
			return nil
		}
		garbage = append(garbage, enc.Digest)
		return nil
	})
	if err != nil {
		return err
	}
	for len(garbage) > 0 {
		n := min(len(garbage), sweepGroup)
		if err := c.sweepSome(ctx, garbage[:n]); err != nil {
			return err
		}
		garbage = garbage[n:]
	}
	return nil
}

func (c *collection) sweepSome(ctx context.Context, some []format.Digest) error {
	e := c.engine
	e.leases.sweep.Lock()
	defer e.leases.sweep.Unlock()
	leases := e.leases.all()
	var batch store.Batch
	freed := c.result
	for _, d := range some {
		enc, err := e.store.StatEncoding(ctx, d)
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
		batch.DeleteEncoding(d)
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
	for _, l := range leases {
		if l.has(enc.Digest) {
			return true
		}
	}
	for _, entry := range enc.Entries {
		if _, ok := c.wanted[entry.Digest]; ok {
			return true
		}
		for _, l := range leases {
			if l.has(entry.Digest) {
				return true
			}
		}
	}
	return false
}
