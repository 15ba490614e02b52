package data

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// Delete removes all pins of a root and leaves a tombstone that says who did, durably. From then on the root is neither
// read nor served, unless another pinned root contains it; the next collection deletes what nothing else keeps. Putting
// the content again ends the tombstone, as time does. It fails with ErrNotPinned, and with ErrHeld while a deal needs the
// content.
func (e *Engine) Delete(ctx context.Context, root cid.Cid, by string) (*Tombstone, error) {
	t, err := e.bury(ctx, root, by)
	if err != nil {
		return nil, fmt.Errorf("failed to delete %s: %w", root, err)
	}
	return t, nil
}

func (e *Engine) bury(ctx context.Context, root cid.Cid, by string) (*Tombstone, error) {
	if len(by) > maxDeleterBytes {
		return nil, fmt.Errorf("%w: name of %d bytes", ErrOptions, len(by))
	}
	if err := e.loadGraves(ctx); err != nil {
		return nil, err
	}
	e.pins.Lock()
	defer e.pins.Unlock()
	e.holds.Lock() // no deal begins to need it meanwhile
	defer e.holds.Unlock()
	pins, err := e.pinned(ctx, root)
	if err != nil {
		return nil, err
	}
	now := e.now()
	t := &Tombstone{Root: root, Deleted: now, Expires: now.Add(tombstoneTTL), By: by}
	if err := e.checkNotHeld(ctx, pins); err != nil {
		return nil, err
	}
	for _, p := range pins {
		if len(t.Manifests) < maxTombstoneManifests {
			t.Manifests = append(t.Manifests, p.Manifest)
		}
	}
	if t.Contained, err = e.contained(ctx, root, pins[0].Header); err != nil {
		return nil, err
	}
	var batch store.Batch
	if err := e.withdraw(pins, &batch); err != nil {
		return nil, err
	}
	if err := e.changePins(ctx, pinChange{remove: pins, buried: t}, &batch); err != nil {
		return nil, err
	}
	return t, nil
}

// checkNotHeld fails with ErrHeld if a deal needs the content of pins. The caller holds e.holds.
func (e *Engine) checkNotHeld(ctx context.Context, pins []Pin) error {
	for _, p := range pins {
		holders, err := e.holdersOf(ctx, p.Manifest)
		if err != nil {
			return err
		}
		if len(holders) > 0 {
			return fmt.Errorf("%w: %s", ErrHeld, strings.Join(holders, ", "))
		}
	}
	return nil
}

// holdersOf returns who holds layouts of a manifest, drafts left out. The caller holds e.holds.
func (e *Engine) holdersOf(ctx context.Context, manifestCID cid.Cid) ([]string, error) {
	m, err := format.DigestOf(manifestCID)
	if err != nil {
		return nil, err
	}
	var holders []string
	prefix := metaKeyOf(layoutOfPrefix, m[:])
	err = e.store.IterateMeta(ctx, prefix, func(key, _ []byte) error {
		holds := metaKeyOf(holdPrefix, key[len(prefix):])
		return e.store.IterateMeta(ctx, holds, func(key, _ []byte) error {
			if holder := string(key[len(holds):]); holder != DraftHolder && !slices.Contains(holders, holder) {
				holders = append(holders, holder)
			}
			return nil
		})
	})
	return holders, err
}

// contained tells whether the manifest of another pinned root lists this one. It reads those that are large enough.
func (e *Engine) contained(ctx context.Context, root cid.Cid, h *manifest.Header) (bool, error) {
	d, err := format.DigestOf(root)
	if err != nil {
		return false, err
	}
	err = e.List(ctx, func(p Pin) error {
		if p.Root.Equals(root) || p.Header.ContentSize < h.ContentSize || p.Header.Entries <= h.Entries {
			return nil
		}
		return e.eachEntry(ctx, p, func(entry manifest.Entry) error {
			if entry.Digest == d {
				return errEnough
			}
			return nil
		})
	})
	if errors.Is(err, errEnough) {
		return true, nil
	}
	return false, err
}
