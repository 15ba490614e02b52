package sealer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

const (
	// groupLevel is the lowest level of a tree that is kept, counted from the leaves: a node there stands for a group of leaves.
	groupLevel = 7
	groupNodes = 1 << groupLevel
	groupBytes = groupNodes * sdr.NodeSize
	// treeStep is how many groups a worker hashes between two looks at the gate.
	treeStep = 16
	// workerGroups is how many groups a worker takes at a time.
	workerGroups = 1 << 10
)

// groups is the number of groups of a sector. Every class has many.
func groups(nodes uint64) uint64 { return nodes / groupNodes }

// groupHasher hashes the leaves of a group, one group at a time.
type groupHasher interface {
	// leaves reads the leaves of count groups from first on into dst, groupBytes each.
	leaves(dst []byte, first, count uint64) error
}

// replicaGroups reads leaves from a replica: they are its nodes.
type replicaGroups struct{ file *os.File }

func (r replicaGroups) leaves(dst []byte, first, count uint64) error {
	if _, err := r.file.ReadAt(dst[:count*groupBytes], int64(first*groupBytes)); err != nil {
		return fmt.Errorf("failed to read the replica: %w", err)
	}
	return nil
}

// columnGroups computes leaves from the layers: they are the hashes of columns.
type columnGroups struct{ layers [sdr.Layers]*os.File }

func (c *columnGroups) leaves(dst []byte, first, count uint64) error {
	size := int(count * groupBytes)
	labels := make([]byte, sdr.Layers*size)
	for layer, file := range c.layers {
		if _, err := file.ReadAt(labels[layer*size:(layer+1)*size], int64(first*groupBytes)); err != nil {
			return fmt.Errorf("failed to read layer %d: %w", layer+1, err)
		}
	}
	var column sdr.Column
	for at := 0; at < size; at += sdr.NodeSize {
		for layer := range column {
			column[layer] = [sdr.NodeSize]byte(labels[layer*size+at:])
		}
		h := column.Hash()
		copy(dst[at:], h[:])
	}
	return nil
}

// buildTrees writes both trees of a sector and returns their roots.
func (s *Store) buildTrees(ctx context.Context, d *description) (commC, commRLast sdr.Hash, err error) {
	layers, closeLayers, err := s.openLayers(d)
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
	progress := func(tree, done uint64) { s.report(d.Number, tree*size+done*groupBytes, 2*size) }
	commC, err = s.buildTree(ctx, s.path(d.Number, columnTreeFile), layers, d.nodes(), func(done uint64) { progress(0, done) })
	if err != nil {
		return commC, commRLast, err
	}
	commRLast, err = s.buildTree(ctx, s.path(d.Number, replicaTreeFile), replicaGroups{replica}, d.nodes(), func(done uint64) { progress(1, done) })
	return commC, commRLast, err
}

func (s *Store) openLayers(d *description) (*columnGroups, func(), error) {
	c := &columnGroups{}
	closeAll := func() {
		for _, file := range c.layers {
			if file != nil {
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
		c.layers[i] = file
	}
	return c, closeAll, nil
}

// buildTree writes the kept rows of a tree, the lowest first, durably, and returns the root.
func (s *Store) buildTree(
	ctx context.Context, path string, source groupHasher, nodes uint64, progress func(done uint64),
) (root sdr.Hash, err error) {
	row, err := s.groupRow(ctx, source, nodes, progress)
	if err != nil {
		return root, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return root, fmt.Errorf("failed to make a tree: %w", err)
	}
	defer func() { err = closeAfter(file, err) }()
	for {
		if err := s.gate.pass(ctx); err != nil {
			return root, err
		}
		if _, err := file.Write(row); err != nil {
			return root, fmt.Errorf("failed to write a tree: %w", err)
		}
		if len(row) == sdr.NodeSize {
			break
		}
		sdr.HashRow(row[:len(row)/2], row)
		row = row[:len(row)/2]
	}
	if err := file.Sync(); err != nil {
		return root, fmt.Errorf("failed to sync a tree: %w", err)
	}
	return sdr.Hash(row), nil
}

// groupRow hashes all groups, by several workers, and returns the row of their roots: 1/128 of the sector.
func (s *Store) groupRow(ctx context.Context, source groupHasher, nodes uint64, progress func(done uint64)) ([]byte, error) {
	row := make([]byte, groups(nodes)*sdr.NodeSize)
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
	for range s.opts.Workers {
		g.Go(func() error {
			lowPriority()
			leaves := make([]byte, treeStep*groupBytes)
			for r := range work {
				for first := r.from; first < r.to; first += treeStep {
					if err := s.gate.pass(ctx); err != nil {
						return err
					}
					if err := hashGroups(row, leaves, source, first, min(treeStep, r.to-first)); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return row, nil
}

// hashGroups writes the roots of count groups from first on to their places in row.
func hashGroups(row, leaves []byte, source groupHasher, first, count uint64) error {
	if err := source.leaves(leaves, first, count); err != nil {
		return err
	}
	for i := range count {
		root := sdr.Root(leaves[i*groupBytes : (i+1)*groupBytes])
		copy(row[(first+i)*sdr.NodeSize:], root[:])
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
func checkRows(rows []byte, root sdr.Hash) error {
	for width := (len(rows)/sdr.NodeSize + 1) / 2; width > 1; width /= 2 {
		row, rest := rows[:width*sdr.NodeSize], rows[width*sdr.NodeSize:]
		parents := make([]byte, len(row)/2)
		sdr.HashRow(parents, row)
		if !bytes.Equal(parents, rest[:len(parents)]) {
			return fmt.Errorf("%w: the row of %d nodes", errDiffers, width/2)
		}
		rows = rest
	}
	if sdr.Hash(rows) != root {
		return fmt.Errorf("%w: the root", errDiffers)
	}
	return nil
}
