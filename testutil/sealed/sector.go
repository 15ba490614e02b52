package sealed

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// Deal is a commitment with the bytes that it commits to.
type Deal struct {
	Tree      *commitment.Tree
	encodings map[format.Digest][]byte
}

// NewDeal commits to encodings.
func NewDeal(encodings ...[]byte) (*Deal, error) {
	d := &Deal{encodings: map[format.Digest][]byte{}}
	var leaves []commitment.Leaf
	var offset uint64
	for _, e := range encodings {
		leaf := commitment.Leaf{Digest: format.Sum(e), Offset: offset, Length: uint32(len(e))}
		leaves = append(leaves, leaf)
		offset = leaf.End()
		d.encodings[leaf.Digest] = e
	}
	var err error
	d.Tree, err = commitment.NewTree(leaves)
	return d, err
}

// Encoding returns the bytes with a digest.
func (d *Deal) Encoding(digest format.Digest) ([]byte, error) {
	e, ok := d.encodings[digest]
	if !ok {
		return nil, fmt.Errorf("no encoding %s", digest)
	}
	return e, nil
}

// Piece places the deal in a sector.
func (d *Deal) Piece(start uint64) sdr.Piece {
	return sdr.Piece{CommD: d.Tree.CommD(), TotalBytes: d.Tree.TotalLength(), Leaves: d.Tree.LeafCount(), StartNode: start}
}

// Sector is a sealed sector, all of it in memory. It never changes after New and is safe for concurrent use; tests that damage it
// work on a Clone.
type Sector struct {
	Statement sdr.Statement
	Graph     *sdr.Graph
	// Layers are the labels, Replica the sealed bytes.
	Layers  [sdr.Layers][]byte
	Replica []byte
	deals   map[format.Digest]*Deal
	// columns and replicas are the rows of the trees, leaves first.
	columns, replicas [][]byte
}

// New seals deals, one after another from node 0 on, into a sector of so many nodes. identity gives the replica id for the
// sector's commitment.
func New(nodes uint64, identity func(commD sdr.Hash) sdr.Hash, deals ...*Deal) (*Sector, error) {
	s, data, err := lay(nodes, identity, deals)
	if err != nil {
		return nil, err
	}
	labeller := sdr.NewLabeller(s.Graph, s.Statement.ReplicaID)
	for layer := range s.Layers {
		s.Layers[layer] = make([]byte, nodes*sdr.NodeSize)
		var previous []byte
		if layer > 0 {
			previous = s.Layers[layer-1]
		}
		labeller.Label(uint32(layer)+1, s.Layers[layer], previous, 0, nodes)
	}
	s.encode(data)
	return s, nil
}

// Forge is New without the work: labels that follow from no other, made in a moment. Everything is consistent but for that, so
// every path of a seal record verifies and its labels do not.
func Forge(nodes uint64, identity func(commD sdr.Hash) sdr.Hash, deals ...*Deal) (*Sector, error) {
	s, data, err := lay(nodes, identity, deals)
	if err != nil {
		return nil, err
	}
	stream := rand.NewChaCha8(s.Statement.ReplicaID)
	for layer := range s.Layers {
		s.Layers[layer] = make([]byte, nodes*sdr.NodeSize)
		_, _ = stream.Read(s.Layers[layer]) // it never fails
	}
	s.encode(data)
	return s, nil
}

// encode makes the replica of the labels and the data, and commits to it.
func (s *Sector) encode(data []byte) {
	s.Replica = data
	sdr.Encode(s.Replica, data, s.Layers[sdr.Layers-1])
	s.Commit()
}

