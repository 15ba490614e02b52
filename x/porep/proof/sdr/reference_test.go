package sdr_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
	"github.com/ipdm-network/ipdm/testutil/sealed"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// reference is sdr-sha256-v1 once more, written from docs/spec/sdr.md and not from the code it checks: recursive, with big
// integers where the specification has products, and slow.
type reference struct {
	nodes     uint64
	replicaID [32]byte
	labels    map[[2]uint64][32]byte
}

func referenceKey(nodes uint64, counter uint32) uint64 {
	text := []byte("ipdm/sdr-sha256-v1/graph")
	text = append(text, le(nodes, 8)...)
	text = append(text, le(uint64(counter), 4)...)
	h := sha256.Sum256(text)
	return binary.LittleEndian.Uint64(h[:8])
}

func le(x uint64, size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(x >> (8 * i))
	}
	return b
}

// scramble is the mix of the specification.
func scramble(word, key uint64) uint64 {
	modulus := new(big.Int).Lsh(big.NewInt(1), 64)
	x := new(big.Int).SetUint64(word ^ key)
	for _, factor := range []uint64{0xff51afd7ed558ccd, 0xc4ceb9fe1a85ec53} {
		x.Xor(x, new(big.Int).Rsh(x, 33))
		x.Mul(x, new(big.Int).SetUint64(factor))
		x.Mod(x, modulus)
	}
	return x.Xor(x, new(big.Int).Rsh(x, 33)).Uint64()
}

// share maps a fraction of 2^32 to a number below n.
func share(fraction, n uint64) uint64 {
	product := new(big.Int).Mul(new(big.Int).SetUint64(fraction), new(big.Int).SetUint64(n))
	return product.Rsh(product, 32).Uint64()
}

func (r *reference) parents(v uint64) []uint64 {
	parents := make([]uint64, 0, 14)
	for i := uint64(0); i < 6; i++ {
		switch {
		case v < 2:
			parents = append(parents, 0)
		case i == 0:
			parents = append(parents, v-1)
		default:
			word := scramble(6*v+i, referenceKey(r.nodes, 0))
			bitsOfV := uint64(0)
			for v>>bitsOfV > 0 {
				bitsOfV++
			}
			exponent := 1 + share(word%(1<<32), bitsOfV)
			farthest := min(uint64(1)<<exponent, v)
			nearest := max(farthest/2, 1)
			parents = append(parents, v-nearest-share(word>>32, farthest-nearest+1))
		}
	}
	width := uint64(3)
	for n := r.nodes; n > 1; n /= 2 {
		width++
	}
	leftWidth := width / 2
	rightWidth := width - leftWidth
	for i := uint64(0); i < 8; i++ {
		x := 8*v + i
		left, right := x>>rightWidth, x%(1<<rightWidth)
		for round := uint32(1); round <= 4; round += 2 {
			left ^= scramble(right, referenceKey(r.nodes, round)) >> (64 - leftWidth)
			right ^= scramble(left, referenceKey(r.nodes, round+1)) >> (64 - rightWidth)
		}
		parents = append(parents, (left<<rightWidth+right)/8)
	}
	return parents
}

func (r *reference) label(layer, v uint64) [32]byte {
	if known, ok := r.labels[[2]uint64{layer, v}]; ok {
		return known
	}
	text := append([]byte{}, r.replicaID[:]...)
	text = append(text, le(layer, 4)...)
	text = append(text, le(v, 8)...)
	text = append(text, 0, 0, 0, 0)
	parents := r.parents(v)
	for i := range parents {
		var parent [32]byte
		switch {
		case layer == 1 && v > 0:
			parent = r.label(1, parents[i%6])
		case layer == 1:
		case i < 6 && v > 0:
			parent = r.label(layer, parents[i])
		case i >= 6:
			parent = r.label(layer-1, parents[i])
		}
		text = append(text, parent[:]...)
	}
	label := sha256.Sum256(text)
	r.labels[[2]uint64{layer, v}] = label
	return label
}

// root is the root over the nodes from first on, n of them.
func (r *reference) root(leaf func(uint64) [32]byte, first, n uint64) [32]byte {
	if n == 1 {
		return leaf(first)
	}
	left, right := r.root(leaf, first, n/2), r.root(leaf, first+n/2, n/2)
	return sha256.Sum256(append(left[:], right[:]...))
}

