package blake3lanes

// Blocks returns how many blocks a message of so many bytes has; the empty one has one too.
func Blocks(bytes int) int { return max(1, (bytes+BlockBytes-1)/BlockBytes) }

// SumShort sets digests to the BLAKE3-256 digests of up to Lanes messages, which must be of the same number of Blocks, of at
// most ChunkBytes. The package must be Available.
func SumShort(messages [][]byte, digests []*[DigestBytes]byte) {
	var g group
	g.begin()
	var ends [Lanes][BlockBytes]byte
	before := Blocks(len(messages[0])) - 1
	first := uint32(chunkStart)
	if before > 0 {
		for lane := range g.messages {
			g.messages[lane] = &messages[min(lane, len(messages)-1)][0]
		}
		compress(&g, len(messages), before, first, 0)
		first = 0
	}
	for lane := range g.messages {
		g.messages[lane] = &ends[lane][0]
	}
	for lane, m := range messages {
		g.lengths[lane] = uint32(copy(ends[lane][:], m[before*BlockBytes:]))
	}
	compress(&g, len(messages), 1, first, chunkEnd|root)
	for lane := range messages {
		g.value(lane, digests[lane])
	}
}
