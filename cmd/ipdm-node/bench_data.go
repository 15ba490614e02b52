package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// benchEncodingBytes is the size of the encodings of a measured sector. Each begins at a node of its own: one fits into 1 MiB.
const benchEncodingBytes = 1<<20 - sdr.NodeSize

// benchData is one deal of random bytes that fills a sector. The bytes are made anew whenever they are read. It is a proof.Source.
type benchData struct {
	tree  *commitment.Tree
	index map[format.Digest]uint32
}

func newBenchData(sizeBytes uint64) (*benchData, error) {
	d := &benchData{index: map[format.Digest]uint32{}}
	var leaves []commitment.Leaf
	for i := range uint32(sizeBytes >> 20) {
		leaf := commitment.Leaf{Digest: format.Sum(benchEncoding(i)), Offset: uint64(i) * benchEncodingBytes, Length: benchEncodingBytes}
		d.index[leaf.Digest] = i
		leaves = append(leaves, leaf)
	}
	var err error
	if d.tree, err = commitment.NewTree(leaves); err != nil {
		return nil, fmt.Errorf("failed to commit to the data: %w", err)
	}
	return d, nil
}

func benchEncoding(i uint32) []byte {
	var seed [32]byte
	binary.LittleEndian.PutUint32(seed[:], i)
	b := make([]byte, benchEncodingBytes)
	_, _ = rand.NewChaCha8(seed).Read(b) // it never fails
	return b
}

// Tree implements proof.Source.
func (d *benchData) Tree(_ context.Context, commD format.Digest) (*commitment.Tree, error) {
	if commD != d.tree.CommD() {
		return nil, fmt.Errorf("no deal %s", commD)
	}
	return d.tree, nil
}

// Encoding implements proof.Source.
func (d *benchData) Encoding(_ context.Context, digest format.Digest) ([]byte, error) {
	i, ok := d.index[digest]
	if !ok {
		return nil, fmt.Errorf("no encoding %s", digest)
	}
	return benchEncoding(i), nil
}

// plan is that of a sector with a number, which makes its replica unlike others.
func (d *benchData) plan(number uint64) sectors.Plan {
	return sectors.Plan{
		ChainID: "bench", Number: number, Class: poreptypes.SECTOR_CLASS_TEST_4MIB, ReplicaID: d.replicaID(number),
		Pieces: []sectors.Piece{{
			DealID: 1, CommD: d.tree.CommD(), TotalBytes: d.tree.TotalLength(), Leaves: d.tree.LeafCount(), Nodes: d.piece().Nodes(),
		}},
	}
}

func (d *benchData) piece() sdr.Piece {
	return sdr.Piece{CommD: d.tree.CommD(), TotalBytes: d.tree.TotalLength(), Leaves: d.tree.LeafCount()}
}

func (d *benchData) replicaID(number uint64) sdr.Hash {
	return sdr.ReplicaID("bench", nil, number, [32]byte{}, sdr.Hash(d.tree.CommD()))
}
