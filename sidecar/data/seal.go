package data

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// errEnough ends an iteration early.
var errEnough = errors.New("enough")

// local reads blocks from the store only.
func (e *Engine) local(ctx context.Context, c cid.Cid) ([]byte, error) {
	d, err := format.DigestOf(c)
	if err != nil {
		return nil, err
	}
	b, err := e.store.Open(ctx, d)
	if err != nil {
		return nil, err
	}
	return b.Data, nil
}

// seal makes or finds the manifest of a finished put and pins it durably, and with it everything written before.
func (e *Engine) seal(opts PutOptions, l *lease, lines *pipeline, result *PutResult) error {
	ctx := lines.caller
	var batch store.Batch
	old, err := e.equalManifest(ctx, opts, result.Root)
	if err != nil {
		return err
	}
	if old != nil {
		result.Manifest, result.Existing = old.Manifest, true
		return e.renew(ctx, l, *old, &batch)
	}
	header, err := e.describe(ctx, l, result.Root, opts.meta(result.SizeBytes, e.now()), &batch)
	if err != nil {
		return err
	}
	sig, err := opts.Sign(ctx, header.SigningBytes())
	if err != nil {
		return fmt.Errorf("failed to sign the manifest: %w", err)
	}
	if err := header.Attach(sig); err != nil {
		return fmt.Errorf("failed to sign the manifest: %w", err)
	}
	block, err := header.Encode()
	if err != nil {
		return fmt.Errorf("failed to encode the manifest: %w", err)
	}
	if err := e.keep(ctx, l, []format.Block{block}, &batch); err != nil {
		return err
	}
	result.StoredBytes += uint64(batch.SizeBytes())
	result.AddedBytes += uint64(batch.SizeBytes())
	result.Manifest = format.CBORCID(block.Digest)
	p := Pin{Root: result.Root, Manifest: result.Manifest, Header: header}
	if header.Supersedes.Defined() {
		if err := e.supersede(p, opts.KeepSuperseded, &batch); err != nil {
			return err
		}
	}
	return e.pin(ctx, p, &batch)
}

// pin pins a manifest, durably, with what batch has already. Tombstones of what it contains end.
func (e *Engine) pin(ctx context.Context, p Pin, batch *store.Batch) error {
	_, err := e.pinFor(ctx, p, "", cid.Undef, batch)
	return err
}

// pinFor is pin for a peer that pushes the manifest, if by is not empty, and tells whether it was pinned before. It unpins the
// root that the manifest replaces, if there is one, for a peer as far as that is kept for it alone: it fails with
// ErrNotPusher if nothing of it is and the manifest is new, and with ErrHeld if a deal needs it.
func (e *Engine) pinFor(ctx context.Context, p Pin, by string, replaced cid.Cid, batch *store.Batch) (existing bool, err error) {
	found, err := e.findGraves(ctx, p.Root)
	if err != nil {
		return false, err
	}
	e.pins.Lock()
	defer e.pins.Unlock()
	if found.stale(e.graves) {
		if found, err = e.findGraves(ctx, p.Root); err != nil {
			return false, err
		}
	}
	existing, alone, err := e.setPusher(ctx, p, by, batch)
	if err != nil {
		return false, err
	}
	if !alone { // somebody relies on it who did not before
		if err := e.keepAgain(ctx, p, batch); err != nil {
			return false, err
		}
	}
	if by != "" && !existing && p.Header.Supersedes.Defined() {
		if err := e.supersedePushed(ctx, p, by, batch); err != nil {
			return false, err
		}
	}
	change := pinChange{add: []Pin{p}, revived: found.roots}
	if replaced.Defined() {
		if change.remove, err = e.Pins(ctx, replaced); err != nil {
			return false, err
		}
		if by != "" {
			e.holds.Lock() // no deal begins to need it meanwhile
			defer e.holds.Unlock()
			change.remove, err = e.replaceable(ctx, change.remove, by, existing)
			if err != nil {
				return false, err
			}
		}
		if err := e.withdraw(change.remove, batch); err != nil {
			return false, err
		}
	}
	if err := e.changePins(ctx, change, batch); err != nil {
		return false, fmt.Errorf("failed to pin the manifest: %w", err)
	}
	return existing, nil
}

