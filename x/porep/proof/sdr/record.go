package sdr

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
)

const (
	columnSize = Layers * NodeSize
	// dataAreaSize is the part of a record for the opening of the data: a length u16, the opening, zeros.
	dataAreaSize = 2 + commitment.MaxAlignedOpeningSize
)

// Statement is what a seal proof is about.
type Statement struct {
	// Nodes is the number of nodes of the sector.
	Nodes uint64
	// ReplicaID is the replica's identity; see ReplicaID.
	ReplicaID Hash
	// CommC and CommRLast are the roots over the columns and over the replica.
	CommC, CommRLast Hash
	// Pieces is the sector's data.
	Pieces []Piece
}

// Check fails with ErrNodes or ErrPieces when no proof can be about the statement.
func (s *Statement) Check() error {
	if err := CheckNodes(s.Nodes); err != nil {
		return err
	}
	return CheckPieces(s.Nodes, s.Pieces)
}

// RecordSize returns the size in bytes of a seal record in a sector of the given number of nodes:
//
//	15 times: column 352 | path to comm_c, 32 a level      the challenged node's, then those of its parents in order
//	replica node 32 | path to comm_r_last, 32 a level
//	length u16 | opening of the data | zeros               the opening is empty where no piece is
func RecordSize(nodes uint64) int {
	path := Depth(nodes) * NodeSize
	return (1+Parents)*(columnSize+path) + NodeSize + path + dataAreaSize
}

// ProofSize returns the size in bytes of a seal proof with the given number of records.
func ProofSize(nodes uint64, challenges uint32) uint64 {
	return uint64(RecordSize(nodes)) * uint64(challenges)
}

// Source is a sealed sector as BuildRecord reads it.
type Source interface {
	// Column returns the labels of a node.
	Column(ctx context.Context, node uint64) (*Column, error)
	// ColumnPath appends the siblings of a node's leaf in the column tree to dst, lowest first.
	ColumnPath(ctx context.Context, dst []byte, node uint64) ([]byte, error)
	// ReplicaPath appends a replica node and its siblings in the replica tree to dst, lowest first.
	ReplicaPath(ctx context.Context, dst []byte, node uint64) ([]byte, error)
	// Data opens a node of the aligned stream of a piece.
	Data(ctx context.Context, piece Piece, node uint64) (*commitment.AlignedOpening, error)
}

// AppendRecord appends the record of a challenged node to dst. It fails with ErrChallenge for a node that is not there, with what
// the source fails with, and with ErrMalformed when the source gives paths of the wrong length. It does not verify what it is
// given: see VerifyRecord.
func AppendRecord(ctx context.Context, dst []byte, graph *Graph, pieces []Piece, v uint64, source Source) ([]byte, error) {
	nodes := graph.Nodes()
	if v >= nodes {
		return nil, fmt.Errorf("%w: node %d of %d", ErrChallenge, v, nodes)
	}
	start := len(dst)
	var parents [Parents]uint32
	graph.Parents(v, &parents)
	for i := -1; i < Parents; i++ {
		at := v
		if i >= 0 {
			at = uint64(parents[i])
		}
		column, err := source.Column(ctx, at)
		if err != nil {
			return nil, fmt.Errorf("failed to read the column of node %d: %w", at, err)
		}
		for layer := range column {
			dst = append(dst, column[layer][:]...)
		}
		if dst, err = source.ColumnPath(ctx, dst, at); err != nil {
			return nil, fmt.Errorf("failed to find the path of node %d: %w", at, err)
		}
	}
	dst, err := source.ReplicaPath(ctx, dst, v)
	if err != nil {
		return nil, fmt.Errorf("failed to read replica node %d: %w", v, err)
	}
	area := make([]byte, 2, dataAreaSize)
	if piece, ok := pieceAt(pieces, v); ok {
		opening, err := source.Data(ctx, piece, v-piece.StartNode)
		if err != nil {
			return nil, fmt.Errorf("failed to open data node %d: %w", v, err)
		}
		if area, err = opening.AppendBinary(area); err != nil {
			return nil, fmt.Errorf("failed to encode the opening of node %d: %w", v, err)
		}
		binary.LittleEndian.PutUint16(area, uint16(len(area)-2))
	}
	dst = append(dst, area[:dataAreaSize]...)
	if len(dst)-start != RecordSize(nodes) {
		return nil, fmt.Errorf("%w: the source gave %d bytes, want %d", ErrMalformed, len(dst)-start, RecordSize(nodes))
	}
	return dst, nil
}

