package blake3lanes

const (
	// Lanes is how many messages are hashed at a time, at most.
	Lanes = 16
	// BlockBytes is the length of what is compressed at a time.
	BlockBytes = 64
	// ChunkBytes is the length of a leaf of the tree of a message.
	ChunkBytes = 1 << 10
	// DigestBytes is the length of a digest, and of a chaining value.
	DigestBytes = 32
)

// Flags of a compression, from section 2.1 of the BLAKE3 paper.
const (
	chunkStart = 1 << iota
	chunkEnd
	parent
	root
)

var iv = [8]uint32{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}

// group is what is compressed side by side.
type group struct {
	chain    [8][Lanes]uint32 // word by word the chaining values of all lanes
	messages [Lanes]*byte     // where the next block of each begins
	lengths  [Lanes]uint32    // how many bytes of each block are of the message
	counters [Lanes]uint32    // of chunks
}

// begin sets the chaining values to their first, and the lengths to those of whole blocks.
func (g *group) begin() {
	for word := range g.chain {
		for lane := range g.chain[word] {
			g.chain[word][lane] = iv[word]
		}
	}
	for lane := range g.lengths {
		g.lengths[lane] = BlockBytes
	}
}

// value writes the chaining value of a lane.
func (g *group) value(lane int, dst *[DigestBytes]byte) {
	for word := range g.chain {
		v := g.chain[word][lane]
		dst[4*word], dst[4*word+1], dst[4*word+2], dst[4*word+3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
	}
}
