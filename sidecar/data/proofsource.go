package data

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/ipfs/go-cid"
	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
	"github.com/ipdm-network/ipdm/sdk/go/format/layout"
)

// ProofSource answers a prover from the local store and never from another node. It may be used concurrently.
type ProofSource struct{ engine *Engine }

// ProofSource returns the source of proofs over what is stored here.
func (e *Engine) ProofSource() ProofSource { return ProofSource{e} }

// Tree returns the tree of a recorded layout with the given commitment. It fails with ErrNoLayout. Trees used last are
// kept in memory.
func (p ProofSource) Tree(ctx context.Context, commD format.Digest) (*commitment.Tree, error) {
	e := p.engine
	if t, ok := e.trees.get(commD); ok {
		return t, nil
	}
	var found []format.Digest
	prefix := metaKeyOf(commDPrefix, commD[:])
	err := e.store.IterateMeta(ctx, prefix, func(key, _ []byte) error {
		d, err := format.DigestFromBytes(key[len(prefix):])
		found = append(found, d)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("failed to look for commitment %s: %w", commD, err)
	}
	err = fmt.Errorf("%w: none has commitment %s", ErrNoLayout, commD)
	for _, d := range found {
		var t *commitment.Tree
		if t, err = e.tree(ctx, d); err != nil {
			continue
		}
		if t.CommD() != commD {
			err = fmt.Errorf("%w: layout has commitment %s", ErrMismatch, t.CommD())
			continue
		}
		e.trees.add(t)
		return t, nil
	}
	return nil, err
}

// Encoding returns the bytes of a stored encoding.
func (p ProofSource) Encoding(ctx context.Context, digest format.Digest) ([]byte, error) {
	return p.engine.store.Encoding(ctx, digest)
}

// tree builds the tree of a recorded layout.
func (e *Engine) tree(ctx context.Context, layoutDigest format.Digest) (*commitment.Tree, error) {
	r, err := layout.Open(ctx, format.CBORCID(layoutDigest), e.local)
	if err != nil {
		return nil, fmt.Errorf("failed to read layout: %w", err)
	}
	leaves := make([]commitment.Leaf, 0, min(r.Header().Encodings, 1<<16))
	for leaf, err := range r.Leaves(ctx) {
		if err != nil {
			return nil, fmt.Errorf("failed to read layout: %w", err)
		}
		leaves = append(leaves, leaf)
	}
	return commitment.NewTree(leaves)
}

// RecomputeCommD reads every encoding of a stored layout back, compares each with its digest, length and the blocks the
// layout lists for it, and returns the commitment and total length that follow. It fails with ErrMismatch when they are
// not those of the layout, with store.ErrNotFound or store.ErrCorrupt when an encoding is missing or damaged.
func (e *Engine) RecomputeCommD(ctx context.Context, layoutCID cid.Cid) (commD format.Digest, sizeBytes uint64, err error) {
	commD, sizeBytes, err = e.recompute(ctx, layoutCID)
	if err != nil {
		return format.Digest{}, 0, fmt.Errorf("failed to recompute the commitment of %s: %w", layoutCID, err)
	}
	return commD, sizeBytes, nil
}

func (e *Engine) recompute(ctx context.Context, layoutCID cid.Cid) (format.Digest, uint64, error) {
	r, err := layout.Open(ctx, layoutCID, e.local)
	if err != nil {
		return format.Digest{}, 0, err
	}
	targets, err := e.targets(ctx, r)
	if err != nil {
		return format.Digest{}, 0, err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	var b commitment.Builder
	for enc, err := range r.Encodings(gctx) {
		if err != nil {
			return format.Digest{}, 0, errors.Join(g.Wait(), err)
		}
		if err := b.Add(enc.Leaf()); err != nil {
			return format.Digest{}, 0, errors.Join(g.Wait(), err)
		}
		g.Go(func() error {
			data, err := e.store.Encoding(gctx, enc.Digest)
			if err != nil {
				return err
			}
			_, err = targets.Check(enc, data)
			if err != nil {
				err = mismatch(err)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return format.Digest{}, 0, err
	}
	commD, err := b.CommD()
	if err != nil {
		return format.Digest{}, 0, err
	}
	if commD != r.Header().CommD || b.TotalLength() != r.Header().Length {
		return format.Digest{}, 0, fmt.Errorf("%w: the encodings have commitment %s over %d bytes", ErrMismatch, commD, b.TotalLength())
	}
	return commD, b.TotalLength(), nil
}