// VerifyRecord checks the record of a challenged node: every column belongs to CommC, the node's labels follow from its parents',
// the replica node belongs to CommRLast and is the data combined with the last label, and the data belongs to the piece. Work and
// memory are bounded by the size of a record, which has exactly one valid form.
//
// It fails with the errors of Statement.Check, ErrChallenge, ErrRecordSize, ErrMalformed, ErrColumn, ErrLabel, ErrReplica, ErrData or
// ErrEncoding. All but the first three kinds convict the sealer.
func VerifyRecord(s *Statement, graph *Graph, v uint64, record []byte) error {
	if graph.Nodes() != s.Nodes {
		return fmt.Errorf("%w: graph of %d, sector of %d", ErrNodes, graph.Nodes(), s.Nodes)
	}
	if v >= s.Nodes {
		return fmt.Errorf("%w: node %d of %d", ErrChallenge, v, s.Nodes)
	}
	if len(record) != RecordSize(s.Nodes) {
		return fmt.Errorf("%w: %d bytes, want %d", ErrRecordSize, len(record), RecordSize(s.Nodes))
	}
	r := reader{record, Depth(s.Nodes) * NodeSize}
	own, err := r.column(s.CommC, v)
	if err != nil {
		return err
	}
	var parents [Parents]uint32
	graph.Parents(v, &parents)
	var columns [Parents]*Column
	for i, parent := range parents {
		if columns[i], err = r.column(s.CommC, uint64(parent)); err != nil {
			return err
		}
	}
	if err := verifyLabels(s.ReplicaID, v, own, &columns); err != nil {
		return err
	}
	replica, path := Hash(r.take(NodeSize)), r.take(r.path)
	if !verifyPath(s.CommRLast, replica, v, path) {
		return fmt.Errorf("%w: node %d", ErrReplica, v)
	}
	data, err := verifyData(s.Pieces, v, r.rest)
	if err != nil {
		return err
	}
	var want Hash
	Encode(want[:], data[:], own[Layers-1][:])
	if replica != want {
		return fmt.Errorf("%w: node %d", ErrEncoding, v)
	}
	return nil
}

// reader takes a record apart.
type reader struct {
	rest []byte
	path int // bytes of a path
}

func (r *reader) take(n int) []byte {
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) column(commC Hash, v uint64) (*Column, error) {
	var c Column
	for layer := range c {
		copy(c[layer][:], r.take(NodeSize))
	}
	if !verifyPath(commC, c.Hash(), v, r.take(r.path)) {
		return nil, fmt.Errorf("%w: node %d", ErrColumn, v)
	}
	return &c, nil
}

// verifyLabels checks the labels of a node against those of its parents.
func verifyLabels(replicaID Hash, v uint64, own *Column, columns *[Parents]*Column) error {
	for layer := range uint32(Layers) {
		var labels [Parents][NodeSize]byte
		for i := range labels {
			switch {
			case i < BaseParents && v == 0:
			case i < BaseParents:
				labels[i] = columns[i][layer]
			case layer > 0:
				labels[i] = columns[i][layer-1]
			default:
				labels[i] = labels[i%BaseParents]
			}
		}
		if own[layer] != labelOf(replicaID, layer+1, v, &labels) {
			return fmt.Errorf("%w: layer %d of node %d", ErrLabel, layer+1, v)
		}
	}
	return nil
}

// verifyData returns the data of a node as the data area of a record shows it.
func verifyData(pieces []Piece, v uint64, area []byte) (data [NodeSize]byte, err error) {
	length := int(binary.LittleEndian.Uint16(area))
	if length > len(area)-2 {
		return data, fmt.Errorf("%w: opening of %d bytes", ErrMalformed, length)
	}
	opening, padding := area[2:2+length], area[2+length:]
	for _, b := range padding {
		if b != 0 {
			return data, fmt.Errorf("%w: padding is not zero", ErrMalformed)
		}
	}
	piece, ok := pieceAt(pieces, v)
	if !ok {
		if length != 0 {
			return data, fmt.Errorf("%w: node %d belongs to no piece", ErrData, v)
		}
		return data, nil
	}
	o, err := commitment.DecodeAlignedOpening(opening)
	if err != nil {
		return data, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	data, err = commitment.VerifyAligned(piece.CommD, piece.TotalBytes, piece.Leaves, v-piece.StartNode, o)
	if err != nil {
		return data, fmt.Errorf("%w: %w", ErrData, err)
	}
	return data, nil
}
