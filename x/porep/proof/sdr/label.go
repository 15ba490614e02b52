package sdr

import (
	"crypto/sha256"
	"encoding/binary"
)

const (
	// Layers is the number of layers of labels.
	Layers = 11

	labelHeaderSize = 32 + 4 + 8 + 4
	labelInputSize  = labelHeaderSize + Parents*NodeSize
	// labelBatch is how many nodes ahead parents are known and fetched.
	labelBatch = 32
)

// Labeller makes the labels of one replica, layer by layer:
//
//	label(layer, v) = SHA-256( replica id 32 | layer u32 | v u64 | 0 u32 | label of parent 0 | ... | label of parent 13 )
//
// 496 bytes, eight compressions with the padding; integers little endian, layers counted from 1. Base parents are labels of the
// same layer, expander parents of the layer before. The first layer has none before: the base parents are repeated in
// their order instead. The parents of node 0 in its own layer are zeros. A Labeller belongs to one goroutine.
type Labeller struct {
	graph   *Graph
	input   [labelInputSize]byte
	parents [labelBatch][Parents]uint32
	cache   []byte // parents of all nodes, or nil
}

// ParentsSize is the size of the parents of one node in a cache of them, in bytes.
const ParentsSize = 4 * Parents

// PutParents writes the parents of nodes from to to-1 to cache, ParentsSize bytes each: fourteen u32. The cache of all nodes is the
// same for all sectors of a size; making one saves a sealer ten of the eleven times that it would compute them.
func (g *Graph) PutParents(cache []byte, from, to uint64) {
	var parents [Parents]uint32
	for v := from; v < to; v++ {
		g.Parents(v, &parents)
		entry := (*[ParentsSize]byte)(cache[(v-from)*ParentsSize:])
		for i, parent := range parents {
			binary.LittleEndian.PutUint32(entry[4*i:], parent)
		}
	}
}

// UseParents lets the labeller read parents from a cache of those of all nodes. A wrong cache makes wrong labels, and panics where it names
// nodes that do not exist.
func (l *Labeller) UseParents(cache []byte) { l.cache = cache[:l.graph.nodes*ParentsSize] }

// findParents writes the parents of a node to parents.
func (l *Labeller) findParents(v uint64, parents *[Parents]uint32) {
	if l.cache == nil {
		l.graph.Parents(v, parents)
		return
	}
	entry := (*[ParentsSize]byte)(l.cache[v*ParentsSize:])
	for i := range parents {
		parents[i] = binary.LittleEndian.Uint32(entry[4*i:])
	}
}

// NewLabeller returns the labeller of a replica.
func NewLabeller(graph *Graph, replicaID [32]byte) *Labeller {
	l := &Labeller{graph: graph}
	copy(l.input[:], replicaID[:])
	return l
}

// Label writes the labels of nodes from to to-1 of a layer into current, which holds those below from already; previous holds the
// whole layer before and is not used for the first layer. Both have NodeSize bytes a node. It panics when a slice is too short.
func (l *Labeller) Label(layer uint32, current, previous []byte, from, to uint64) {
	size := l.graph.nodes * NodeSize
	current = current[:size]
	if layer > 1 {
		previous = previous[:size]
	}
	binary.LittleEndian.PutUint32(l.input[32:], layer)
	for start := from; start < to; start += labelBatch {
		end := min(start+labelBatch, to)
		for v := start; v < end; v++ {
			l.findParents(v, &l.parents[v-start])
		}
		if layer == 1 {
			l.firstLayer(current, start, end)
		} else {
			l.layer(current, previous, start, end)
		}
	}
}

func (l *Labeller) firstLayer(current []byte, from, to uint64) {
	for v := from; v < to; v++ {
		parents := &l.parents[v-from]
		binary.LittleEndian.PutUint64(l.input[36:], v)
		for i := range Parents {
			parent := l.input[labelHeaderSize+i*NodeSize : labelHeaderSize+(i+1)*NodeSize]
			if v == 0 {
				clear(parent)
				continue
			}
			copy(parent, node(current, uint64(parents[i%BaseParents])))
		}
		h := sha256.Sum256(l.input[:])
		copy(current[v*NodeSize:], h[:])
	}
}

func (l *Labeller) layer(current, previous []byte, from, to uint64) {
	fetch(previous, current, &l.parents[0])
	for v := from; v < to; v++ {
		parents := &l.parents[v-from]
		if v+1 < to {
			fetch(previous, current, &l.parents[v-from+1])
		}
		binary.LittleEndian.PutUint64(l.input[36:], v)
		for i := range BaseParents {
			parent := (*[NodeSize]byte)(l.input[labelHeaderSize+i*NodeSize:])
			if v == 0 {
				clear(parent[:])
				continue
			}
			*parent = *(*[NodeSize]byte)(current[uint64(parents[i])*NodeSize:])
		}
		for i := BaseParents; i < Parents; i++ {
			*(*[NodeSize]byte)(l.input[labelHeaderSize+i*NodeSize:]) = *(*[NodeSize]byte)(previous[uint64(parents[i])*NodeSize:])
		}
		h := sha256.Sum256(l.input[:])
		*(*[NodeSize]byte)(current[v*NodeSize:]) = h
	}
}

// node returns the bytes of a node of a layer.
func node(layer []byte, v uint64) []byte { return layer[v*NodeSize : (v+1)*NodeSize] }

// labelOf computes one label from the labels of its parents.
func labelOf(replicaID [32]byte, layer uint32, v uint64, parents *[Parents][NodeSize]byte) [NodeSize]byte {
	var input [labelInputSize]byte
	copy(input[:], replicaID[:])
	binary.LittleEndian.PutUint32(input[32:], layer)
	binary.LittleEndian.PutUint64(input[36:], v)
	for i := range parents {
		copy(input[labelHeaderSize+i*NodeSize:], parents[i][:])
	}
	return sha256.Sum256(input[:])
}

// Encode combines data and the labels of the last layer into the replica, node by node; applied to the replica it gives the data
// back. All three have the same length, and dst may be one of the others.
func Encode(dst, data, labels []byte) {
	data, labels = data[:len(dst)], labels[:len(dst)]
	i := 0
	for ; i+8 <= len(dst); i += 8 {
		binary.LittleEndian.PutUint64(dst[i:], binary.LittleEndian.Uint64(data[i:])^binary.LittleEndian.Uint64(labels[i:]))
	}
	for ; i < len(dst); i++ {
		dst[i] = data[i] ^ labels[i]
	}
}
