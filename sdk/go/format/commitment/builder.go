package commitment

import (
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// Builder computes a commitment from leaves that come one after the other, in memory logarithmic in their number.
// The zero value is ready for use. A Builder must not be used by two goroutines at once.
type Builder struct {
	// stack holds the roots of the complete subtrees so far, widest first: one for each bit set in count.
	stack       []format.Digest
	count       uint64
	totalLength uint64
}

// Add appends a leaf. It fails with ErrGap unless the leaf begins where the last one ended, with ErrLength when it is
// empty or too long, and with ErrTooManyLeaves when there is no room for it; a failed Add changes nothing.
func (b *Builder) Add(leaf Leaf) error {
	if b.count == MaxLeaves {
		return ErrTooManyLeaves
	}
	if err := checkLength(leaf.Length); err != nil {
		return fmt.Errorf("failed to add leaf %d: %w", b.count, err)
	}
	if leaf.Offset != b.totalLength {
		return fmt.Errorf("failed to add leaf %d: %w: at %d, want %d", b.count, ErrGap, leaf.Offset, b.totalLength)
	}
	h := hashLeaf(leaf)
	for n := b.count; n&1 == 1; n >>= 1 {
		top := len(b.stack) - 1
		h = hashInner(b.stack[top], h)
		b.stack = b.stack[:top]
	}
	b.stack = append(b.stack, h)
	b.count++
	b.totalLength = leaf.End()
	return nil
}

// LeafCount returns the number of leaves added.
func (b *Builder) LeafCount() uint32 { return uint32(b.count) }

// TotalLength returns the sum of the lengths of the leaves added, in bytes.
func (b *Builder) TotalLength() uint64 { return b.totalLength }

// CommD returns the commitment to the leaves added so far; more may be added afterwards. It fails with ErrEmpty when
// there are none.
func (b *Builder) CommD() (format.Digest, error) {
	if b.count == 0 {
		return format.Digest{}, ErrEmpty
	}
	top := len(b.stack) - 1
	root := b.stack[top]
	for i := top - 1; i >= 0; i-- {
		root = hashInner(b.stack[i], root)
	}
	return hashRoot(b.count, b.totalLength, root), nil
}
