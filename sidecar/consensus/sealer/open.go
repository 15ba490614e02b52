package sealer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// Prove implements sectors.Files.
func (s *Store) Prove(ctx context.Context, window uint64, asks []sectors.Ask) ([]byte, map[int]error, error) {
	challenges := make([]proof.SealedChallenge, len(asks))
	opener := &opener{store: s, asks: asks}
	defer opener.close()
	for i, ask := range asks {
		challenges[i] = proof.SealedChallenge{CommRLast: ask.CommRLast, Nodes: ask.Nodes, Node: ask.Node}
	}
	wp, lost, err := proof.ProveSealed(ctx, window, challenges, opener)
	if err != nil {
		return nil, nil, err
	}
	encoded, err := wp.MarshalBinary()
	if err != nil {
		return nil, nil, fmt.Errorf("failed to encode the proof: %w", err)
	}
	missing := make(map[int]error, len(lost))
	for _, opening := range lost {
		cause := opening.Err
		if errors.Is(cause, proof.ErrNode) {
			cause = fmt.Errorf("%w: %w", sectors.ErrDamaged, cause)
		}
		missing[opening.Index] = cause
	}
	return encoded, missing, nil
}

// opener answers the asks of one proof, in their order, and keeps the files of the sector that it read last open.
type opener struct {
	store  *Store
	asks   []sectors.Ask
	next   int
	number uint64
	sealed *sealedFiles // of number; nil when nothing is open
}

// OpenNode implements proof.SealedSource. It is called once for each ask, in order.
func (o *opener) OpenNode(_ context.Context, c proof.SealedChallenge) (*proof.NodeOpening, error) {
	ask := o.asks[o.next]
	o.next++
	if o.sealed == nil || o.number != ask.Number {
		o.close()
		sealed, err := o.store.openSealed(ask.Number)
		if err != nil {
			return nil, err
		}
		o.number, o.sealed = ask.Number, sealed
	}
	if o.sealed.nodes != c.Nodes {
		return nil, fmt.Errorf("%w: sector %d has %d nodes, not %d", sectors.ErrDamaged, ask.Number, o.sealed.nodes, c.Nodes)
	}
	return o.sealed.open(c.Node)
}

func (o *opener) close() {
	if o.sealed != nil {
		o.sealed.close()
		o.sealed = nil
	}
}

// sealedFiles are the open files of a sealed replica.
type sealedFiles struct {
	nodes         uint64
	replica, tree *os.File
}

// openSealed opens a sealed replica. It wraps sectors.ErrNoSector or sectors.ErrDamaged when there is none, and any other error of the
// file system as it is: that says nothing about the bytes.
func (s *Store) openSealed(number uint64) (*sealedFiles, error) {
	d, err := s.find(number)
	if err != nil {
		return nil, err
	}
	if d.Phase != sectors.PhaseSealed {
		return nil, fmt.Errorf("%w: %w: sector %d", sectors.ErrDamaged, ErrNotSealed, number)
	}
	f := &sealedFiles{nodes: d.nodes()}
	if f.replica, err = os.Open(s.path(number, replicaFile)); err == nil {
		f.tree, err = os.Open(s.path(number, replicaTreeFile))
	}
	if err != nil {
		f.close()
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w: sector %d: %w", sectors.ErrDamaged, number, err)
		}
		return nil, fmt.Errorf("failed to open sector %d: %w", number, err)
	}
	return f, nil
}

func (f *sealedFiles) close() {
	for _, file := range []*os.File{f.replica, f.tree} {
		if file != nil {
			file.Close()
		}
	}
}

// open returns the opening of a node. What is cut short or differs from the tree wraps sectors.ErrDamaged.
func (f *sealedFiles) open(v uint64) (*proof.NodeOpening, error) {
	var leaves [groupBytes]byte
	path, err := f.path(leaves[:], v)
	if err != nil {
		return nil, damaged(err)
	}
	o := &proof.NodeOpening{Node: [32]byte(leaves[v%groupNodes*sdr.NodeSize:])}
	for ; len(path) > 0; path = path[sdr.NodeSize:] {
		o.Path = append(o.Path, [32]byte(path))
	}
	return o, nil
}

// path reads the group of a node into leaves and returns the node's path.
func (f *sealedFiles) path(leaves []byte, v uint64) ([]byte, error) {
	if _, err := (replicaGroups{f.replica}).leaves(leaves, nil, v/groupNodes, 1); err != nil {
		return nil, err
	}
	return appendPath(nil, f.tree, leaves, f.nodes, v)
}

// damaged marks errors that say that a file is not what it was.
func damaged(err error) error {
	if errors.Is(err, errDiffers) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %w", sectors.ErrDamaged, err)
	}
	return err
}

// Scrub implements sectors.Files.
func (s *Store) Scrub(ctx context.Context, number uint64) error {
	d, err := s.find(number)
	if err != nil {
		return err
	}
	f, err := s.openSealed(number)
	if err != nil {
		return err
	}
	defer f.close()
	if err := s.checkRows(ctx, f.tree, f.nodes, sdr.Hash(d.CommRLast)); err != nil {
		return damaged(fmt.Errorf("tree-r of sector %d: %w", number, err))
	}
	spans := d.releasedGroups()
	leaves := make([]byte, groupBytes)
	return s.eachPart(ctx, f.tree, 0, groups(f.nodes), func(roots []byte, first uint64) error {
		for i := range uint64(len(roots) / sdr.NodeSize) {
			group := first + i
			if contains(spans, group) {
				continue
			}
			if group%treeStep == 0 {
				if err := s.gate.pass(ctx); err != nil {
					return err
				}
			}
			if _, err := (replicaGroups{f.replica}).leaves(leaves, nil, group, 1); err != nil {
				return damaged(err)
			}
			if root := sdr.Root(leaves); root != sdr.Hash(roots[i*sdr.NodeSize:]) {
				return fmt.Errorf("%w: nodes %d to %d of sector %d", sectors.ErrDamaged, group*groupNodes, (group+1)*groupNodes, number)
			}
		}
		return nil
	})
}

