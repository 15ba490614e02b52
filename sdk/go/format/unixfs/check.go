package unixfs

import (
	"fmt"
	"math/bits"
)

// check tests a decoded node for consistency in itself.
func (n *Node) check() error {
	if !n.IsFile() && len(n.BlockSizesBytes) > 0 {
		return invalid("%s with block sizes", n.Kind)
	}
	switch n.Kind {
	case KindFile, KindRaw:
		return n.checkFile()
	case KindDirectory:
		return n.checkDirectory()
	case KindShard:
		return n.checkShard()
	case KindSymlink:
		if len(n.Links) > 0 || len(n.Data) == 0 || len(n.Data) > MaxSymlinkBytes {
			return invalid("symlink with %d links and a target of %d bytes", len(n.Links), len(n.Data))
		}
	}
	return nil
}

func (n *Node) checkFile() error {
	if len(n.BlockSizesBytes) != len(n.Links) {
		return fmt.Errorf("%w: %d block sizes for %d links", ErrSizeMismatch, len(n.BlockSizesBytes), len(n.Links))
	}
	if n.Kind == KindRaw && len(n.Links) > 0 {
		return invalid("raw node with links")
	}
	total := uint64(len(n.Data))
	for _, size := range n.BlockSizesBytes {
		if size > MaxFileBytes-total {
			return fmt.Errorf("%w: parts exceed %d bytes", ErrSizeMismatch, uint64(MaxFileBytes))
		}
		total += size
	}
	if total != n.FileSizeBytes {
		return fmt.Errorf("%w: parts of %d bytes in a file of %d", ErrSizeMismatch, total, n.FileSizeBytes)
	}
	return nil
}

func (n *Node) checkDirectory() error {
	sorted := true
	for i := range n.Links {
		if err := ValidateName(n.Links[i].Name); err != nil {
			return fmt.Errorf("%w: %w", ErrInvalidNode, err)
		}
		if i > 0 && n.Links[i].Name <= n.Links[i-1].Name {
			sorted = false
		}
	}
	if sorted {
		return nil
	}
	seen := make(map[string]struct{}, len(n.Links))
	for i := range n.Links {
		if _, ok := seen[n.Links[i].Name]; ok {
			return fmt.Errorf("%w: %w: %q", ErrInvalidNode, ErrDuplicateName, n.Links[i].Name)
		}
		seen[n.Links[i].Name] = struct{}{}
	}
	return nil
}

// checkShard tests that the links are those of the slots set in the bitmap, in order.
func (n *Node) checkShard() error {
	if len(n.Data) > n.Fanout/8 {
		return invalid("HAMT bitmap of %d bytes", len(n.Data))
	}
	width, next := prefixLen(n.Fanout), 0
	for i := len(n.Data) - 1; i >= 0; i-- {
		for set := n.Data[i]; set != 0; set &= set - 1 {
			slot := 8*(len(n.Data)-1-i) + bits.TrailingZeros8(set)
			if next == len(n.Links) {
				return invalid("HAMT bitmap has more slots than links")
			}
			name := n.Links[next].Name
			if got, ok := parsePrefix(name, width); !ok || got != slot {
				return invalid("HAMT link %q is not in slot %d", name, slot)
			}
			if len(name) > width {
				if err := ValidateName(name[width:]); err != nil {
					return fmt.Errorf("%w: %w", ErrInvalidNode, err)
				}
			}
			next++
		}
	}
	if next != len(n.Links) {
		return invalid("HAMT bitmap has %d slots for %d links", next, len(n.Links))
	}
	return nil
}

func unsupported(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrUnsupported}, args...)...)
}
