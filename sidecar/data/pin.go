package data

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const pinPrefix = "pin/"

func pinKey(root cid.Cid, manifestDigest format.Digest) []byte {
	return append(append([]byte(pinPrefix), root.Bytes()...), manifestDigest[:]...)
}

// Pin is a manifest that is kept, with all content it names.
type Pin struct {
	Root     cid.Cid
	Manifest cid.Cid
	Header   *manifest.Header
}

// eachPin calls yield for the pins of root, or for all if root is cid.Undef, ordered by root.
func (e *Engine) eachPin(ctx context.Context, root cid.Cid, yield func(Pin) error) error {
	prefix := []byte(pinPrefix)
	if root.Defined() {
		prefix = append(prefix, root.Bytes()...)
	}
	return e.store.IterateMeta(ctx, prefix, func(key, value []byte) error {
		tail := key[len(pinPrefix):]
		if len(tail) <= format.DigestSize {
			return fmt.Errorf("%w: pin key of %d bytes", store.ErrCorrupt, len(key))
		}
		h, err := manifest.DecodeHeader(value)
		if err != nil {
			return fmt.Errorf("%w: pinned manifest: %w", store.ErrCorrupt, err)
		}
		d := format.Digest(tail[len(tail)-format.DigestSize:])
		return yield(Pin{Root: h.Root, Manifest: format.CBORCID(d), Header: h})
	})
}

// List calls yield for every pin, ordered by root, until it fails.
func (e *Engine) List(ctx context.Context, yield func(Pin) error) error {
	return e.eachPin(ctx, cid.Undef, yield)
}

// Pins returns the pins of a root, none being no error.
func (e *Engine) Pins(ctx context.Context, root cid.Cid) ([]Pin, error) {
	if _, err := format.DigestOf(root); err != nil {
		return nil, err
	}
	var pins []Pin
	err := e.eachPin(ctx, root, func(p Pin) error {
		pins = append(pins, p)
		return nil
	})
	return pins, err
}

// PinOf returns the pin of a root by one of its manifests. It fails with ErrNotPinned.
func (e *Engine) PinOf(ctx context.Context, root, manifestCID cid.Cid) (Pin, error) {
	d, err := format.DigestOf(manifestCID)
	if err != nil {
		return Pin{}, err
	}
	block, err := e.store.Meta(ctx, pinKey(root, d))
	if errors.Is(err, store.ErrNotFound) {
		return Pin{}, fmt.Errorf("%w: manifest %s", ErrNotPinned, manifestCID)
	}
	if err != nil {
		return Pin{}, err
	}
	h, err := manifest.DecodeHeader(block)
	if err != nil {
		return Pin{}, fmt.Errorf("%w: pinned manifest: %w", store.ErrCorrupt, err)
	}
	return Pin{Root: root, Manifest: manifestCID, Header: h}, nil
}

// PinnedManifest returns the pin of a manifest. It fails with ErrNotPinned.
func (e *Engine) PinnedManifest(ctx context.Context, manifestCID cid.Cid) (Pin, error) {
	d, err := format.DigestOf(manifestCID)
	if err != nil {
		return Pin{}, err
	}
	data, err := e.local(ctx, manifestCID)
	if errors.Is(err, store.ErrNotFound) {
		return Pin{}, fmt.Errorf("%w: manifest %s", ErrNotPinned, manifestCID)
	}
	if err != nil {
		return Pin{}, err
	}
	h, err := manifest.DecodeHeader(data)
	if err != nil {
		return Pin{}, fmt.Errorf("%w: %s: %w", ErrMismatch, manifestCID, err)
	}
	if _, err := e.store.Meta(ctx, pinKey(h.Root, d)); err != nil {
		if errors.Is(err, store.ErrNotFound) {
			err = fmt.Errorf("%w: manifest %s", ErrNotPinned, manifestCID)
		}
		return Pin{}, err
	}
	return Pin{Root: h.Root, Manifest: manifestCID, Header: h}, nil
}

// Unpin removes all pins of a root, durably, and returns how many there were. What they kept becomes garbage unless
// something else keeps it. It fails with ErrNotPinned if there are none.
func (e *Engine) Unpin(ctx context.Context, root cid.Cid) (int, error) {
	e.pins.Lock()
	defer e.pins.Unlock()
	pins, err := e.pinned(ctx, root)
	if err != nil {
		return 0, err
	}
	var batch store.Batch
	if err := e.withdraw(pins, &batch); err != nil {
		return 0, err
	}
	if err := e.changePins(ctx, pinChange{remove: pins}, &batch); err != nil {
		return 0, fmt.Errorf("failed to unpin %s: %w", root, err)
	}
	return len(pins), nil
}

// pinned returns the pins of a root. It fails with ErrNotPinned if there are none.
func (e *Engine) pinned(ctx context.Context, root cid.Cid) ([]Pin, error) {
	pins, err := e.Pins(ctx, root)
	if err == nil && len(pins) == 0 {
		err = fmt.Errorf("%w: %s", ErrNotPinned, root)
	}
	return pins, err
}

// pinChange is a change of what is pinned.
type pinChange struct {
	add, remove []Pin
	buried      *Tombstone      // to be left behind
	revived     []format.Digest // roots whose tombstones are dropped
}

// changePins changes what is pinned, durably, together with what batch has already: every change of pins goes through
// here. The caller holds e.pins.
func (e *Engine) changePins(ctx context.Context, c pinChange, batch *store.Batch) error {
	for _, p := range c.add {
		block, err := p.Header.Encode()
		if err != nil {
			return fmt.Errorf("failed to encode the manifest: %w", err)
		}
		if err := batch.SetMeta(pinKey(p.Root, block.Digest), block.Data); err != nil {
			return err
		}
	}
	for _, p := range c.remove {
		d, err := format.DigestOf(p.Manifest)
		if err != nil {
			return err
		}
		if err := batch.DeleteMeta(pinKey(p.Root, d)); err != nil {
			return err
		}
		if err := batch.DeleteMeta(metaKeyOf(pusherPrefix, d[:])); err != nil {
			return err
		}
	}
	for _, d := range c.revived {
		if err := batch.DeleteMeta(tombstoneKey(d)); err != nil {
			return err
		}
	}
	if c.buried != nil {
		if err := c.buried.addTo(batch); err != nil {
			return err
		}
	}
	if err := e.store.Apply(ctx, batch, store.Durable); err != nil {
		return err
	}
	e.graves.change(c.buried, c.revived)
	if e.index == nil {
		return nil
	}
	for _, p := range c.add {
		e.index.Pinned(p)
	}
	for _, p := range c.remove {
		e.index.Unpinned(p)
	}
	return nil
}