// describe walks the DAG under root in the store, writes the manifest's pages into batch and returns the unsigned header.
func (e *Engine) describe(
	ctx context.Context, l *lease, root cid.Cid, meta manifest.Meta, batch *store.Batch,
) (*manifest.Header, error) {
	var pages []format.Block
	b := manifest.NewBuilder(func(page format.Block) error {
		pages = append(pages, page)
		return nil
	})
	err := unixfs.Walk(ctx, e.local, root, unixfs.WalkOptions{}, func(v unixfs.Visit) error {
		d, err := format.DigestOf(v.Cid)
		if err != nil {
			return err
		}
		return b.Append(manifest.Entry{Codec: v.Cid.Prefix().Codec, Digest: d, Size: uint32(v.SizeBytes)})
	})
	if err != nil {
		return nil, fmt.Errorf("failed to list the blocks: %w", err)
	}
	header, err := b.Finish(meta)
	if err != nil {
		return nil, fmt.Errorf("failed to make the manifest: %w", err)
	}
	return header, e.keep(ctx, l, pages, batch)
}

// soundBytes reads an encoding back, past every cache, and returns its length, 0 if it is missing or damaged. A damaged
// one is thereby known to the store as such and will be replaced.
func (e *Engine) soundBytes(ctx context.Context, d format.Digest) (int, error) {
	data, err := e.store.Encoding(ctx, d)
	if errors.Is(err, store.ErrCorrupt) || errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	return len(data), err
}

// readable tells whether a block lies in an encoding that can be read back.
func (e *Engine) readable(ctx context.Context, block format.Digest) (bool, error) {
	at, err := e.store.Locate(ctx, block)
	if err != nil {
		return false, err
	}
	for _, d := range at {
		if sizeBytes, err := e.soundBytes(ctx, d); err != nil || sizeBytes > 0 {
			return err == nil, err
		}
	}
	return false, nil
}

// keep leases blocks and adds encodings of those that cannot be read back to batch.
func (e *Engine) keep(ctx context.Context, l *lease, blocks []format.Block, batch *store.Batch) error {
	e.leases.sweep.RLock()
	defer e.leases.sweep.RUnlock()
	p := packer{limit: envelope.MaxPlainSize}
	pack := func() error {
		j := p.take()
		if j == nil {
			return nil
		}
		enc, err := compress.Encode(j.blocks, compress.Balanced)
		if err == nil {
			batch.PutEncoding(enc)
		}
		return err
	}
	for _, b := range blocks {
		if !l.claim(b.Digest) {
			continue
		}
		stored, err := e.readable(ctx, b.Digest)
		if err != nil {
			return fmt.Errorf("failed to look for block: %w", err)
		}
		if stored {
			continue
		}
		if p.full(len(b.Data)) {
			if err := pack(); err != nil {
				return err
			}
		}
		p.add(b)
	}
	return pack()
}

// equalManifest returns the pin of root whose manifest says the same, or is to be superseded by the same, or nil.
func (e *Engine) equalManifest(ctx context.Context, opts PutOptions, root cid.Cid) (*Pin, error) {
	var found *Pin
	err := e.eachPin(ctx, root, func(p Pin) error {
		h := p.Header
		if slices.Equal(h.Tags, opts.Tags) && h.Creator.Equal(opts.Creator) && h.ContentType == opts.ContentType &&
			(h.Supersedes.Equals(opts.Supersedes) || p.Manifest.Equals(opts.Supersedes)) {
			found = &p
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	return found, nil
}

// renew makes a pinned manifest durable, storing again what is lost of its own blocks: the pages follow from the
// content, and the pin has the header. If it was superseded it is kept from now on.
func (e *Engine) renew(ctx context.Context, l *lease, old Pin, batch *store.Batch) error {
	whole, err := e.manifestWhole(ctx, old)
	if err != nil {
		return err
	}
	if whole {
		return e.pin(ctx, old, batch)
	}
	if _, err := e.describe(ctx, l, old.Root, old.Header.Meta, batch); err != nil {
		return err
	}
	block, err := old.Header.Encode()
	if err != nil {
		return fmt.Errorf("failed to encode the manifest: %w", err)
	}
	if err := e.keep(ctx, l, []format.Block{block}, batch); err != nil {
		return err
	}
	return e.pin(ctx, old, batch)
}

// manifestWhole tells whether the blocks of a manifest itself can be read back.
func (e *Engine) manifestWhole(ctx context.Context, p Pin) (bool, error) {
	d, err := format.DigestOf(p.Manifest)
	if err != nil {
		return false, err
	}
	for _, block := range append([]format.Digest{d}, p.Header.Pages...) {
		if stored, err := e.readable(ctx, block); err != nil || !stored {
			return false, err
		}
	}
	return true, nil
}