// lay places deals in a sector that has no labels yet, and returns its data.
func lay(nodes uint64, identity func(commD sdr.Hash) sdr.Hash, deals []*Deal) (*Sector, []byte, error) {
	graph, err := sdr.NewGraph(nodes)
	if err != nil {
		return nil, nil, err
	}
	s := &Sector{Graph: graph, deals: map[format.Digest]*Deal{}}
	s.Statement.Nodes = nodes
	data := make([]byte, nodes*sdr.NodeSize)
	var start uint64
	for _, d := range deals {
		piece := d.Piece(start)
		s.Statement.Pieces = append(s.Statement.Pieces, piece)
		s.deals[piece.CommD] = d
		if err := sdr.CheckPieces(nodes, s.Statement.Pieces); err != nil {
			return nil, nil, err
		}
		for i := range d.Tree.LeafCount() {
			leaf, err := d.Tree.Leaf(i)
			if err != nil {
				return nil, nil, err
			}
			copy(data[(start+commitment.AlignedStart(i, leaf.Offset))*sdr.NodeSize:], d.encodings[leaf.Digest])
		}
		start += piece.Nodes()
	}
	s.Statement.ReplicaID = identity(sdr.SectorCommD(nodes, s.Statement.Pieces))
	return s, data, nil
}

// Commit computes the trees and the statement's roots anew from the labels and the replica as they are, as an honest sealer does
// once and a cheat after every change.
func (s *Sector) Commit() {
	leaves := make([]byte, len(s.Replica))
	for v := range s.Statement.Nodes {
		h := s.column(v).Hash()
		copy(leaves[v*sdr.NodeSize:], h[:])
	}
	s.columns, s.replicas = rows(leaves), rows(s.Replica)
	s.Statement.CommC = sdr.Hash(s.columns[len(s.columns)-1])
	s.Statement.CommRLast = sdr.Hash(s.replicas[len(s.replicas)-1])
}

// Clone returns a copy whose labels and replica may be changed.
func (s *Sector) Clone() *Sector {
	c := *s
	c.Replica = append([]byte{}, s.Replica...)
	for layer := range s.Layers {
		c.Layers[layer] = append([]byte{}, s.Layers[layer]...)
	}
	return &c
}

func rows(leaves []byte) [][]byte {
	all := [][]byte{leaves}
	for row := leaves; len(row) > sdr.NodeSize; {
		up := make([]byte, len(row)/2)
		sdr.HashRow(up, row)
		all = append(all, up)
		row = up
	}
	return all
}

func (s *Sector) column(v uint64) *sdr.Column {
	var c sdr.Column
	for layer := range c {
		copy(c[layer][:], s.Layers[layer][v*sdr.NodeSize:])
	}
	return &c
}

func appendPath(dst []byte, rows [][]byte, v uint64) []byte {
	for _, row := range rows[:len(rows)-1] {
		sibling := (v ^ 1) * sdr.NodeSize
		dst = append(dst, row[sibling:sibling+sdr.NodeSize]...)
		v >>= 1
	}
	return dst
}

// Column implements sdr.Source.
func (s *Sector) Column(_ context.Context, v uint64) (*sdr.Column, error) { return s.column(v), nil }

// ColumnPath implements sdr.Source.
func (s *Sector) ColumnPath(_ context.Context, dst []byte, v uint64) ([]byte, error) {
	return appendPath(dst, s.columns, v), nil
}

// ReplicaPath implements sdr.Source.
func (s *Sector) ReplicaPath(_ context.Context, dst []byte, v uint64) ([]byte, error) {
	return appendPath(append(dst, s.Replica[v*sdr.NodeSize:(v+1)*sdr.NodeSize]...), s.replicas, v), nil
}

// Data implements sdr.Source.
func (s *Sector) Data(_ context.Context, piece sdr.Piece, node uint64) (*commitment.AlignedOpening, error) {
	d, ok := s.deals[piece.CommD]
	if !ok {
		return nil, fmt.Errorf("no deal %s", piece.CommD)
	}
	return commitment.OpenAligned(d.Tree, node, d.Encoding)
}

// Proof returns the seal proof for the challenges of seed.
func (s *Sector) Proof(seed sdr.Hash, challenges uint32) ([]byte, error) {
	var proof []byte
	var err error
	for _, v := range sdr.Challenges(seed, challenges, s.Statement.Nodes) {
		if proof, err = sdr.AppendRecord(context.Background(), proof, s.Graph, s.Statement.Pieces, v, s); err != nil {
			return nil, err
		}
	}
	return proof, nil
}
