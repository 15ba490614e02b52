package proof

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
)

// ErrSource reports a Source that answered for another commitment than the one asked for.
var ErrSource = errors.New("source returned another commitment")

// Source is where Prove finds what it proves. A provider's source reads its own store and never fetches from another
// node. It may return anything: what does not match is found out.
type Source interface {
	// Tree returns the tree of the commitment commD. Prove asks for it once for each challenge, so a source that
	// builds trees should keep some.
	Tree(ctx context.Context, commD format.Digest) (*commitment.Tree, error)
	// Encoding returns the bytes of the encoding with the given digest. Prove does not change them.
	Encoding(ctx context.Context, digest format.Digest) ([]byte, error)
}

// Prove answers the challenges of a window from source, hashing one encoding for each. Whatever the source does not have, or
// has in a state that does not match its digest, is declared missing in the proof, and missing tells why,
// in rising order of position.
//
// It fails only when there is nothing to submit: with the context's error once ctx is done - an interrupted prover
// must not declare missing what it did not look for - or with ErrClassUnsupported, ErrClassUnknown, ErrMalformed, ErrTooLarge
// or ErrChallenge when the challenges are no valid ones.
func Prove(
	ctx context.Context, class Class, window uint64, challenges []Challenge, source Source,
) (wp *WindowProof, missing []*OpeningError, err error) {
	if err := class.Check(); err != nil {
		return nil, nil, err
	}
	if err := checkCount(len(challenges)); err != nil {
		return nil, nil, err
	}
	wp = &WindowProof{Class: class, Window: window, Openings: make([]*commitment.Opening, len(challenges))}
	for i, c := range challenges {
		if c.Offset >= c.TotalBytes {
			return nil, nil, &OpeningError{i, fmt.Errorf("%w: byte %d of %d", ErrChallenge, c.Offset, c.TotalBytes)}
		}
		o, err := answer(ctx, c, source)
		if ctxErr := ctx.Err(); ctxErr != nil {
			return nil, nil, fmt.Errorf("failed to prove window %d: %w", window, ctxErr)
		}
		if err != nil {
			missing = append(missing, &OpeningError{i, err})
			continue
		}
		wp.Openings[i] = o
	}
	return wp, missing, nil
}

// ProveActivation makes the proof that activates a unit: the last leaf of commitment commD over totalBytes, and an opening of
// each offset. Nothing may be missing: it fails with an OpeningError for the first opening that cannot be made, with
// ErrSource when the source's tree is another one, and with the errors of Prove.
func ProveActivation(
	ctx context.Context, class Class, commD format.Digest, totalBytes uint64, offsets []uint64, source Source,
) (*ActivationProof, error) {
	if err := class.Check(); err != nil {
		return nil, err
	}
	if err := checkCount(len(offsets)); err != nil {
		return nil, err
	}
	tree, err := findTree(ctx, commD, totalBytes, source)
	if err != nil {
		return nil, fmt.Errorf("failed to prove activation: %w", err)
	}
	ap := &ActivationProof{Class: class, Openings: make([]*commitment.Opening, len(offsets))}
	if ap.Last, err = tree.Prove(tree.LeafCount() - 1); err != nil {
		return nil, fmt.Errorf("failed to prove the last leaf: %w", err)
	}
	for i, offset := range offsets {
		if offset >= totalBytes {
			return nil, &OpeningError{i, fmt.Errorf("%w: byte %d of %d", ErrChallenge, offset, totalBytes)}
		}
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("failed to prove activation: %w", err)
		}
		if ap.Openings[i], err = open(ctx, tree, offset, source); err != nil {
			return nil, &OpeningError{i, err}
		}
	}
	return ap, nil
}

func answer(ctx context.Context, c Challenge, source Source) (*commitment.Opening, error) {
	tree, err := findTree(ctx, c.CommD, c.TotalBytes, source)
	if err != nil {
		return nil, err
	}
	return open(ctx, tree, c.Offset, source)
}

func findTree(ctx context.Context, commD format.Digest, totalBytes uint64, source Source) (*commitment.Tree, error) {
	tree, err := source.Tree(ctx, commD)
	if err != nil {
		return nil, fmt.Errorf("failed to find the tree of %s: %w", commD, err)
	}
	if tree == nil || tree.CommD() != commD || tree.TotalLength() != totalBytes {
		return nil, fmt.Errorf("%w: want %s over %d bytes", ErrSource, commD, totalBytes)
	}
	return tree, nil
}

func open(ctx context.Context, tree *commitment.Tree, offset uint64, source Source) (*commitment.Opening, error) {
	leafIndex, chunk, err := tree.Find(offset)
	if err != nil {
		return nil, fmt.Errorf("failed to find byte %d: %w", offset, err)
	}
	leaf, err := tree.Leaf(leafIndex)
	if err != nil {
		return nil, fmt.Errorf("failed to find byte %d: %w", offset, err)
	}
	encoding, err := source.Encoding(ctx, leaf.Digest)
	if err != nil {
		return nil, fmt.Errorf("failed to read encoding %s: %w", leaf.Digest, err)
	}
	return commitment.Open(tree, leafIndex, chunk, encoding)
}
