package sealer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/sidecar/consensus/priority"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

const (
	// groupLevel is the lowest level of a tree that is kept, counted from the leaves: a node there stands for a group of leaves.
	groupLevel = 7
	groupNodes = 1 << groupLevel
	groupBytes = groupNodes * sdr.NodeSize
	// treeStep is how many groups a worker hashes between two looks at the gate: a few milliseconds.
	treeStep = 32
	// workerGroups is how many groups a worker takes at a time.
	workerGroups = 1 << 10
)

// groups is the number of groups of a sector. Every class has many.
func groups(nodes uint64) uint64 { return nodes / groupNodes }

// groupHasher hashes the leaves of groups.
type groupHasher interface {
	// leaves reads the leaves of count groups from first on into dst, groupBytes each. It uses scratch and returns it, or a larger one,
	// for the next call.
	leaves(dst, scratch []byte, first, count uint64) ([]byte, error)
}

// replicaGroups reads leaves from a replica: they are its nodes.
type replicaGroups struct{ file *os.File }

func (r replicaGroups) leaves(dst, scratch []byte, first, count uint64) ([]byte, error) {
	if _, err := r.file.ReadAt(dst[:count*groupBytes], int64(first*groupBytes)); err != nil {
		return nil, fmt.Errorf("failed to read the replica: %w", err)
	}
	return scratch, nil
}

// columnGroups computes leaves from the layers: they are the hashes of columns.
type columnGroups struct{ layers [sdr.Layers]directFile }

func (c *columnGroups) leaves(dst, scratch []byte, first, count uint64) ([]byte, error) {
	size := int(count * groupBytes)
	scratch = slices.Grow(scratch[:0], sdr.Layers*size)[:sdr.Layers*size]
	var labels [sdr.Layers][]byte
	for layer, file := range c.layers {
		labels[layer] = scratch[layer*size : (layer+1)*size]
		if _, err := file.ReadAt(labels[layer], int64(first*groupBytes)); err != nil {
			return nil, fmt.Errorf("failed to read layer %d: %w", layer+1, err)
		}
	}
	sdr.HashColumns(dst[:size], &labels)
	return scratch, nil
}

// buildTrees writes both trees of a sector and returns their roots.
func (s *Store) buildTrees(ctx context.Context, d *description) (commC, commRLast sdr.Hash, err error) {
	layers, closeLayers, err := s.openLayers(d, true)
	if err != nil {
		return commC, commRLast, err
	}
	defer closeLayers()
	replica, err := os.Open(s.path(d.Number, replicaFile))
	if err != nil {
		return commC, commRLast, fmt.Errorf("failed to open the replica: %w", err)
	}
	defer replica.Close()
	size := d.nodes() * sdr.NodeSize
	former, err := s.openFormer(d)
	if err != nil {
		return commC, commRLast, err
	}
	defer former.close()
	progress := func(tree, done uint64) { s.report(d.Number, tree*size+done*groupBytes, 2*size) }
	commC, err = s.buildTree(ctx, s.path(d.Number, columnTreeFile), layers, d.nodes(), nil, func(done uint64) { progress(0, done) })
	if err != nil {
		return commC, commRLast, err
	}
	commRLast, err = s.buildTree(ctx, s.path(d.Number, replicaTreeFile), replicaGroups{replica}, d.nodes(), former.keepRoots,
		func(done uint64) { progress(1, done) })
	return commC, commRLast, err
}

// openLayers opens the files of the layers, to be read directly from end to end, or here and there.
func (s *Store) openLayers(d *description, directly bool) (*columnGroups, func(), error) {
	c := &columnGroups{}
	closeAll := func() {
		for _, file := range c.layers {
			if file.File != nil {
				file.Close()
			}
		}
	}
	for i := range c.layers {
		file, err := os.Open(s.path(d.Number, layerFile(uint32(i)+1)))
		if err != nil {
			closeAll()
			return nil, nil, fmt.Errorf("failed to open layer %d: %w", i+1, err)
		}
		if c.layers[i] = (directFile{file}); directly {
			c.layers[i] = asDirect(file)
		}
	}
	return c, closeAll, nil
}

// buildTree writes the kept rows of a tree, the lowest first, durably, and returns the root. mend may change the lowest row before
// the others are made; it may be nil.
func (s *Store) buildTree(
	ctx context.Context, path string, source groupHasher, nodes uint64, mend func(*os.File) error, progress func(done uint64),
) (root sdr.Hash, err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return root, fmt.Errorf("failed to make a tree: %w", err)
	}
	defer func() { err = closeAfter(file, err) }()
	if err := s.writeGroups(ctx, file, source, nodes, progress); err != nil {
		return root, err
	}
	if mend != nil {
		if err := mend(file); err != nil {
			return root, err
		}
	}
	offset := uint64(0)
	for width := groups(nodes); width > 1; width /= 2 {
		if err := s.eachPart(ctx, file, offset, width, func(part []byte, at uint64) error {
			sdr.HashRow(part[:len(part)/2], part)
			return writeTree(file, part[:len(part)/2], offset+width+at/2)
		}); err != nil {
			return root, err
		}
		offset += width
	}
	if _, err := file.ReadAt(root[:], int64(offset*sdr.NodeSize)); err != nil {
		return root, fmt.Errorf("failed to read a tree: %w", err)
	}
	if err := file.Sync(); err != nil {
		return root, fmt.Errorf("failed to sync a tree: %w", err)
	}
	return root, nil
}

