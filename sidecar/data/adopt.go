package data

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/ipfs/go-cid"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const (
	// adoptBlocks and adoptBytes bound the blocks that are fetched at once for a manifest.
	adoptBlocks = 1024
	adoptBytes  = 32 << 20
)

// AdoptOptions say how Adopt gets a manifest.
type AdoptOptions struct {
	By       string             // the peer that pushes the manifest, for which it is kept; empty if the node keeps it for itself
	Replaced cid.Cid            // a root whose pins are removed when the manifest is pinned, unless cid.Undef
	Fetcher  Fetcher            // used in place of the engine's own, unless nil
	Progress func(plain uint64) // takes the plain bytes fetched so far, unless nil; one call at a time
}

// Adopt makes the content of a manifest stored here and pins it, durably. What is missing is fetched; the signature, and
// that the manifest lists the blocks of its root and nothing else, are verified. After a failure it may be called again
// and goes on where it was. It returns whether the manifest was pinned before.
//
// A peer that pushes may replace, and supersede, what is kept for it alone: it fails with ErrNotPusher if nothing of a root
// that is replaced is, and another manifest that is superseded stays.
//
// It fails with ErrMismatch when the manifest is not of the root, not signed or does not list its blocks, ErrMissing when
// something is not to be had, or store.ErrFull.
func (e *Engine) Adopt(ctx context.Context, root, manifestCID cid.Cid, opts AdoptOptions) (existing bool, err error) {
	existing, err = e.adopt(ctx, root, manifestCID, opts)
	if err != nil {
		return false, fmt.Errorf("failed to adopt manifest %s: %w", manifestCID, err)
	}
	return existing, nil
}

func (e *Engine) adopt(ctx context.Context, root, manifestCID cid.Cid, opts AdoptOptions) (existing bool, err error) {
	digest, err := format.DigestOf(manifestCID)
	if err != nil {
		return false, mismatch(err)
	}
	if opts.By != "" && opts.Replaced.Defined() && !opts.Replaced.Equals(root) {
		if err := e.checkReplaced(ctx, root, manifestCID, opts); err != nil {
			return false, err
		}
	}
	if opts.Fetcher == nil {
		opts.Fetcher = e.fetcher
	}
	a := &adoption{engine: e, opts: opts, lease: e.leases.begin(), source: e.newSource(ctx, cid.Undef, opts.Fetcher)}
	a.source.whole = true
	defer a.lease.end()
	m, err := a.fetch(ctx, root, manifestCID, digest)
	if cerr := a.source.close(); err == nil {
		err = cerr
	}
	if err != nil {
		return false, err
	}
	// All has passed through the source; what it could not keep for want of room is not there.
	if err := a.complete(ctx, m, digest); err != nil {
		return false, err
	}
	return e.pinAdopted(ctx, m, digest, opts)
}

// checkReplaced fails with ErrNotPusher, before anything is fetched, if a peer would replace what is not kept for it alone.
func (e *Engine) checkReplaced(ctx context.Context, root, manifestCID cid.Cid, opts AdoptOptions) error {
	pins, err := e.Pins(ctx, opts.Replaced)
	if err == nil {
		_, err = e.pushedBy(ctx, pins, opts.By)
	}
	if !errors.Is(err, ErrNotPusher) {
		return err
	}
	if _, again := e.PinOf(ctx, root, manifestCID); again == nil {
		return nil // it may have been replaced already
	}
	return err
}

// adoption is one Adopt.
type adoption struct {
	engine  *Engine
	opts    AdoptOptions
	lease   *lease
	source  *source
	fetched atomic.Uint64
}

