package commitment

import (
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// LeafProof shows that a leaf belongs to a commitment.
type LeafProof struct {
	// Index is the leaf's position, counted from 0.
	Index uint32
	// Count is the number of leaves in the commitment.
	Count uint32
	// Leaf is the leaf itself.
	Leaf Leaf
	// Path holds the siblings on the way from the leaf to the root, lowest first. Its length follows from Index
	// and Count.
	Path []format.Digest
}

// VerifyLeaf checks that p belongs to the commitment commD over totalLength bytes. It fails with ErrPath when it does
// not, and with ErrLength when no sequence of valid leaves could have p's leaf in that place.
func VerifyLeaf(commD format.Digest, totalLength uint64, p *LeafProof) error {
	if p == nil {
		return fmt.Errorf("%w: no leaf", ErrMalformed)
	}
	if err := p.checkPlace(totalLength); err != nil {
		return err
	}
	if hashRoot(uint64(p.Count), totalLength, p.root()) != commD {
		return ErrPath
	}
	return nil
}

// VerifyLast checks that p is the last leaf of the commitment commD, and so that the leaves add up to totalLength. It
// fails like VerifyLeaf, and with ErrIndex when p is another leaf.
func VerifyLast(commD format.Digest, totalLength uint64, p *LeafProof) error {
	if err := VerifyLeaf(commD, totalLength, p); err != nil {
		return err
	}
	if p.Index != p.Count-1 {
		return fmt.Errorf("%w: leaf %d is not the last of %d", ErrIndex, p.Index, p.Count)
	}
	return nil
}

// checkPlace checks what needs no hashing: that the path has its one length, and that valid leaves before and after
// this one can fill the rest of totalLength. For the first leaf that means beginning at 0, for the last one
// ending at totalLength.
func (p *LeafProof) checkPlace(totalLength uint64) error {
	if p.Index >= p.Count {
		return fmt.Errorf("%w: leaf %d of %d", ErrPath, p.Index, p.Count)
	}
	if want := pathLength(p.Index, p.Count); len(p.Path) != want {
		return fmt.Errorf("%w: %d digests, want %d", ErrPath, len(p.Path), want)
	}
	if err := checkLength(p.Leaf.Length); err != nil {
		return err
	}
	before, after := uint64(p.Index), uint64(p.Count-1-p.Index)
	if p.Leaf.Offset > totalLength || uint64(p.Leaf.Length) > totalLength-p.Leaf.Offset {
		return fmt.Errorf("%w: leaf ends beyond the %d bytes committed", ErrLength, totalLength)
	}
	rest := totalLength - p.Leaf.End()
	if p.Leaf.Offset < before || p.Leaf.Offset > before*MaxLeafLength {
		return fmt.Errorf("%w: leaf %d cannot begin at %d", ErrLength, p.Index, p.Leaf.Offset)
	}
	if rest < after || rest > after*MaxLeafLength {
		return fmt.Errorf("%w: %d leaves cannot hold the remaining %d bytes", ErrLength, after, rest)
	}
	return nil
}

// root walks up from the leaf; the path must have passed checkPlace.
func (p *LeafProof) root() format.Digest {
	h := hashLeaf(p.Leaf)
	next := 0
	for i, last := p.Index, p.Count-1; last > 0; i, last = i>>1, last>>1 {
		switch {
		case i&1 == 1:
			h = hashInner(p.Path[next], h)
		case i < last:
			h = hashInner(h, p.Path[next])
		default:
			continue
		}
		next++
	}
	return h
}

// pathLength returns the number of digests in the path of leaf index in a tree of count leaves. It needs index < count.
func pathLength(index, count uint32) int {
	n := 0
	for i, last := index, count-1; last > 0; i, last = i>>1, last>>1 {
		if i&1 == 1 || i < last {
			n++
		}
	}
	return n
}
