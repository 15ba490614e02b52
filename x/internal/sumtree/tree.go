package sumtree

import (
	"context"
	"errors"
	"fmt"
	"math/bits"

	"cosmossdk.io/collections"
)

// maxHeight bounds the height of a tree, and so the cost of every operation; slots are below MaxSlots.
const maxHeight = 40

// MaxSlots is the number of slots one owner can have.
const MaxSlots = uint64(1) << maxHeight

// Errors of this package, for errors.Is.
var (
	// ErrSlot tells that a slot is not below MaxSlots, or that all are taken.
	ErrSlot = errors.New("sum tree has no such slot")
	// ErrFree tells that a slot is free where a taken one was needed.
	ErrFree = errors.New("sum tree slot is free")
	// ErrTaken tells that a slot is taken where a free one was needed.
	ErrTaken = errors.New("sum tree slot is taken")
	// ErrOverflow tells that the sum of an owner's weights would not fit into 64 bits.
	ErrOverflow = errors.New("sum tree total overflows")
	// ErrPoint tells that a point is not below the total.
	ErrPoint = errors.New("sum tree point is not below the total")
)

// Tree holds the trees of all owners of one store.
type Tree struct {
	nodes   collections.Map[collections.Triple[[]byte, uint32, uint64], node]
	heights collections.Map[[]byte, uint32]
}

// New adds a tree to a schema. It takes the prefixes that begin with prefix, and the names name_nodes and name_heights.
func New(sb *collections.SchemaBuilder, prefix []byte, name string) *Tree {
	sub := func(b byte) collections.Prefix {
		return collections.NewPrefix(append(append([]byte{}, prefix...), b))
	}
	return &Tree{
		nodes: collections.NewMap(sb, sub(0), name+"_nodes",
			collections.TripleKeyCodec(collections.BytesKey, collections.Uint32Key, collections.Uint64Key), nodeCodec{}),
		heights: collections.NewMap(sb, sub(1), name+"_heights", collections.BytesKey, collections.Uint32Value),
	}
}

// Alloc takes the owner's lowest free slot, with weight 0, and returns it. It fails with ErrSlot when there is none left.
func (t *Tree) Alloc(ctx context.Context, owner []byte) (uint64, error) {
	height, root, err := t.root(ctx, owner)
	if err != nil {
		return 0, err
	}
	if root.Used == capacity(height) {
		// All slots below the root are taken (or there is no root): the next one is the first of a doubled tree.
		slot := root.Used
		return slot, t.Reserve(ctx, owner, slot)
	}
	slot := uint64(0)
	for level := height; level > 0; level-- {
		left, err := t.node(ctx, owner, level-1, slot<<1)
		if err != nil {
			return 0, err
		}
		slot <<= 1
		if left.Used == capacity(level-1) {
			slot++
		}
	}
	return slot, t.Reserve(ctx, owner, slot)
}

// Reserve takes one given slot, with weight 0. It fails with ErrTaken when the slot is taken and with ErrSlot when there is
// no such slot.
func (t *Tree) Reserve(ctx context.Context, owner []byte, slot uint64) error {
	if slot >= MaxSlots {
		return fmt.Errorf("%w: slot %d", ErrSlot, slot)
	}
	if err := t.grow(ctx, owner, slot); err != nil {
		return err
	}
	leaf, err := t.node(ctx, owner, 0, slot)
	if err != nil {
		return err
	}
	if leaf.Used != 0 {
		return fmt.Errorf("%w: slot %d", ErrTaken, slot)
	}
	return t.update(ctx, owner, slot, node{}, node{Used: 1})
}

// Free gives a taken slot back, whatever it weighs. It fails with ErrFree when it is not taken.
func (t *Tree) Free(ctx context.Context, owner []byte, slot uint64) error {
	leaf, err := t.taken(ctx, owner, slot)
	if err != nil {
		return err
	}
	if err := t.update(ctx, owner, slot, leaf, node{}); err != nil {
		return err
	}
	height, root, err := t.root(ctx, owner)
	if err != nil {
		return err
	}
	return t.shrink(ctx, owner, height, root)
}

// Set gives a taken slot its weight. It fails with ErrFree when the slot is not taken and with ErrOverflow when the total would
// not fit; a failed Set changes nothing.
func (t *Tree) Set(ctx context.Context, owner []byte, slot, weight uint64) error {
	leaf, err := t.taken(ctx, owner, slot)
	if err != nil || leaf.Sum == weight {
		return err
	}
	_, root, err := t.root(ctx, owner)
	if err != nil {
		return err
	}
	if _, carry := bits.Add64(root.Sum-leaf.Sum, weight, 0); carry != 0 {
		return fmt.Errorf("%w: slot %d, weight %d", ErrOverflow, slot, weight)
	}
	return t.update(ctx, owner, slot, leaf, node{Sum: weight, Used: 1})
}

// Get returns the weight of a slot; that of a free one is 0.
func (t *Tree) Get(ctx context.Context, owner []byte, slot uint64) (uint64, error) {
	leaf, err := t.node(ctx, owner, 0, slot)
	return leaf.Sum, err
}

// Total returns the sum of the owner's weights.
func (t *Tree) Total(ctx context.Context, owner []byte) (uint64, error) {
	_, root, err := t.root(ctx, owner)
	return root.Sum, err
}

// Used returns the number of the owner's taken slots.
func (t *Tree) Used(ctx context.Context, owner []byte) (uint64, error) {
	_, root, err := t.root(ctx, owner)
	return root.Used, err
}

// Find returns the slot that a point of the owner's total falls on when the slots are laid end to end in order, each as long as it
// weighs, and how far into the slot it falls. It fails with ErrPoint unless point is below the total.
func (t *Tree) Find(ctx context.Context, owner []byte, point uint64) (slot, offset uint64, err error) {
	height, root, err := t.root(ctx, owner)
	if err != nil {
		return 0, 0, err
	}
	if point >= root.Sum {
		return 0, 0, fmt.Errorf("%w: point %d of %d", ErrPoint, point, root.Sum)
	}
	for level := height; level > 0; level-- {
		slot <<= 1
		left, err := t.node(ctx, owner, level-1, slot)
		if err != nil {
			return 0, 0, err
		}
		if point >= left.Sum {
			point -= left.Sum
			slot++
		}
	}
	return slot, point, nil
}
