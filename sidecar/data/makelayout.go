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

// MakeLayout returns a layout of a stored manifest, one that is recorded already if its encodings are all there, and
// holds it as DraftHolder. It is durable on return. It fails with ErrMissing unless every block is stored.
func (e *Engine) MakeLayout(ctx context.Context, manifestCID cid.Cid) (*Layout, error) {
	l, err := e.makeLayout(ctx, manifestCID)
	if err != nil {
		return nil, fmt.Errorf("failed to make a layout of %s: %w", manifestCID, err)
	}
	return l, nil
}

func (e *Engine) makeLayout(ctx context.Context, manifestCID cid.Cid) (*Layout, error) {
	e.holds.Lock()
	defer e.holds.Unlock()
	if l, err := e.findLayout(ctx, manifestCID); err != nil || l != nil {
		return l, err
	}
	m, err := manifest.Open(ctx, manifestCID, e.local)
	if errors.Is(err, store.ErrNotFound) {
		err = fmt.Errorf("%w: %w", ErrMissing, err)
	}
	if err != nil {
		return nil, err
	}
	targets, err := layout.ReadTargets(ctx, m)
	if err != nil {
		return nil, err
	}
	le := e.leases.begin()
	defer le.end()
	order, blocks, err := e.assign(ctx, le, targets)
	if err != nil {
		return nil, err
	}
	var made []format.Block
	b := layout.NewBuilder(manifestCID, func(page format.Block) error {
		made = append(made, page)
		return nil
	})
	for _, d := range order {
		enc, err := e.store.StatEncoding(ctx, d)
		if err != nil {
			return nil, err
		}
		err = b.Append(layout.Encoding{Digest: d, Length: enc.LengthBytes, Algorithm: enc.Algorithm, Blocks: blocks[d]})
		if err != nil {
			return nil, err
		}
	}
	h, err := b.Finish()
	if err != nil {
		return nil, err
	}
	header, err := h.Encode()
	if err != nil {
		return nil, err
	}
	var batch store.Batch
	if err := e.keep(ctx, le, append(made, header), &batch); err != nil {
		return nil, err
	}
	if err := e.recordLayout(ctx, header, h, DraftHolder, &batch); err != nil {
		return nil, err
	}
	return layoutOf(header.Digest, h), nil
}

// assign chooses an encoding for each block: the oldest that is stored, which is the one a put made. Encodings come in
// the order they are first needed.
func (e *Engine) assign(
	ctx context.Context, le *lease, targets *layout.Targets,
) (order []format.Digest, blocks map[format.Digest][]uint32, err error) {
	e.leases.sweep.RLock()
	defer e.leases.sweep.RUnlock()
	blocks = map[format.Digest][]uint32{}
	for i := range targets.Len() {
		codec, digest, err := targets.At(i)
		if err != nil {
			return nil, nil, err
		}
		le.claim(digest)
		at, err := e.store.Locate(ctx, digest)
		if err != nil {
			return nil, nil, err
		}
		if len(at) == 0 {
			return nil, nil, fmt.Errorf("%w: %s", ErrMissing, format.BlockCID(codec, digest))
		}
		chosen := at[0]
		if _, ok := blocks[chosen]; !ok {
			order = append(order, chosen)
			le.claim(chosen)
		}
		blocks[chosen] = append(blocks[chosen], i)
	}
	return order, blocks, nil
}

// findLayout returns a recorded layout of a manifest whose encodings are all stored, with a draft hold, or nil. The
// caller holds e.holds.
func (e *Engine) findLayout(ctx context.Context, manifestCID cid.Cid) (*Layout, error) {
	m, err := format.DigestOf(manifestCID)
	if err != nil {
		return nil, err
	}
	var digests []format.Digest
	prefix := metaKeyOf(layoutOfPrefix, m[:])
	err = e.store.IterateMeta(ctx, prefix, func(key, _ []byte) error {
		d, err := format.DigestFromBytes(key[len(prefix):])
		if err == nil {
			digests = append(digests, d)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, d := range digests {
		whole, err := e.layoutWhole(ctx, d)
		if err != nil {
			return nil, err
		}
		if !whole {
			continue
		}
		h, err := e.layoutHeader(ctx, d)
		if err != nil {
			return nil, err
		}
		return layoutOf(d, h), e.hold(ctx, d, DraftHolder)
	}
	return nil, nil
}

// layoutWhole tells whether all encodings of a recorded layout, and its own blocks, are stored and not known to be damaged.
func (e *Engine) layoutWhole(ctx context.Context, d format.Digest) (bool, error) {
	r, err := layout.Open(ctx, format.CBORCID(d), e.local)
	if err == nil {
		for enc, encErr := range r.Encodings(ctx) {
			if err = encErr; err != nil {
				break
			}
			var info store.Encoding
			if info, err = e.store.StatEncoding(ctx, enc.Digest); err == nil && info.Damaged {
				err = store.ErrCorrupt
			}
			if err != nil {
				break
			}
		}
	}
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrCorrupt) {
		return false, nil
	}
	return err == nil, err
}

// targets returns what a layout's indices stand for, from the store.
func (e *Engine) targets(ctx context.Context, r *layout.Reader) (*layout.Targets, error) {
	m, err := manifest.Open(ctx, r.Header().Manifest, e.local)
	if err != nil {
		return nil, err
	}
	return layout.ReadTargets(ctx, m)
}
