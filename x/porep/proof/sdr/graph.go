package sdr

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

const (
	// BaseParents is the number of parents of a node within its layer.
	BaseParents = 6
	// ExpanderParents is the number of parents of a node in the layer before.
	ExpanderParents = 8
	// Parents is the number of parents of a node.
	Parents = BaseParents + ExpanderParents

	graphDomain = "ipdm/sdr-sha256-v1/graph"
	// feistelRounds is the number of rounds of the permutation behind the expander.
	feistelRounds = 4
)

// Graph tells the parents of every node. It is public, the same for all sectors of a size, and never changes, so it is safe for
// concurrent use.
type Graph struct {
	nodes uint64
	base  uint64
	round [feistelRounds]uint64
	// leftBits and rightBits are the halves of the permutation's numbers, which have Depth(nodes) + 3 bits.
	leftBits, rightBits uint
}

// NewGraph returns the graph over the given number of nodes. Its keys are the first 8-byte words, little endian, of
// SHA-256(domain | nodes u64 | counter u32). It fails with ErrNodes.
func NewGraph(nodes uint64) (*Graph, error) {
	if err := CheckNodes(nodes); err != nil {
		return nil, err
	}
	width := uint(Depth(nodes)) + 3
	g := &Graph{nodes: nodes, leftBits: width / 2, rightBits: width - width/2}
	g.base = graphKey(nodes, 0)
	for i := range g.round {
		g.round[i] = graphKey(nodes, uint32(i)+1)
	}
	return g, nil
}

func graphKey(nodes uint64, counter uint32) uint64 {
	b := binary.LittleEndian.AppendUint64([]byte(graphDomain), nodes)
	h := sha256.Sum256(binary.LittleEndian.AppendUint32(b, counter))
	return binary.LittleEndian.Uint64(h[:8])
}

// Nodes returns the number of nodes.
func (g *Graph) Nodes() uint64 { return g.nodes }

// Parents writes the parents of node v, which must be below Nodes: first the BaseParents in v's own layer, all before v, then the
// ExpanderParents in the layer before. Node 0 has no parents in its own layer; zeros stand for them.
//
// The base parents are v-1 and five that DRSample draws (Alwen, Blocki, Harsha 2017): a distance of which every power of two is
// equally likely. The expander parents follow from a permutation of 8 x Nodes numbers, the i-th of v being the image of 8v+i
// divided by 8, so that each node is the parent of eight.
func (g *Graph) Parents(v uint64, parents *[Parents]uint32) {
	g.baseParents(v, parents)
	for i := range uint64(ExpanderParents) {
		parents[BaseParents+i] = uint32(g.permute(v*ExpanderParents+i) / ExpanderParents)
	}
}

func (g *Graph) baseParents(v uint64, parents *[Parents]uint32) {
	if v < 2 {
		for i := range BaseParents {
			parents[i] = 0
		}
		return
	}
	parents[0] = uint32(v - 1)
	// Distances are between 2^(j-1) and 2^j, cut at v, for j = 1 to the bits of v.
	exponents := uint64(bits.Len64(v))
	for i := 1; i < BaseParents; i++ {
		r := mix(v*BaseParents+uint64(i), g.base)
		j := 1 + below(r<<32, exponents)
		high := min(v, uint64(1)<<j)
		low := max(high>>1, 1)
		parents[i] = uint32(v - (low + below(r>>32<<32, high-low+1)))
	}
}

// permute maps numbers below 8 x nodes one to one, by a Feistel network over halves of as equal length as can be.
func (g *Graph) permute(x uint64) uint64 {
	left, right := x>>(g.rightBits&63), x&(1<<(g.rightBits&63)-1)
	for i := 0; i < feistelRounds; i += 2 {
		left ^= mix(right, g.round[i]) >> ((64 - g.leftBits) & 63)
		right ^= mix(left, g.round[i+1]) >> ((64 - g.rightBits) & 63)
	}
	return left<<(g.rightBits&63) | right
}

// mix scrambles word and key, combined, so that neighbouring words have unrelated images: the finalizer of MurmurHash3, in which every
// bit of the result depends on every bit of the word.
func mix(word, key uint64) uint64 {
	x := word ^ key
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// below maps a word to a number below n, in proportion.
func below(word, n uint64) uint64 {
	high, _ := bits.Mul64(word, n)
	return high
}