// writeTree writes nodes of a tree from a place on.
func writeTree(file *os.File, nodes []byte, at uint64) error {
	if _, err := file.WriteAt(nodes, int64(at*sdr.NodeSize)); err != nil {
		return fmt.Errorf("failed to write a tree: %w", err)
	}
	return nil
}

// eachPart reads the nodes of a row of a tree that begins at a place of its file, part by part. f may overwrite a part; at is the place
// of the part in the row.
func (s *Store) eachPart(ctx context.Context, file io.ReaderAt, offset, width uint64, f func(part []byte, at uint64) error) error {
	const most = streamBytes / sdr.NodeSize
	buffer := make([]byte, min(width, most)*sdr.NodeSize)
	for at := uint64(0); at < width; at += most {
		if err := s.gate.pass(ctx); err != nil {
			return err
		}
		part := buffer[:min(width-at, most)*sdr.NodeSize]
		if _, err := file.ReadAt(part, int64((offset+at)*sdr.NodeSize)); err != nil {
			return fmt.Errorf("failed to read a tree: %w", err)
		}
		if err := f(part, at); err != nil {
			return err
		}
	}
	return nil
}

// writeGroups hashes all groups, by several workers, and writes the row of their roots.
func (s *Store) writeGroups(ctx context.Context, tree *os.File, source groupHasher, nodes uint64, progress func(done uint64)) error {
	work := make(chan span)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(work)
		for from := uint64(0); from < groups(nodes); from += workerGroups {
			select {
			case work <- span{from, min(from+workerGroups, groups(nodes))}:
				progress(from)
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range s.opts.workers() {
		g.Go(func() error {
			priority.Lower()
			return s.hashGroups(ctx, tree, source, work)
		})
	}
	return g.Wait()
}

// hashGroups is one of the workers of writeGroups.
func (s *Store) hashGroups(ctx context.Context, tree *os.File, source groupHasher, work <-chan span) error {
	row := make([]byte, workerGroups*sdr.NodeSize)
	leaves := make([]byte, treeStep*groupBytes)
	var scratch []byte
	for r := range work {
		for first := r.from; first < r.to; first += treeStep {
			if err := s.gate.pass(ctx); err != nil {
				return err
			}
			count := min(treeStep, r.to-first)
			var err error
			if scratch, err = source.leaves(leaves, scratch, first, count); err != nil {
				return err
			}
			for i := range count {
				root := sdr.Root(leaves[i*groupBytes : (i+1)*groupBytes])
				copy(row[(first-r.from+i)*sdr.NodeSize:], root[:])
			}
		}
		if err := writeTree(tree, row[:(r.to-r.from)*sdr.NodeSize], r.from); err != nil {
			return err
		}
	}
	return nil
}

var errDiffers = errors.New("group of nodes differs from the tree")

// appendPath appends the siblings of a leaf up to the root, from the leaves of its group and the rows on file. It fails with
// errDiffers when the leaves are not those that the tree was built over.
func appendPath(dst []byte, tree io.ReaderAt, leaves []byte, nodes, leaf uint64) ([]byte, error) {
	row := append([]byte{}, leaves...)
	at := leaf % groupNodes
	for len(row) > sdr.NodeSize {
		sibling := (at ^ 1) * sdr.NodeSize
		dst = append(dst, row[sibling:sibling+sdr.NodeSize]...)
		sdr.HashRow(row[:len(row)/2], row)
		row = row[:len(row)/2]
		at >>= 1
	}
	var node [sdr.NodeSize]byte
	offset, width := uint64(0), groups(nodes)
	at = leaf / groupNodes
	if _, err := tree.ReadAt(node[:], int64(at*sdr.NodeSize)); err != nil {
		return nil, fmt.Errorf("failed to read a tree: %w", err)
	}
	if node != [sdr.NodeSize]byte(row) {
		return nil, fmt.Errorf("%w: group %d", errDiffers, at)
	}
	for width > 1 {
		if _, err := tree.ReadAt(node[:], int64((offset+(at^1))*sdr.NodeSize)); err != nil {
			return nil, fmt.Errorf("failed to read a tree: %w", err)
		}
		dst = append(dst, node[:]...)
		offset, width, at = offset+width, width/2, at>>1
	}
	return dst, nil
}

// treeBytes is the size of a tree file: the row of the groups and all rows above it.
func treeBytes(nodes uint64) uint64 { return (2*groups(nodes) - 1) * sdr.NodeSize }

// checkRows checks that each row of a tree file follows from the one below, up to the root.
func (s *Store) checkRows(ctx context.Context, tree io.ReaderAt, nodes uint64, root sdr.Hash) error {
	offset := uint64(0)
	parents := make([]byte, streamBytes/2)
	for width := groups(nodes); width > 1; width /= 2 {
		if err := s.eachPart(ctx, tree, offset, width, func(part []byte, at uint64) error {
			sdr.HashRow(part[:len(part)/2], part)
			above := parents[:len(part)/2]
			if _, err := tree.ReadAt(above, int64((offset+width+at/2)*sdr.NodeSize)); err != nil {
				return fmt.Errorf("failed to read a tree: %w", err)
			}
			if !bytes.Equal(above, part[:len(part)/2]) {
				return fmt.Errorf("%w: the row of %d nodes", errDiffers, width/2)
			}
			return nil
		}); err != nil {
			return err
		}
		offset += width
	}
	var got sdr.Hash
	if _, err := tree.ReadAt(got[:], int64(offset*sdr.NodeSize)); err != nil {
		return fmt.Errorf("failed to read a tree: %w", err)
	}
	if got != root {
		return fmt.Errorf("%w: the root", errDiffers)
	}
	return nil
}
