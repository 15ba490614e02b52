package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"
)

const outboxTag = "IPDM/ob/v1"

// LeafHash returns the hash of a leaf of a tree.
func LeafHash(data []byte) Hash { return Sum([]byte{0}, data) }

// NodeHash returns the hash of an interior node of a tree.
func NodeHash(left, right Hash) Hash { return Sum([]byte{1}, left[:], right[:]) }

// Subtree names the complete subtree over the leaves [Index << Level, (Index + 1) << Level). Once complete it never
// changes.
type Subtree struct {
	Level uint8
	Index uint64
}

// OutboxRoot returns what stands in a checkpoint for the tree over count messages.
func OutboxRoot(count uint64, tree Hash) Hash {
	return Sum([]byte(outboxTag), binary.BigEndian.AppendUint64(nil, count), tree[:])
}

// Append tells which subtrees a leaf completes when it comes behind count others, from the leaf itself up, and calls
// store with the hash of each. It reads those to the left with load. (RFC 9162, 2.1.1)
func Append(count uint64, leaf Hash, load func(Subtree) (Hash, error), store func(Subtree, Hash) error) error {
	at, h := Subtree{Index: count}, leaf
	for {
		if err := store(at, h); err != nil {
			return err
		}
		if at.Index%2 == 0 {
			return nil
		}
		left, err := load(Subtree{Level: at.Level, Index: at.Index - 1})
		if err != nil {
			return err
		}
		at, h = Subtree{Level: at.Level + 1, Index: at.Index / 2}, NodeHash(left, h)
	}
}

// TreeHash returns the hash of the tree over the first count leaves, zero if there are none. (RFC 9162, 2.1.1)
func TreeHash(count uint64, load func(Subtree) (Hash, error)) (Hash, error) {
	return rangeHash(0, count, load)
}

// rangeHash hashes the leaves [first, first+count), where first is a multiple of the least power of two that is not less
// than count.
func rangeHash(first, count uint64, load func(Subtree) (Hash, error)) (Hash, error) {
	var h Hash
	empty := true
	for rest := count; rest > 0; { // complete subtrees, the smallest at the right end first
		level := uint8(bits.TrailingZeros64(rest))
		rest -= 1 << level
		left, err := load(Subtree{Level: level, Index: (first + rest) >> level})
		if err != nil {
			return Hash{}, err
		}
		if empty {
			h, empty = left, false
		} else {
			h = NodeHash(left, h)
		}
	}
	return h, nil
}

// InclusionPath returns the path that proves the leaf at index in the tree over the first count leaves, from the leaf up.
// (RFC 9162, 2.1.3.1) It fails if index is not less than count.
func InclusionPath(index, count uint64, load func(Subtree) (Hash, error)) ([]Hash, error) {
	if index >= count {
		return nil, fmt.Errorf("failed to prove leaf %d of %d", index, count)
	}
	var path []Hash
	for first := uint64(0); count > 1; {
		half := uint64(1) << (bits.Len64(count-1) - 1) // the greatest power of two less than count
		other, size := first+half, count-half
		if index >= half {
			other, size = first, half
		}
		h, err := rangeHash(other, size, load)
		if err != nil {
			return nil, err
		}
		path = append(path, h)
		if index >= half {
			first, index, count = first+half, index-half, count-half
		} else {
			count = half
		}
	}
	slices.Reverse(path)
	return path, nil
}

// ErrProof tells that a proof does not prove what it is said to.
var ErrProof = errors.New("the proof does not lead to the root")

// PathRoot returns the hash of the tree over count leaves to which path leads from the leaf at index. It fails with ErrProof if no tree
// has such a path. (RFC 9162, 2.1.3.2)
func PathRoot(leaf Hash, index, count uint64, path []Hash) (Hash, error) {
	if index >= count {
		return Hash{}, fmt.Errorf("%w: leaf %d of %d", ErrProof, index, count)
	}
	at, last, h := index, count-1, leaf
	for _, p := range path {
		if last == 0 {
			return Hash{}, fmt.Errorf("%w: the path is too long", ErrProof)
		}
		if at%2 == 1 || at == last {
			h = NodeHash(p, h)
			for at%2 == 0 && at != 0 {
				at, last = at/2, last/2
			}
		} else {
			h = NodeHash(h, p)
		}
		at, last = at/2, last/2
	}
	if last != 0 {
		return Hash{}, fmt.Errorf("%w: the path is too short", ErrProof)
	}
	return h, nil
}

// VerifyInclusion fails with ErrProof unless path proves that leaf is at index of the tree over count leaves with the hash tree.
func VerifyInclusion(leaf Hash, index, count uint64, path []Hash, tree Hash) error {
	h, err := PathRoot(leaf, index, count, path)
	if err != nil {
		return err
	}
	if h != tree {
		return fmt.Errorf("%w of the tree", ErrProof)
	}
	return nil
}

// Tree is a tree in memory, which grows at its right end. It is for one goroutine at a time.
type Tree struct {
	count uint64
	nodes map[Subtree]Hash
}

// NewTree returns a tree without leaves.
func NewTree() *Tree { return &Tree{nodes: map[Subtree]Hash{}} }

// Count returns the number of leaves.
func (t *Tree) Count() uint64 { return t.count }

// Append adds a leaf.
func (t *Tree) Append(leaf Hash) {
	_ = Append(t.count, leaf, t.load, func(s Subtree, h Hash) error { t.nodes[s] = h; return nil }) // load knows all it is asked for
	t.count++
}

// Hash returns the hash of the tree.
func (t *Tree) Hash() Hash {
	h, _ := TreeHash(t.count, t.load)
	return h
}

// Path returns the path that proves a leaf. It fails if there is no such leaf.
func (t *Tree) Path(index uint64) ([]Hash, error) { return InclusionPath(index, t.count, t.load) }

func (t *Tree) load(s Subtree) (Hash, error) {
	h, ok := t.nodes[s]
	if !ok {
		return Hash{}, fmt.Errorf("no subtree at level %d, index %d", s.Level, s.Index)
	}
	return h, nil
}
