package sumtree

import (
	"context"
	"errors"
	"fmt"
	"math/bits"

	"cosmossdk.io/collections"
)

// capacity returns the number of slots below a node of a level.
func capacity(level uint32) uint64 { return uint64(1) << level }

// node reads a node; one that is not stored is zero.
func (t *Tree) node(ctx context.Context, owner []byte, level uint32, index uint64) (node, error) {
	n, err := t.nodes.Get(ctx, collections.Join3(owner, level, index))
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return node{}, fmt.Errorf("failed to read sum tree node: %w", err)
	}
	return n, nil
}

// setNode stores a node, or deletes it when it is zero.
func (t *Tree) setNode(ctx context.Context, owner []byte, level uint32, index uint64, n node) error {
	key := collections.Join3(owner, level, index)
	if n == (node{}) {
		return wrapWrite(t.nodes.Remove(ctx, key))
	}
	return wrapWrite(t.nodes.Set(ctx, key, n))
}

func wrapWrite(err error) error {
	if err != nil {
		return fmt.Errorf("failed to write sum tree: %w", err)
	}
	return nil
}

// taken reads the leaf of a slot that must be taken.
func (t *Tree) taken(ctx context.Context, owner []byte, slot uint64) (node, error) {
	leaf, err := t.node(ctx, owner, 0, slot)
	if err == nil && leaf.Used == 0 {
		err = fmt.Errorf("%w: slot %d", ErrFree, slot)
	}
	return leaf, err
}

// root returns the owner's height and root. An owner without slots has height 0 and a zero root with capacity 1, but
// since used differs from that capacity Alloc takes slot 0.
func (t *Tree) root(ctx context.Context, owner []byte) (uint32, node, error) {
	height, err := t.heights.Get(ctx, owner)
	if errors.Is(err, collections.ErrNotFound) {
		return 0, node{}, nil
	}
	if err != nil {
		return 0, node{}, fmt.Errorf("failed to read sum tree height: %w", err)
	}
	root, err := t.node(ctx, owner, height, 0)
	return height, root, err
}

// grow raises the tree until it has room for slot: each new root repeats the sums of the old one, its left child.
func (t *Tree) grow(ctx context.Context, owner []byte, slot uint64) error {
	height, root, err := t.root(ctx, owner)
	if err != nil {
		return err
	}
	want := uint32(bits.Len64(slot))
	if want < height {
		return nil
	}
	if root != (node{}) {
		for level := height + 1; level <= want; level++ {
			if err := t.setNode(ctx, owner, level, 0, root); err != nil {
				return err
			}
		}
	}
	return wrapWrite(t.heights.Set(ctx, owner, want))
}

// shrink lowers the root while its right half is empty, so that the height depends on the taken slots alone.
func (t *Tree) shrink(ctx context.Context, owner []byte, height uint32, root node) error {
	if root.Used == 0 {
		return wrapWrite(t.heights.Remove(ctx, owner))
	}
	low := height
	for low > 0 {
		left, err := t.node(ctx, owner, low-1, 0)
		if err != nil {
			return err
		}
		if left.Used != root.Used {
			break
		}
		if err := t.setNode(ctx, owner, low, 0, node{}); err != nil {
			return err
		}
		low--
	}
	if low == height {
		return nil
	}
	return wrapWrite(t.heights.Set(ctx, owner, low))
}

// update replaces a leaf and carries the difference up to the root. The caller has checked that no sum overflows.
func (t *Tree) update(ctx context.Context, owner []byte, slot uint64, from, to node) error {
	height, _, err := t.root(ctx, owner)
	if err != nil {
		return err
	}
	for level := uint32(0); level <= height; level++ {
		index := slot >> level
		n, err := t.node(ctx, owner, level, index)
		if err != nil {
			return err
		}
		// Unsigned wrap-around makes one expression of both directions.
		n.Sum += to.Sum - from.Sum
		n.Used += to.Used - from.Used
		if err := t.setNode(ctx, owner, level, index, n); err != nil {
			return err
		}
	}
	return nil
}
