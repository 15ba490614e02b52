package blake3lanes

import "golang.org/x/sys/cpu"

var (
	// Available tells whether the processor has the instructions that this package needs, those of AVX2.
	Available = cpu.X86.HasAVX2
	// Wide tells whether it has those for all lanes at once, AVX-512.
	Wide = cpu.X86.HasAVX2 && cpu.X86.HasAVX512F
)

// half is how many lanes AVX2 has.
const half = 8

// compress compresses count blocks of each of the first lanes of a group, with the flags first for the first of them and last for
// the last.
func compress(g *group, lanes, count int, first, last uint32) {
	switch {
	case lanes <= half:
		compress8(&g.chain[0][0], &g.messages[0], &g.lengths[0], &g.counters[0], count, first, last)
	case Wide:
		compress16(&g.chain[0][0], &g.messages[0], &g.lengths[0], &g.counters[0], count, first, last)
	default:
		compress8(&g.chain[0][0], &g.messages[0], &g.lengths[0], &g.counters[0], count, first, last)
		compress8(&g.chain[0][half], &g.messages[half], &g.lengths[half], &g.counters[half], count, first, last)
	}
}

// compress8 and compress16 take the addresses of the first of so many lanes in a group. The blocks of all of them are read.
//
//go:noescape
func compress8(chain *uint32, messages **byte, lengths, counters *uint32, count int, first, last uint32)

//go:noescape
func compress16(chain *uint32, messages **byte, lengths, counters *uint32, count int, first, last uint32)
