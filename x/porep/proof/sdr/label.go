package sdr

import (
	"crypto/sha256"
	"encoding/binary"
	"unsafe"
)

const (
	// Layers is the number of layers of labels.
	Layers = 11

	labelHeaderSize = 32 + 4 + 8 + 4
	labelInputSize  = labelHeaderSize + Parents*NodeSize
	// labelMessageSize is that of the input with its padding.
	labelMessageSize = 8 * blockSize
	// labelBatch is how many labels are made after their parents were found, all at once.
	labelBatch = 64
	// labelsAhead is how many labels before a label its parents are brought near: memory is slower than the hash of one label.
	labelsAhead = 2
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
	input   [labelMessageSize]byte
	parents [labelBatch + labelsAhead][Parents]uint32
	cache   []byte // parents of all nodes, or nil
	ahead   lookahead
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
	pad(l.input[:], labelInputSize)
	return l
}

// Run is a number of labels to make: those of nodes From to To-1 of a layer. Current holds those below From already; Previous holds the
// whole layer before and is not used for the first layer. Both have NodeSize bytes a node.
type Run struct {
	Layer             uint32
	Current, Previous []byte
	From, To          uint64
}

// Label writes the labels of nodes from to to-1 of a layer, as Run describes it. It panics when a slice is too short.
func (l *Labeller) Label(layer uint32, current, previous []byte, from, to uint64) {
	l.finish(Run{layer, current, previous, from, to})
}

func (l *Labeller) finish(run Run) {
	for l.begin(&run); run.From < run.To; {
		n := min(run.To-run.From, labelBatch)
		l.findBatch(&run, n)
		for i := range n {
			l.gather(&run, i)
			*run.label() = hashLabel(&l.input, &l.ahead)
			run.From++
		}
	}
}

// LabelTwo writes the labels of a run of each of two labellers, other ones, and takes turns between them: a label has to wait for the one
// before, and meanwhile the processor hashes one of the other replica. What one run is longer than the other is done alone. Runs may be of
// graphs, layers and nodes that have nothing to do with each other, but not of the same replica. It panics when a slice is too short.
func LabelTwo(first *Labeller, firstRun Run, second *Labeller, secondRun Run) {
	first.begin(&firstRun)
	second.begin(&secondRun)
	for firstRun.From < firstRun.To && secondRun.From < secondRun.To {
		n := min(firstRun.To-firstRun.From, secondRun.To-secondRun.From, labelBatch)
		first.findBatch(&firstRun, n)
		second.findBatch(&secondRun, n)
		for i := range n {
			first.gather(&firstRun, i)
			second.gather(&secondRun, i)
			*firstRun.label(), *secondRun.label() = hashTwoLabels(&first.input, &second.input, &first.ahead, &second.ahead)
			firstRun.From++
			secondRun.From++
		}
	}
	first.finish(firstRun)
	second.finish(secondRun)
}

// label is where the next label of a run goes.
func (r *Run) label() *Hash { return (*Hash)(r.Current[r.From*NodeSize:]) }

// begin prepares a run, and makes the label of node 0, which is unlike all others.
func (l *Labeller) begin(run *Run) {
	size := l.graph.nodes * NodeSize
	run.Current = run.Current[:size]
	if run.Layer == 1 {
		run.Previous = run.Current // see findBatch
	}
	run.Previous = run.Previous[:size]
	binary.LittleEndian.PutUint32(l.input[32:], run.Layer)
	if run.From > 0 || run.To == 0 {
		return
	}
	binary.LittleEndian.PutUint64(l.input[36:], 0)
	clear(l.input[labelHeaderSize:labelInputSize])
	if run.Layer > 1 {
		var parents [Parents]uint32
		l.findParents(0, &parents)
		for i := BaseParents; i < Parents; i++ {
			copy(l.input[labelHeaderSize+i*NodeSize:], node(run.Previous, uint64(parents[i])))
		}
	}
	*run.label() = hashPadded(l.input[:], labelInputSize)
	run.From = 1
}

// findBatch finds the parents of the next n nodes of a run, and of those that it will look ahead to. In the first layer the base parents
// take the places of the others.
func (l *Labeller) findBatch(run *Run, n uint64) {
	for i := range min(n+labelsAhead, l.graph.nodes-run.From) {
		parents := &l.parents[i]
		l.findParents(run.From+i, parents)
		if run.Layer == 1 {
			copy(parents[BaseParents:], parents[:BaseParents])
			copy(parents[2*BaseParents:], parents[:])
		}
	}
}

// lookAhead notes where the labels of parents are, so that the processor brings them near while it hashes another label.
func (l *Labeller) lookAhead(run *Run, parents *[Parents]uint32) {
	current, previous := uintptr(unsafe.Pointer(unsafe.SliceData(run.Current))), uintptr(unsafe.Pointer(unsafe.SliceData(run.Previous)))
	for i := range BaseParents {
		l.ahead[i] = current + uintptr(parents[i])*NodeSize
	}
	for i := BaseParents; i < Parents; i++ {
		l.ahead[i] = previous + uintptr(parents[i])*NodeSize
	}
}

// gather writes the next node of a run, of place i in its batch, and the labels of its parents to the input.
func (l *Labeller) gather(run *Run, i uint64) {
	l.lookAhead(run, &l.parents[i+labelsAhead])
	parents := &l.parents[i]
	binary.LittleEndian.PutUint64(l.input[36:], run.From)
	for j := range BaseParents {
		label := *(*Hash)(run.Current[uint64(parents[j])*NodeSize:])
		*(*Hash)(l.input[labelHeaderSize+j*NodeSize:]) = label
	}
	for j := BaseParents; j < Parents; j++ {
		label := *(*Hash)(run.Previous[uint64(parents[j])*NodeSize:])
		*(*Hash)(l.input[labelHeaderSize+j*NodeSize:]) = label
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
