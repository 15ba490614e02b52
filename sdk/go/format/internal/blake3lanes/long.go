package blake3lanes

import "sync"

// MaxBytes is the length of the longest message of Sum.
const MaxBytes = 4 << 20

// tree is where a message is hashed.
type tree struct {
	// values are the chaining values of the nodes of a level, end to end, so that two are the message of their parent.
	values [MaxBytes / ChunkBytes * DigestBytes]byte
	end    [BlockBytes]byte // of the message
}

var trees = sync.Pool{New: func() any { return new(tree) }}

// Sum returns the BLAKE3-256 digest of a message of more than ChunkBytes, up to MaxBytes. The package must be Available.
func Sum(message []byte) (digest [DigestBytes]byte) {
	t := trees.Get().(*tree)
	defer trees.Put(t)
	var g group
	count := (len(message) + ChunkBytes - 1) / ChunkBytes
	whole := len(message) / ChunkBytes
	for chunk := 0; chunk < whole; chunk += Lanes {
		g.chunks(message, chunk, min(Lanes, whole-chunk), t)
	}
	if whole < count {
		g.lastChunk(message[whole*ChunkBytes:], whole, t)
	}
	// A node without a sibling moves up as it is, which gives the shape of BLAKE3's tree: its left parts are full.
	for count > 2 {
		pairs := count / 2
		for pair := 0; pair < pairs; pair += Lanes {
			g.parents(pair, min(Lanes, pairs-pair), t, parent)
		}
		if count%2 == 1 {
			copy(t.values[pairs*DigestBytes:][:DigestBytes], t.values[(count-1)*DigestBytes:])
		}
		count = pairs + count%2
	}
	g.parents(0, 1, t, parent|root)
	return [DigestBytes]byte(t.values[:DigestBytes])
}

// chunks sets the chaining values of whole chunks.
func (g *group) chunks(message []byte, first, lanes int, t *tree) {
	g.begin()
	for lane := range Lanes {
		g.counters[lane] = uint32(first + lane)
	}
	for lane := range Lanes {
		g.messages[lane] = &message[(first+min(lane, lanes-1))*ChunkBytes]
	}
	compress(g, lanes, ChunkBytes/BlockBytes, chunkStart, chunkEnd)
	g.store(first, lanes, t)
}

// lastChunk sets the chaining value of a chunk that is not whole.
func (g *group) lastChunk(data []byte, index int, t *tree) {
	g.begin()
	g.counters[0] = uint32(index)
	before := (len(data) - 1) / BlockBytes
	start := uint32(chunkStart)
	if before > 0 {
		for lane := range g.messages {
			g.messages[lane] = &data[0]
		}
		compress(g, 1, before, start, 0)
		start = 0
	}
	for lane := range g.messages {
		g.messages[lane] = &t.end[0]
	}
	clear(t.end[:])
	g.lengths[0] = uint32(copy(t.end[:], data[before*BlockBytes:]))
	compress(g, 1, 1, start, chunkEnd)
	g.store(index, 1, t)
}

// parents sets the chaining values of nodes to those of the pairs below them. A pair lies where its parent comes, or behind.
func (g *group) parents(first, lanes int, t *tree, flags uint32) {
	g.begin()
	g.counters = [Lanes]uint32{}
	for lane := range Lanes {
		g.messages[lane] = &t.values[(first+min(lane, lanes-1))*2*DigestBytes]
	}
	compress(g, lanes, 1, flags, 0)
	g.store(first, lanes, t)
}

// store writes chaining values to their places.
func (g *group) store(first, lanes int, t *tree) {
	for lane := range lanes {
		g.value(lane, (*[DigestBytes]byte)(t.values[(first+lane)*DigestBytes:]))
	}
}
