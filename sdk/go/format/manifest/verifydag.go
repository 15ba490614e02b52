package manifest

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

const (
	// maxDepth is the largest number of nodes on a path from the root: a hostile DAG may be one long chain.
	maxDepth = 8192
	// maxPending is the largest number of links read and not yet followed.
	maxPending = 1 << 21
)

// VerifyDAG walks the UnixFS DAG of the manifest's root and compares it with the entries: each block of the DAG must be
// an entry once, in depth-first first-visit order, with its size, and there must be no other entries; the content size
// of the header must be that of the DAG.
//
// Nodes are fetched through fetchNode, one at a time, and verified by digest. Raw blocks are not fetched: their
// sizes are checked against the file sizes that the nodes state. Memory grows with the number of entries, by about
// 100 bytes each.
//
// It fails with ErrOrder, ErrIncomplete, ErrSurplus, ErrSize, ErrNode, ErrCodec, ErrDigest, ErrTooLarge, or what the
// Reader or fetchNode fails with.
func VerifyDAG(ctx context.Context, r *Reader, fetchNode Fetch) error {
	next, stop := iter.Pull2(r.Entries(ctx))
	defer stop()
	w := walk{fetch: fetchNode, next: next, sizes: make(map[key]uint64)}
	rootDigest, err := format.DigestOf(r.header.Root)
	if err != nil {
		return fmt.Errorf("failed to walk %s: %w", r.header.Root, err)
	}
	size, err := w.run(ctx, key{r.header.Root.Prefix().Codec, rootDigest})
	if err != nil {
		return fmt.Errorf("failed to verify the DAG of %s: %w", r.header.Root, err)
	}
	e, err, more := next()
	if err != nil {
		return err
	}
	if more {
		return fmt.Errorf("%w: %s", ErrSurplus, e.CID())
	}
	if size != r.header.ContentSize {
		return fmt.Errorf("%w: content has %d bytes, header states %d", ErrSize, size, r.header.ContentSize)
	}
	return nil
}

// walk is a depth-first walk that compares what it visits with a sequence of entries.
type walk struct {
	fetch   Fetch
	next    func() (Entry, error, bool)
	sizes   map[key]uint64 // content size below each block visited; of nodes on the stack not yet known
	stack   []frame
	pending int // links in all frames that are not yet followed
}

// frame is a node some of whose links are yet to be followed.
type frame struct {
	key  key
	node *node
	at   int    // next link
	size uint64 // content size of the links before it
}

// run walks from root and returns the content size.
func (w *walk) run(ctx context.Context, root key) (uint64, error) {
	if err := w.visit(ctx, root); err != nil {
		return 0, err
	}
	for len(w.stack) > 0 {
		top := &w.stack[len(w.stack)-1]
		if top.at < len(top.node.links) {
			link := top.node.links[top.at]
			if _, seen := w.sizes[link]; !seen {
				if err := w.visit(ctx, link); err != nil {
					return 0, err
				}
				if link.codec == format.DagPB {
					continue // its size is known when its frame is done
				}
				top = &w.stack[len(w.stack)-1]
			}
			top.size += w.sizes[link]
			if top.size > math.MaxInt64 {
				return 0, fmt.Errorf("%w: content size", ErrTooLarge)
			}
			top.at++
			w.pending--
			continue
		}
		size, err := top.node.contentSize(top.size)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", format.NodeCID(top.key.digest), err)
		}
		w.sizes[top.key] = size
		w.stack = w.stack[:len(w.stack)-1]
	}
	return w.sizes[root], nil
}

// visit compares a block seen for the first time with the next entry, and pushes a frame if it is a node.
func (w *walk) visit(ctx context.Context, k key) error {
	e, err, more := w.next()
	c := format.BlockCID(k.codec, k.digest)
	switch {
	case err != nil:
		return err
	case !more:
		return fmt.Errorf("%w: %s is missing", ErrIncomplete, c)
	case (key{e.Codec, e.Digest}) != k:
		return fmt.Errorf("%w: entry %d is %s, want %s", ErrOrder, len(w.sizes), e.CID(), c)
	}
	w.sizes[k] = uint64(e.Size)
	if k.codec == format.Raw {
		return nil
	}
	if len(w.stack) == maxDepth {
		return fmt.Errorf("%w: DAG deeper than %d nodes", ErrTooLarge, maxDepth)
	}
	data, err := fetchVerified(ctx, w.fetch, c, format.MaxBlockSize)
	if err != nil {
		return err
	}
	if len(data) != int(e.Size) {
		return fmt.Errorf("%w: %s has %d bytes, entry states %d", ErrSize, c, len(data), e.Size)
	}
	n, err := decodeNode(data)
	if err != nil {
		return fmt.Errorf("%s: %w", c, err)
	}
	if w.pending += len(n.links); w.pending > maxPending {
		return fmt.Errorf("%w: more than %d links at once", ErrTooLarge, maxPending)
	}
	w.stack = append(w.stack, frame{key: k, node: n})
	return nil
}
