package commitment

import (
	"fmt"
	"slices"
	"sort"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// Tree is a commitment with everything needed to open it. It holds about 112 bytes a leaf and never changes, so it is
// safe for concurrent use.
type Tree struct {
	leaves []Leaf
	// levels[0] holds the leaf hashes, each further level the parents of the one before; a node without a sibling
	// moves up as it is, which gives the shape of RFC 6962.
	levels      [][]format.Digest
	totalLength uint64
	commD       format.Digest
}

// NewTree builds the tree over a copy of leaves. It fails with ErrEmpty, ErrTooManyLeaves, ErrGap or ErrLength.
func NewTree(leaves []Leaf) (*Tree, error) {
	if len(leaves) == 0 {
		return nil, ErrEmpty
	}
	if uint64(len(leaves)) > MaxLeaves {
		return nil, ErrTooManyLeaves
	}
	t := &Tree{leaves: slices.Clone(leaves)}
	level := make([]format.Digest, len(leaves))
	for i, leaf := range t.leaves {
		if err := checkLength(leaf.Length); err != nil {
			return nil, fmt.Errorf("failed to add leaf %d: %w", i, err)
		}
		if leaf.Offset != t.totalLength {
			return nil, fmt.Errorf("failed to add leaf %d: %w: at %d, want %d", i, ErrGap, leaf.Offset, t.totalLength)
		}
		t.totalLength = leaf.End()
		level[i] = hashLeaf(leaf)
	}
	t.levels = append(t.levels, level)
	for len(level) > 1 {
		level = parents(level)
		t.levels = append(t.levels, level)
	}
	t.commD = hashRoot(uint64(len(leaves)), t.totalLength, level[0])
	return t, nil
}

func parents(level []format.Digest) []format.Digest {
	up := make([]format.Digest, (len(level)+1)/2)
	for i := range up {
		if 2*i+1 < len(level) {
			up[i] = hashInner(level[2*i], level[2*i+1])
		} else {
			up[i] = level[2*i]
		}
	}
	return up
}

// CommD returns the commitment.
func (t *Tree) CommD() format.Digest { return t.commD }

// TotalLength returns the number of bytes committed to.
func (t *Tree) TotalLength() uint64 { return t.totalLength }

// LeafCount returns the number of leaves, at least 1.
func (t *Tree) LeafCount() uint32 { return uint32(len(t.leaves)) }

// Leaf returns the leaf with the given index. It fails with ErrIndex when there is none.
func (t *Tree) Leaf(index uint32) (Leaf, error) {
	if uint64(index) >= uint64(len(t.leaves)) {
		return Leaf{}, fmt.Errorf("%w: leaf %d of %d", ErrIndex, index, len(t.leaves))
	}
	return t.leaves[index], nil
}

// Find returns the index of the leaf that holds the byte at offset, and which of its chunks does. It fails with
// ErrOffset when offset is not below the total length.
func (t *Tree) Find(offset uint64) (leafIndex uint32, chunkIndex uint16, err error) {
	if offset >= t.totalLength {
		return 0, 0, fmt.Errorf("%w: %d of %d bytes", ErrOffset, offset, t.totalLength)
	}
	i := sort.Search(len(t.leaves), func(i int) bool { return t.leaves[i].End() > offset })
	return uint32(i), uint16((offset - t.leaves[i].Offset) / ChunkSize), nil
}

// Prove returns the proof that the leaf with the given index belongs to the commitment. It fails with ErrIndex when
// there is no such leaf.
func (t *Tree) Prove(index uint32) (*LeafProof, error) {
	leaf, err := t.Leaf(index)
	if err != nil {
		return nil, err
	}
	p := &LeafProof{Index: index, Count: t.LeafCount(), Leaf: leaf}
	p.Path = make([]format.Digest, 0, pathLength(p.Index, p.Count))
	for i, h := int(index), 0; h < len(t.levels)-1; i, h = i/2, h+1 {
		if sibling := i ^ 1; sibling < len(t.levels[h]) {
			p.Path = append(p.Path, t.levels[h][sibling])
		}
	}
	return p, nil
}
