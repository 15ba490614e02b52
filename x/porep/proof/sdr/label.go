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
	// labelBatch is for how many labels the parents are asked for in one burst, while those before are hashed. Memory is slower than a
	// hash. A processor can wait for many lines at a time, but only for as many as it meets within a few hundred instructions.
	labelBatch = 8
)

// Labeller makes the labels of one replica, layer by layer:
//
//	label(layer, v) = SHA-256( replica id 32 | layer u32 | v u64 | 0 u32 | label of parent 0 | ... | label of parent 13 )
//
// 496 bytes, eight compressions with the padding; integers little endian, layers counted from 1. Base parents are labels of the
// same layer, expander parents of the layer before. The first layer has none before: the base parents are repeated in
// their order instead. The parents of node 0 in its own layer are zeros. A Labeller belongs to one goroutine.
type Labeller struct {
	graph *Graph
	input [labelMessageSize]byte
	cache []byte // parents of all nodes, or nil
	// batch and next are the parents of the labels that are made, and of those after.
	batch, next [labelBatch][Parents]uint32
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
// whole layer before and is not used for the first layer. In both the label of node v is at v times Stride, which is NodeSize at least: a
// label may have another replica's beside it.
type Run struct {
	Layer             uint32
	Current, Previous []byte
	Stride            uint64
	From, To          uint64
}

// Label is LabelRun for labels that lie one after another.
func (l *Labeller) Label(layer uint32, current, previous []byte, from, to uint64) {
	l.LabelRun(Run{Layer: layer, Current: current, Previous: previous, Stride: NodeSize, From: from, To: to})
}

// LabelRun writes the labels of a run. It panics when a slice is too short.
func (l *Labeller) LabelRun(run Run) {
	for l.begin(&run); run.From < run.To; {
		n := min(run.To-run.From, labelBatch)
		l.turn(&run, n)
		l.prefetch(&run)
		for i := range n {
			l.gather(&run, i)
			*run.label() = hashPadded(l.input[:], labelInputSize)
			run.From++
		}
	}
}

// LabelTwo writes the labels of a run of each of two labellers, other ones, and takes turns between them: a label has to wait for the one
// before, and meanwhile the processor hashes one of the other replica. What one run is longer than the other is done alone. Runs may be of
// graphs, layers and nodes that have nothing to do with each other, but not of the same replica. Two of the same nodes whose labels lie
// side by side, 64 bytes that begin at a multiple of that, need half of the memory's lines: it is what labels wait for most. It panics when
// a slice is too short.
func LabelTwo(first *Labeller, firstRun Run, second *Labeller, secondRun Run) {
	first.begin(&firstRun)
	second.begin(&secondRun)
	for firstRun.From < firstRun.To && secondRun.From < secondRun.To {
		n := min(firstRun.To-firstRun.From, secondRun.To-secondRun.From, labelBatch)
		first.turn(&firstRun, n)
		first.prefetch(&firstRun)
		second.turn(&secondRun, n)
		if !secondRun.beside(&firstRun) {
			second.prefetch(&secondRun)
		}
		for i := range n {
			first.gather(&firstRun, i)
			second.gather(&secondRun, i)
			*firstRun.label(), *secondRun.label() = hashTwoPadded(first.input[:], second.input[:], labelInputSize)
			firstRun.From++
			secondRun.From++
		}
	}
	first.LabelRun(firstRun)
	second.LabelRun(secondRun)
}

// label is where the next label of a run goes.
func (r *Run) label() *Hash { return (*Hash)(r.Current[r.From*r.Stride:]) }

// begin prepares a run, and makes the label of node 0, which is unlike all others.
func (l *Labeller) begin(run *Run) {
	size := (l.graph.nodes-1)*run.Stride + NodeSize
	run.Current = run.Current[:size]
	if run.Layer == 1 {
		run.Previous = run.Current // see find
	}
	run.Previous = run.Previous[:size]
	binary.LittleEndian.PutUint32(l.input[32:], run.Layer)
	if run.From == 0 && run.To > 0 {
		l.labelFirst(run)
		run.From = 1
	}
	l.find(run, run.From)
}

func (l *Labeller) labelFirst(run *Run) {
	binary.LittleEndian.PutUint64(l.input[36:], 0)
	clear(l.input[labelHeaderSize:labelInputSize])
	if run.Layer > 1 {
		var parents [Parents]uint32
		l.findParents(0, &parents)
		for i := BaseParents; i < Parents; i++ {
			copy(l.input[labelHeaderSize+i*NodeSize:], run.Previous[uint64(parents[i])*run.Stride:][:NodeSize])
		}
	}
	*run.label() = hashPadded(l.input[:], labelInputSize)
}

// find finds the parents of the next labels of a run, which begin with a node. In the first layer the base parents take the places of the
// others.
func (l *Labeller) find(run *Run, from uint64) {
	for i := range min(labelBatch, l.graph.nodes-min(from, l.graph.nodes)) {
		parents := &l.next[i]
		l.findParents(from+i, parents)
		if run.Layer == 1 {
			copy(parents[BaseParents:], parents[:BaseParents])
			copy(parents[2*BaseParents:], parents[:])
		}
	}
}

// turn goes on to the next n labels of a run, and finds the parents of those after.
func (l *Labeller) turn(run *Run, n uint64) {
	l.batch = l.next
	l.find(run, run.From+n)
}

// prefetch has the processor bring the labels near that those after the next labels are made from.
func (l *Labeller) prefetch(run *Run) {
	prefetchParents(unsafe.Pointer(unsafe.SliceData(run.Current)), unsafe.Pointer(unsafe.SliceData(run.Previous)), run.Stride, &l.next[0], labelBatch)
}

// beside tells whether the labels of two runs lie side by side, so that their parents are in the same lines.
func (r *Run) beside(other *Run) bool {
	distance := func(a, b []byte) uintptr {
		return uintptr(unsafe.Pointer(unsafe.SliceData(a))) - uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	}
	return r.From == other.From && r.Stride == 2*NodeSize && other.Stride == r.Stride &&
		distance(r.Current, other.Current) == NodeSize && distance(r.Previous, other.Previous) == NodeSize
}

// gather writes the next node of a run, of place i in its batch, and the labels of its parents to the input.
func (l *Labeller) gather(run *Run, i uint64) {
	parents := &l.batch[i]
	binary.LittleEndian.PutUint64(l.input[36:], run.From)
	for j := range BaseParents {
		label := *(*Hash)(run.Current[uint64(parents[j])*run.Stride:])
		*(*Hash)(l.input[labelHeaderSize+j*NodeSize:]) = label
	}
	for j := BaseParents; j < Parents; j++ {
		label := *(*Hash)(run.Previous[uint64(parents[j])*run.Stride:])
		*(*Hash)(l.input[labelHeaderSize+j*NodeSize:]) = label
	}
}

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
