package commitment

import (
	"fmt"
	"sort"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// NodeSize is the size of a node of the aligned stream, in bytes.
const NodeSize = 32

// The aligned stream is how a sealed replica lays out what a commitment covers: each encoding begins at a node of its own
// and is followed by zeros. So a node lies in one chunk of one encoding, or in a gap, and one leaf proof tells which.

// AlignedStart returns the node at which the leaf with the given index and offset begins in the aligned stream:
// index + ceil(offset / NodeSize). Both numbers are authenticated by a leaf proof. Leaves never overlap, since each
// takes up at most ceil(length / NodeSize) nodes.
func AlignedStart(index uint32, offset uint64) uint64 {
	nodes := offset / NodeSize
	if offset%NodeSize != 0 {
		nodes++
	}
	return uint64(index) + nodes
}

// AlignedNodes returns the number of nodes in the aligned stream of a commitment to leafCount leaves over totalLength bytes.
func AlignedNodes(leafCount uint32, totalLength uint64) uint64 {
	return AlignedStart(leafCount, totalLength)
}

// AlignedOpening shows one node of the aligned stream. Exactly one of its fields is set.
type AlignedOpening struct {
	// Opening shows the chunk that holds the node.
	Opening *Opening
	// Gap is the proof of the last leaf that begins at or before the node and ends before it: the node is zero.
	Gap *LeafProof
}

// AlignedLeaf returns the last leaf that begins at or before a node of the aligned stream, and how many bytes after the leaf's
// first one the node begins: the leaf's length or more when the node lies in the gap after it. It fails with ErrOffset when the
// node is beyond the stream.
func (t *Tree) AlignedLeaf(node uint64) (index uint32, within uint64, err error) {
	if nodes := AlignedNodes(t.LeafCount(), t.totalLength); node >= nodes {
		return 0, 0, fmt.Errorf("%w: node %d of %d", ErrOffset, node, nodes)
	}
	next := sort.Search(len(t.leaves), func(i int) bool { return AlignedStart(uint32(i), t.leaves[i].Offset) > node })
	i := next - 1 // the first leaf begins at node 0
	return uint32(i), (node - AlignedStart(uint32(i), t.leaves[i].Offset)) * NodeSize, nil
}

// OpenAligned makes the opening of a node of the aligned stream. encoding returns the bytes with a digest, and is not called
// for a gap. It fails with ErrOffset when the node is beyond the stream, with what encoding fails with, and like Open.
func OpenAligned(t *Tree, node uint64, encoding func(format.Digest) ([]byte, error)) (*AlignedOpening, error) {
	index, within, err := t.AlignedLeaf(node)
	if err != nil {
		return nil, err
	}
	leaf := t.leaves[index]
	if within >= uint64(leaf.Length) {
		gap, err := t.Prove(index)
		if err != nil {
			return nil, err
		}
		return &AlignedOpening{Gap: gap}, nil
	}
	data, err := encoding(leaf.Digest)
	if err != nil {
		return nil, fmt.Errorf("failed to read encoding %s: %w", leaf.Digest, err)
	}
	opening, err := Open(t, index, uint16(within/ChunkSize), data)
	if err != nil {
		return nil, err
	}
	return &AlignedOpening{Opening: opening}, nil
}

// VerifyAligned checks that o shows a node of the aligned stream of commitment commD over totalLength bytes in leafCount leaves,
// and returns the node's bytes: those of the encoding, then zeros. It fails with ErrOffset when o is of another place or the
// node beyond the stream, with ErrMalformed when o has not exactly one field, and like Verify.
func VerifyAligned(commD format.Digest, totalLength uint64, leafCount uint32, node uint64, o *AlignedOpening) ([NodeSize]byte, error) {
	var data [NodeSize]byte
	if o == nil || (o.Opening == nil) == (o.Gap == nil) {
		return data, fmt.Errorf("%w: want an opening or a gap", ErrMalformed)
	}
	if nodes := AlignedNodes(leafCount, totalLength); node >= nodes {
		return data, fmt.Errorf("%w: node %d of %d", ErrOffset, node, nodes)
	}
	leaf := o.Gap
	if o.Opening != nil {
		leaf = &o.Opening.LeafProof
	}
	if leaf.Count != leafCount {
		return data, fmt.Errorf("%w: one of %d leaves, want %d", ErrPath, leaf.Count, leafCount)
	}
	if err := leaf.checkPlace(totalLength); err != nil {
		return data, err
	}
	start, end := AlignedStart(leaf.Index, leaf.Leaf.Offset), AlignedStart(leaf.Index+1, leaf.Leaf.End())
	if node < start || node >= end {
		return data, fmt.Errorf("%w: leaf takes up nodes %d to %d, not %d", ErrOffset, start, end, node)
	}
	within := (node - start) * NodeSize
	if o.Gap != nil {
		if within < uint64(leaf.Leaf.Length) {
			return data, fmt.Errorf("%w: node %d is no gap", ErrOffset, node)
		}
		return data, VerifyLeaf(commD, totalLength, leaf)
	}
	if within >= uint64(leaf.Leaf.Length) {
		return data, fmt.Errorf("%w: node %d lies in the gap after the leaf", ErrOffset, node)
	}
	if err := Verify(commD, totalLength, leaf.Leaf.Offset+within, o.Opening); err != nil {
		return data, err
	}
	chunk, _ := o.Opening.Data()
	copy(data[:], chunk[within%ChunkSize:])
	return data, nil
}

// The marks that a binary AlignedOpening begins with.
const (
	alignedOpening = 1
	alignedGap     = 2

	// MaxAlignedOpeningSize is the largest binary AlignedOpening, in bytes.
	MaxAlignedOpeningSize = 1 + MaxOpeningSize
)

// AppendBinary appends the binary form to dst: a mark u8, 1 for an opening and 2 for a gap, then the opening or the leaf proof.
// It fails with ErrMalformed when the value has no binary form.
func (o *AlignedOpening) AppendBinary(dst []byte) ([]byte, error) {
	switch {
	case o == nil || (o.Opening == nil) == (o.Gap == nil):
		return nil, fmt.Errorf("%w: want an opening or a gap", ErrMalformed)
	case o.Gap != nil:
		return o.Gap.AppendBinary(append(dst, alignedGap))
	default:
		return o.Opening.AppendBinary(append(dst, alignedOpening))
	}
}

// DecodeAlignedOpening reads the opening that b is the binary form of. It keeps no reference to b. It fails with ErrMalformed
// for everything else.
func DecodeAlignedOpening(b []byte) (*AlignedOpening, error) {
	if len(b) == 0 || len(b) > MaxAlignedOpeningSize {
		return nil, fmt.Errorf("%w: %d bytes", ErrMalformed, len(b))
	}
	switch b[0] {
	case alignedOpening:
		opening, err := DecodeOpening(b[1:])
		if err != nil {
			return nil, err
		}
		return &AlignedOpening{Opening: opening}, nil
	case alignedGap:
		gap, rest, err := ConsumeLeafProof(b[1:])
		if err != nil {
			return nil, err
		}
		if len(rest) != 0 {
			return nil, fmt.Errorf("%w: %d bytes after the end", ErrMalformed, len(rest))
		}
		if err := gap.checkShape(); err != nil {
			return nil, err
		}
		return &AlignedOpening{Gap: gap}, nil
	default:
		return nil, fmt.Errorf("%w: mark %d", ErrMalformed, b[0])
	}
}
