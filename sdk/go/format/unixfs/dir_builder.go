package unixfs

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/ipfs/go-cid"
)

// DirBuilder lays out one directory. It holds its entries and nothing of what is behind them. The zero value is an
// empty directory.
type DirBuilder struct {
	entries  []Link
	estimate int // bytes, by the rule of ShardThresholdBytes
}

// errUndefinedCID reports an entry that points nowhere.
var errUndefinedCID = errors.New("undefined CID")

// Add puts target into the directory under name, in any order; target.Name is ignored. It fails with ErrInvalidName.
// A name given twice is found by Finish.
func (b *DirBuilder) Add(name string, target Link) error {
	if err := ValidateName(name); err != nil {
		return err
	}
	if target.Cid == cid.Undef {
		return fmt.Errorf("failed to add %q to directory: %w", name, errUndefinedCID)
	}
	target.Name = name
	b.entries = append(b.entries, target)
	b.estimate += len(name) + target.Cid.ByteLen()
	return nil
}

// Len returns the number of entries.
func (b *DirBuilder) Len() int { return len(b.entries) }

// Finish emits the directory's nodes, children before parents: one node, or a HAMT when the entries are estimated to
// take more than ShardThresholdBytes. It returns a link to the root, without a name, and leaves the builder empty. It
// fails with ErrDuplicateName, and for a HAMT with ErrNameCollision.
func (b *DirBuilder) Finish(attrs Attributes, emit Emit) (Link, error) {
	entries, estimate := b.entries, b.estimate
	*b = DirBuilder{}
	if err := attrs.validate(); err != nil {
		return Link{}, err
	}
	if estimate > ShardThresholdBytes {
		return emitShards(entries, attrs, emit)
	}
	slices.SortFunc(entries, func(x, y Link) int { return cmp.Compare(x.Name, y.Name) })
	for i := 1; i < len(entries); i++ {
		if entries[i].Name == entries[i-1].Name {
			return Link{}, fmt.Errorf("%w: %q", ErrDuplicateName, entries[i].Name)
		}
	}
	return emitNode(emit, len(entries), func(i int) Link { return entries[i] },
		content{kind: typeDirectory, Attributes: attrs})
}
