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

// Recovered is a manifest that Recover found among the blocks.
type Recovered struct {
	Pin
	Missing uint64 // blocks of it that are not stored
	Pinned  bool   // from now on
}

// Recover looks for manifests and layouts among the blocks of a store whose metadata is lost. It pins every manifest
// with a valid signature whose blocks are all stored, and those that own signed even if blocks are missing, as long as
// they can be listed; what was unpinned and not yet collected comes back as well. It records every layout all of whose encodings are stored, held as a draft until whoever
// needs it holds it again. What is pinned or recorded already stays as it is. report is called for each manifest that
// was not pinned; its error ends the run. All is durable on return.
func (e *Engine) Recover(ctx context.Context, own manifest.Creator, report func(Recovered) error) error {
	manifests, layouts, err := e.headers(ctx)
	if err == nil {
		err = e.recoverPins(ctx, manifests, own, report)
	}
	for _, d := range layouts {
		if err == nil {
			err = e.recoverLayout(ctx, d)
		}
	}
	if err != nil {
		return fmt.Errorf("failed to recover pins and layouts: %w", err)
	}
	return nil
}

// headers returns the digests of all stored blocks that are headers of manifests and layouts.
func (e *Engine) headers(ctx context.Context) (manifests, layouts []format.Digest, err error) {
	var nodes []format.Digest
	seen := map[format.Digest]struct{}{}
	err = e.store.IterateEncodings(ctx, func(enc store.Encoding) error {
		for _, entry := range enc.Entries {
			if _, ok := seen[entry.Digest]; !ok && entry.Codec == format.DagCBOR {
				seen[entry.Digest] = struct{}{}
				nodes = append(nodes, entry.Digest)
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	for _, d := range nodes {
		b, err := e.store.Open(ctx, d)
		if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrCorrupt) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		if h, err := manifest.DecodeHeader(b.Data); err == nil && h.Verify() == nil {
			manifests = append(manifests, d)
		} else if _, err := layout.DecodeHeader(b.Data); err == nil {
			layouts = append(layouts, d)
		}
	}
	return manifests, layouts, nil
}

func (e *Engine) recoverPins(ctx context.Context, manifests []format.Digest, own manifest.Creator, report func(Recovered) error) error {
	a := &audit{engine: e}
	for _, d := range manifests {
		b, err := e.store.Open(ctx, d)
		if err != nil {
			return err
		}
		h, err := manifest.DecodeHeader(b.Data)
		if err != nil {
			return err
		}
		key := pinKey(h.Root, d)
		if _, err := e.store.Meta(ctx, key); err == nil {
			continue
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		found := Recovered{Pin: Pin{Root: h.Root, Manifest: format.CBORCID(d), Header: h}}
		missing, _, err := a.missingBlocks(ctx, found.Pin)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil: // not even its list of blocks can be read, without which there is no collection of garbage
			found.Missing = uint64(h.Entries)
		default:
			found.Missing = missing
			found.Pinned = missing == 0 || h.Creator.Equal(own)
		}
		if found.Pinned {
			var batch store.Batch
			if err := batch.SetMeta(key, b.Data); err != nil {
				return err
			}
			if err := e.store.Apply(ctx, &batch, store.Durable); err != nil {
				return err
			}
		}
		if err := report(found); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) recoverLayout(ctx context.Context, d format.Digest) error {
	e.holds.Lock()
	defer e.holds.Unlock()
	if _, err := e.layoutHeader(ctx, d); !errors.Is(err, ErrNoLayout) {
		return err
	}
	missing, _, err := (&audit{engine: e}).missingEncodings(ctx, d)
	if err != nil || missing > 0 {
		return ctx.Err() // a layout that is not whole is fetched by whoever needs it
	}
	header, err := e.store.Open(ctx, d)
	if err != nil {
		return err
	}
	h, err := layout.DecodeHeader(header.Data)
	if err != nil {
		return err
	}
	return e.recordLayout(ctx, header, h, DraftHolder, &store.Batch{})
}