func (r *reference) columnHash(v uint64) [32]byte {
	var text []byte
	for layer := uint64(1); layer <= 11; layer++ {
		label := r.label(layer, v)
		text = append(text, label[:]...)
	}
	return sha256.Sum256(text)
}

func TestParentsAgreeWithTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes := uint64(1) << rapid.IntRange(6, 30).Draw(t, "depth")
		v := rapid.Uint64Range(0, nodes-1).Draw(t, "node")
		graph, err := sdr.NewGraph(nodes)
		require.NoError(t, err)
		var parents [sdr.Parents]uint32
		graph.Parents(v, &parents)
		want := (&reference{nodes: nodes}).parents(v)
		for i := range parents {
			require.EqualValues(t, want[i], parents[i], "parent %d", i)
			require.Less(t, want[i], nodes)
			if i < sdr.BaseParents && v > 0 {
				require.Less(t, want[i], v)
			}
		}
	})
}

func TestSealAgreesWithTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes := uint64(1) << rapid.IntRange(6, 8).Draw(t, "depth")
		data := rapid.SliceOfN(rapid.Byte(), 1, int(nodes)*16).Draw(t, "data")
		number := rapid.Uint64().Draw(t, "number")
		deal, err := sealed.NewDeal(data)
		require.NoError(t, err)
		s, err := sealed.New(nodes, identity(number), deal)
		require.NoError(t, err)

		r := &reference{nodes: nodes, replicaID: s.Statement.ReplicaID, labels: map[[2]uint64][32]byte{}}
		for v := range nodes {
			for layer := range s.Layers {
				want := r.label(uint64(layer)+1, v)
				require.Equal(t, want[:], s.Layers[layer][v*32:v*32+32], "layer %d, node %d", layer+1, v)
			}
		}
		plain := make([]byte, nodes*32)
		copy(plain, data)
		replica := func(v uint64) [32]byte {
			node := r.label(11, v)
			for i := range node {
				node[i] ^= plain[v*32+uint64(i)]
			}
			return node
		}
		require.Equal(t, r.root(r.columnHash, 0, nodes), s.Statement.CommC)
		require.Equal(t, r.root(replica, 0, nodes), s.Statement.CommRLast)

		v := rapid.Uint64Range(0, nodes-1).Draw(t, "challenge")
		record, err := sdr.AppendRecord(context.Background(), nil, s.Graph, s.Statement.Pieces, v, s)
		require.NoError(t, err)
		var opening []byte
		if v < s.Statement.Pieces[0].Nodes() {
			o, err := commitment.OpenAligned(deal.Tree, v, deal.Encoding)
			require.NoError(t, err)
			opening, err = o.AppendBinary(nil)
			require.NoError(t, err)
		}
		require.Equal(t, r.record(v, replica, opening), record)
	})
}

// path is the siblings of leaf v among the nodes, lowest first.
func (r *reference) path(leaf func(uint64) [32]byte, v uint64) []byte {
	var path []byte
	for width := uint64(1); width < r.nodes; width *= 2 {
		sibling := r.root(leaf, (v/width^1)*width, width)
		path = append(path, sibling[:]...)
	}
	return path
}

func (r *reference) record(v uint64, replica func(uint64) [32]byte, opening []byte) []byte {
	var record []byte
	for _, shown := range append([]uint64{v}, r.parents(v)...) {
		for layer := uint64(1); layer <= 11; layer++ {
			label := r.label(layer, shown)
			record = append(record, label[:]...)
		}
		record = append(record, r.path(r.columnHash, shown)...)
	}
	node := replica(v)
	record = append(record, node[:]...)
	record = append(record, r.path(replica, v)...)
	record = append(record, le(uint64(len(opening)), 2)...)
	record = append(record, opening...)
	return append(record, make([]byte, 2816-len(opening))...)
}

// Each node is the expander parent of exactly eight nodes.
func TestExpanderIsRegular(t *testing.T) {
	for _, nodes := range []uint64{1 << 6, 1 << 7, 1 << 12, 1 << 13} {
		graph, err := sdr.NewGraph(nodes)
		require.NoError(t, err)
		children := make([]int, nodes)
		var parents [sdr.Parents]uint32
		for v := range nodes {
			graph.Parents(v, &parents)
			for _, parent := range parents[sdr.BaseParents:] {
				children[parent]++
			}
		}
		for v, n := range children {
			require.Equal(t, sdr.ExpanderParents, n, "node %d of %d", v, nodes)
		}
	}
}