// fetch gets the manifest and every block of it that is not stored, and verifies the manifest.
func (a *adoption) fetch(ctx context.Context, root, manifestCID cid.Cid, digest format.Digest) (*manifest.Reader, error) {
	a.claim(digest)
	m, err := manifest.Open(ctx, manifestCID, a.source.get)
	if err != nil {
		return nil, mismatch(err)
	}
	if !m.Header().Root.Equals(root) {
		return nil, fmt.Errorf("%w: manifest is of root %s, not %s", ErrMismatch, m.Header().Root, root)
	}
	if err := m.Header().Verify(); err != nil {
		return nil, mismatch(err)
	}
	for _, page := range m.Header().Pages {
		a.claim(page)
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(adoptBlocks)
	room := semaphore.NewWeighted(adoptBytes)
	var walkErr error
	for entry, err := range m.Entries(ctx) {
		if err != nil {
			walkErr = mismatch(err)
			break
		}
		a.claim(entry.Digest)
		stored, err := a.engine.store.Has(ctx, entry.Digest)
		if err != nil {
			walkErr = err
			break
		}
		if stored {
			continue
		}
		weight := int64(min(max(entry.Size, 1), format.MaxBlockSize))
		if err := room.Acquire(gctx, weight); err != nil {
			break // the group has the reason
		}
		g.Go(func() error {
			defer room.Release(weight)
			data, err := a.source.getSized(gctx, entry.CID(), int(min(entry.Size, format.MaxBlockSize)))
			if err == nil && uint64(len(data)) != uint64(entry.Size) {
				err = fmt.Errorf("%w: block %s has %d bytes, manifest states %d", ErrMismatch, entry.CID(), len(data), entry.Size)
			}
			a.fetched.Add(uint64(len(data)))
			return err
		})
		if a.opts.Progress != nil {
			a.opts.Progress(a.fetched.Load())
		}
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if walkErr != nil {
		return nil, walkErr
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := manifest.VerifyDAG(ctx, m, a.source.get); err != nil {
		return nil, mismatch(err)
	}
	if a.opts.Progress != nil {
		a.opts.Progress(a.fetched.Load())
	}
	return m, nil
}

// claim leases a digest before anyone looks whether it is stored.
func (a *adoption) claim(d format.Digest) {
	a.engine.leases.sweep.RLock()
	defer a.engine.leases.sweep.RUnlock()
	a.lease.claim(d)
}

// complete fails with store.ErrFull unless every block of the manifest and of its content is stored.
func (a *adoption) complete(ctx context.Context, m *manifest.Reader, digest format.Digest) error {
	missing := func(d format.Digest) error {
		ok, err := a.engine.store.Has(ctx, d)
		if err == nil && !ok {
			err = fmt.Errorf("%w: a block that was fetched could not be kept", store.ErrFull)
		}
		return err
	}
	for _, d := range append([]format.Digest{digest}, m.Header().Pages...) {
		if err := missing(d); err != nil {
			return err
		}
	}
	r, err := manifest.Open(ctx, m.CID(), a.engine.local)
	if err != nil {
		return err
	}
	for entry, err := range r.Entries(ctx) {
		if err != nil {
			return err
		}
		if err := missing(entry.Digest); err != nil {
			return err
		}
	}
	return nil
}

// pinAdopted pins a manifest whose content is all stored, and unpins the root it replaces, with one durable write.
func (e *Engine) pinAdopted(ctx context.Context, m *manifest.Reader, digest format.Digest, opts AdoptOptions) (existing bool, err error) {
	p := Pin{Root: m.Header().Root, Manifest: m.CID(), Header: m.Header()}
	var batch store.Batch
	if opts.By == "" && p.Header.Supersedes.Defined() {
		_, err := e.store.Meta(ctx, pinKey(p.Root, digest))
		if errors.Is(err, store.ErrNotFound) {
			err = e.supersede(p, 0, &batch)
		}
		if err != nil {
			return false, err
		}
	}
	replaced := opts.Replaced
	if replaced.Equals(p.Root) {
		replaced = cid.Undef
	}
	return e.pinFor(ctx, p, opts.By, replaced, &batch)
}

// supersedePushed adds the record that p, which a peer pushes, replaces an older manifest to batch, unless that one is not kept for the
// peer alone. The caller holds e.pins.
func (e *Engine) supersedePushed(ctx context.Context, p Pin, by string, batch *store.Batch) error {
	pusher, err := e.pusherOf(ctx, Pin{Manifest: p.Header.Supersedes})
	if err != nil || pusher != by {
		return err
	}
	return e.supersede(p, 0, batch)
}

// replaceable returns the pins of a root that a push may replace. If what it pushes was pinned before, it may have replaced them
// already. The caller holds e.pins and e.holds.
func (e *Engine) replaceable(ctx context.Context, pins []Pin, by string, again bool) ([]Pin, error) {
	pins, err := e.pushedBy(ctx, pins, by)
	if again && errors.Is(err, ErrNotPusher) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return pins, e.checkNotHeld(ctx, pins)
}
