package blake3lanes

import "golang.org/x/sys/cpu"

// Available tells whether the processor has the instructions that Sum needs.
var Available = cpu.X86.HasAVX2

// compress compresses a block of each message into its chaining value: chain holds word by word those of all lanes, lengths
// how many bytes of each block are of the message. Each message has BlockBytes bytes to be read.
//
//go:noescape
func compress(chain *[8][Lanes]uint32, messages *[Lanes]*byte, lengths *[Lanes]uint32, flags uint32)
