package unixfs

import (
	"context"
	"fmt"

	"github.com/ipfs/go-cid"
)

// Visit is a block that Walk came to.
type Visit struct {
	Cid cid.Cid
	// SizeBytes is the length of the block. For a raw block that was not fetched it is what its parent says.
	SizeBytes uint64
	// Node is what the block holds, nil for a raw block that was not fetched.
	Node *Node
	// Block is the bytes of the block, nil for a raw block that was not fetched.
	Block []byte
}

// WalkOptions choose what Walk does. The zero value is the common case.
type WalkOptions struct {
	// FetchLeaves has raw blocks fetched too and their lengths tested.
	FetchLeaves bool
}

// Walk calls fn once for each distinct block of the DAG under root, depth first and in link order, parents before
// their children, each block where it is first met: the order of a manifest. The order depends on the DAG alone.
// An error of fn ends the walk and is returned as it is, so fn can also bound the number of blocks; Walk itself
// remembers every CID it has seen.
//
// Sizes that contradict each other are ErrSizeMismatch: a part of a file that is longer or shorter than its parent
// says, or a raw block linked to with two sizes. Whether the entries of a HAMT lie where their hashes belong is
// ListDir's and Lookup's business.
func Walk(ctx context.Context, get Getter, root cid.Cid, opts WalkOptions, fn func(Visit) error) error {
	w := walk{get: get, opts: opts, fn: fn, seen: map[cid.Cid]visited{}}
	return w.visit(ctx, root, place{expect: anyNode})
}

// expectation is what a link leads to, seen from where it stands.
type expectation uint8

const (
	anyNode   expectation = iota // the root, or a directory's entry: any file, directory or symbolic link
	filePart                     // a part of a file
	shardPart                    // a shard of a HAMT
)

// place is where in the DAG a block was met.
type place struct {
	expect   expectation
	size     uint64 // bytes of the file for a filePart, of the DAG for an entry
	hasSize  bool   // whether size is known
	fanout   int    // of the HAMT, for a shardPart
	paths    int    // directories on the way
	parts    int    // nodes of the same file on the way
	usedBits int    // bits of the hash that the HAMT's shards on the way took
}

// visited is what must hold each time a block is met.
type visited struct {
	kind   Kind
	size   uint64 // bytes of the file, for files and raw blocks
	fanout int
}

type walk struct {
	get  Getter
	opts WalkOptions
	fn   func(Visit) error
	seen map[cid.Cid]visited
}

func (w *walk) visit(ctx context.Context, c cid.Cid, at place) error {
	if err := at.checkDepth(); err != nil {
		return err
	}
	if v, ok := w.seen[c]; ok {
		return v.check(c, at)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("failed to walk DAG: %w", err)
	}
	if c.Defined() && c.Prefix().Codec == cid.Raw && at.hasSize && !w.opts.FetchLeaves {
		v := visited{kind: KindRaw, size: at.size}
		if at.size > MaxNodeBytes {
			return fmt.Errorf("%w: raw block %s of %d bytes", ErrSizeMismatch, c, at.size)
		}
		if err := v.check(c, at); err != nil {
			return err
		}
		w.seen[c] = v
		return w.fn(Visit{Cid: c, SizeBytes: at.size})
	}
	n, block, err := load(ctx, w.get, c)
	if err != nil {
		return err
	}
	v := visited{kind: n.Kind, size: n.FileSizeBytes, fanout: n.Fanout}
	if err := v.check(c, at); err != nil {
		return err
	}
	w.seen[c] = v
	if err := w.fn(Visit{Cid: c, SizeBytes: uint64(len(block)), Node: n, Block: block}); err != nil {
		return err
	}
	for i, l := range n.Links {
		if err := w.visit(ctx, l.Cid, at.child(n, i)); err != nil {
			return err
		}
	}
	return nil
}

// child returns the place of a node's i-th child.
func (at place) child(n *Node, i int) place {
	l := n.Links[i]
	switch n.Kind {
	case KindFile:
		return place{expect: filePart, size: n.BlockSizesBytes[i], hasSize: true, paths: at.paths, parts: at.parts + 1}
	case KindShard:
		bits := at.usedBits + shardBits(n.Fanout)
		if len(l.Name) == prefixLen(n.Fanout) {
			return place{expect: shardPart, fanout: n.Fanout, paths: at.paths, usedBits: bits}
		}
	}
	return place{expect: anyNode, size: l.TotalSizeBytes, hasSize: true, paths: at.paths + 1}
}

func (at place) checkDepth() error {
	switch {
	case at.paths > MaxPathDepth:
		return fmt.Errorf("%w: directories nested more than %d deep", ErrTooDeep, MaxPathDepth)
	case at.parts >= MaxFileDepth:
		return fmt.Errorf("%w: file of more than %d levels", ErrTooDeep, MaxFileDepth)
	case at.expect == shardPart && at.usedBits+shardBits(at.fanout) > hashBits:
		return fmt.Errorf("%w: HAMT takes more than %d bits", ErrTooDeep, hashBits)
	}
	return nil
}

// check tests a block against a place where it was met.
func (v visited) check(c cid.Cid, at place) error {
	switch at.expect {
	case shardPart:
		if v.kind != KindShard || v.fanout != at.fanout {
			return invalid("block %s is a %s, not a shard of its HAMT", c, v.kind)
		}
		return nil
	case filePart:
		n := Node{Kind: v.kind, FileSizeBytes: v.size}
		return n.checkPart(c, at.size)
	}
	if at.hasSize && v.kind == KindRaw && c.Prefix().Codec == cid.Raw && v.size != at.size {
		return fmt.Errorf("%w: raw block %s has %d bytes, not %d", ErrSizeMismatch, c, v.size, at.size)
	}
	return nil
}
