package unixfs

import (
	"context"
	"fmt"
	"io"

	"github.com/ipfs/go-cid"
)

// Leaf is a piece of a file that lies in one block.
type Leaf struct {
	// Cid is the block with the piece.
	Cid cid.Cid
	// OffsetBytes is where in the file the piece begins.
	OffsetBytes uint64
	// SizeBytes is its length, at least 1.
	SizeBytes uint64
	// Data is the piece itself if it was met while its place was looked up. If it is nil, the piece is the whole of
	// a raw block not yet fetched, whose length must be tested with Check.
	Data []byte
}

// Check fails with ErrSizeMismatch unless block, fetched for a leaf without Data, has the length that the file says.
func (l Leaf) Check(block []byte) error {
	if uint64(len(block)) != l.SizeBytes {
		return fmt.Errorf("%w: block %s has %d bytes, not %d", ErrSizeMismatch, l.Cid, len(block), l.SizeBytes)
	}
	return nil
}

// File is a file opened for reading. It is safe for concurrent use if its Getter is.
type File struct {
	get  Getter
	root *Node
	cid  cid.Cid
}

// OpenFile loads the root of a file. It fails with ErrNotFile if c is something else, a symbolic link included.
func OpenFile(ctx context.Context, get Getter, c cid.Cid) (*File, error) {
	root, err := Load(ctx, get, c)
	if err != nil {
		return nil, err
	}
	if !root.IsFile() {
		return nil, fmt.Errorf("%w: %s is a %s", ErrNotFile, c, root.Kind)
	}
	return &File{get: get, root: root, cid: c}, nil
}

// SizeBytes returns the length that the root states.
func (f *File) SizeBytes() uint64 { return f.root.FileSizeBytes }

// Root returns the file's root node, which has its attributes.
func (f *File) Root() *Node { return f.root }

// Leaves calls fn for the leaves that hold the bytes from (inclusive) to (exclusive) of the file, in order. The first
// and last may reach beyond the range. Interior nodes are fetched only where the range leads. It fails with
// ErrRange unless from <= to <= SizeBytes, with ErrSizeMismatch or ErrInvalidNode if the DAG contradicts itself; an
// error of fn ends it and is returned as it is.
func (f *File) Leaves(ctx context.Context, from, to uint64, fn func(Leaf) error) error {
	if from > to || to > f.SizeBytes() {
		return fmt.Errorf("%w: %d-%d of %d bytes", ErrRange, from, to, f.SizeBytes())
	}
	if from == to {
		return nil
	}
	s := leafScan{get: f.get, from: from, to: to, fn: fn}
	return s.visit(ctx, f.cid, f.root, 0, 1)
}

// leafScan finds the leaves of a range.
type leafScan struct {
	get      Getter
	from, to uint64
	fn       func(Leaf) error
}

// covers tells whether a piece holds bytes of the range. An empty piece never does, so the work is bounded by the
// bytes in the range even if a hostile DAG has ever so many empty parts.
func (s *leafScan) covers(offset, size uint64) bool {
	return size > 0 && offset < s.to && offset+size > s.from
}

// visit goes through a node that begins at offset and is known to cover a part of the range.
func (s *leafScan) visit(ctx context.Context, c cid.Cid, n *Node, offset uint64, depth int) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("failed to read file: %w", err)
	}
	if size := uint64(len(n.Data)); s.covers(offset, size) {
		if err := s.fn(Leaf{Cid: c, OffsetBytes: offset, SizeBytes: size, Data: n.Data}); err != nil {
			return err
		}
	}
	offset += uint64(len(n.Data))
	for i, l := range n.Links {
		size := n.BlockSizesBytes[i]
		if s.covers(offset, size) {
			if err := s.child(ctx, l.Cid, offset, size, depth); err != nil {
				return err
			}
		}
		if offset += size; offset >= s.to {
			break
		}
	}
	return nil
}

func (s *leafScan) child(ctx context.Context, c cid.Cid, offset, size uint64, depth int) error {
	if depth == MaxFileDepth {
		return fmt.Errorf("%w: file of more than %d levels", ErrTooDeep, MaxFileDepth)
	}
	if c.Prefix().Codec == cid.Raw {
		if size > MaxNodeBytes {
			return fmt.Errorf("%w: raw block %s of %d bytes", ErrSizeMismatch, c, size)
		}
		return s.fn(Leaf{Cid: c, OffsetBytes: offset, SizeBytes: size})
	}
	n, err := Load(ctx, s.get, c)
	if err != nil {
		return err
	}
	if err := n.checkPart(c, size); err != nil {
		return err
	}
	return s.visit(ctx, c, n, offset, depth+1)
}

// checkPart tests a node that a file links to as size bytes of it.
func (n *Node) checkPart(c cid.Cid, size uint64) error {
	if !n.IsFile() {
		return invalid("block %s in a file is a %s", c, n.Kind)
	}
	if n.FileSizeBytes != size {
		return fmt.Errorf("%w: node %s has %d bytes of the file, not %d", ErrSizeMismatch, c, n.FileSizeBytes, size)
	}
	return nil
}

// CopyRange writes the bytes from (inclusive) to (exclusive) of the file to w, one leaf after another. It is meant
// for small reads: to fetch leaves ahead, use Leaves. The error says which of the sides failed.
func (f *File) CopyRange(ctx context.Context, w io.Writer, from, to uint64) error {
	return f.Leaves(ctx, from, to, func(l Leaf) error {
		data := l.Data
		if data == nil {
			var err error
			if data, err = f.get(ctx, l.Cid); err != nil {
				return fmt.Errorf("failed to get block %s: %w", l.Cid, err)
			}
			if err := l.Check(data); err != nil {
				return err
			}
		}
		if _, err := w.Write(l.Clip(data, from, to)); err != nil {
			return fmt.Errorf("failed to write file data: %w", err)
		}
		return nil
	})
}

// Clip returns the part of a leaf's data that lies in the bytes from (inclusive) to (exclusive) of the file. data
// must have passed Check.
func (l Leaf) Clip(data []byte, from, to uint64) []byte {
	start, end := uint64(0), l.SizeBytes
	if from > l.OffsetBytes {
		start = min(from-l.OffsetBytes, end)
	}
	if to < l.OffsetBytes+l.SizeBytes {
		end = max(start, to-min(to, l.OffsetBytes))
	}
	return data[start:end]
}