// Records implements sectors.Files. Every record is checked as a judge checks it, so that damage costs a seal and not its deposit. It
// fails with ErrNotSealed, ErrNoLabels or ErrFalseSeal.
func (s *Store) Records(ctx context.Context, number uint64, nodes []uint64) ([]byte, error) {
	d, err := s.find(number)
	if err != nil {
		return nil, err
	}
	switch {
	case d.Phase != sectors.PhaseSealed:
		return nil, fmt.Errorf("%w: sector %d", ErrNotSealed, number)
	case d.Finished:
		return nil, fmt.Errorf("%w: sector %d", ErrNoLabels, number)
	}
	graph, err := sdr.NewGraph(d.nodes())
	if err != nil {
		return nil, err
	}
	source, err := s.openRecordSource(d)
	if err != nil {
		return nil, err
	}
	defer source.close()
	statement := &sdr.Statement{
		Nodes: d.nodes(), ReplicaID: sdr.Hash(d.ReplicaID), CommC: sdr.Hash(d.CommC), CommRLast: sdr.Hash(d.CommRLast), Pieces: d.sdrPieces(),
	}
	records := make([]byte, 0, sdr.ProofSize(d.nodes(), uint32(len(nodes))))
	for _, v := range nodes {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if records, err = sdr.AppendRecord(ctx, records, graph, d.sdrPieces(), v, source); err != nil {
			return nil, fmt.Errorf("failed to make the seal record of node %d of sector %d: %w", v, number, err)
		}
		if err := sdr.VerifyRecord(statement, graph, v, records[len(records)-sdr.RecordSize(d.nodes()):]); err != nil {
			return nil, fmt.Errorf("%w: sector %d, node %d: %w", ErrFalseSeal, number, v, err)
		}
	}
	return records, nil
}

// Slice implements sectors.Files.
func (*Store) Slice(records []byte, index, count uint32) ([]byte, error) {
	return sdr.MakeSlice(records, index, count)
}

// recordSource is a sealed sector with its labels, as sdr.AppendRecord reads it.
type recordSource struct {
	store       *Store
	sealed      *sealedFiles
	columns     *columnGroups
	closeLayers func()
	columnTree  *os.File
}

func (s *Store) openRecordSource(d *description) (*recordSource, error) {
	sealed, err := s.openSealed(d.Number)
	if err != nil {
		return nil, err
	}
	r := &recordSource{store: s, sealed: sealed}
	if r.columns, r.closeLayers, err = s.openLayers(d, false); err == nil {
		r.columnTree, err = os.Open(s.path(d.Number, columnTreeFile))
	}
	if err != nil {
		r.close()
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w: sector %d: %w", ErrNoLabels, d.Number, err)
		}
		return nil, err
	}
	return r, nil
}

func (r *recordSource) close() {
	r.sealed.close()
	if r.closeLayers != nil {
		r.closeLayers()
	}
	if r.columnTree != nil {
		r.columnTree.Close()
	}
}

// Column implements sdr.Source.
func (r *recordSource) Column(_ context.Context, v uint64) (*sdr.Column, error) {
	var column sdr.Column
	for layer, file := range r.columns.layers {
		if _, err := file.ReadAt(column[layer][:], int64(v*sdr.NodeSize)); err != nil {
			return nil, fmt.Errorf("failed to read layer %d: %w", layer+1, err)
		}
	}
	return &column, nil
}

// ColumnPath implements sdr.Source.
func (r *recordSource) ColumnPath(_ context.Context, dst []byte, v uint64) ([]byte, error) {
	var leaves [groupBytes]byte
	if _, err := r.columns.leaves(leaves[:], nil, v/groupNodes, 1); err != nil {
		return nil, err
	}
	return appendPath(dst, r.columnTree, leaves[:], r.sealed.nodes, v)
}

// ReplicaPath implements sdr.Source.
func (r *recordSource) ReplicaPath(_ context.Context, dst []byte, v uint64) ([]byte, error) {
	var leaves [groupBytes]byte
	path, err := r.sealed.path(leaves[:], v)
	if err != nil {
		return nil, err
	}
	at := v % groupNodes * sdr.NodeSize
	return append(append(dst, leaves[at:at+sdr.NodeSize]...), path...), nil
}

// Data implements sdr.Source.
func (r *recordSource) Data(ctx context.Context, p sdr.Piece, node uint64) (*commitment.AlignedOpening, error) {
	tree, err := r.store.tree(ctx, piece{CommD: digest(p.CommD), TotalBytes: p.TotalBytes, Leaves: p.Leaves})
	if err != nil {
		return nil, err
	}
	return commitment.OpenAligned(tree, node, func(d format.Digest) ([]byte, error) { return r.store.source.Encoding(ctx, d) })
}
