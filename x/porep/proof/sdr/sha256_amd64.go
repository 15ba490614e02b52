package sdr

import "golang.org/x/sys/cpu"

// shaLanes tells whether the processor has the instructions that hash two messages at a time.
var shaLanes = cpu.X86.HasAVX && cpu.X86.HasSSSE3 && cpu.X86.HasSSE41 && hasSHA()

func hasSHA() bool {
	const shaExtensions = 1 << 29 // EBX of leaf 7
	if highest, _, _, _ := cpuid(0, 0); highest < 7 {
		return false
	}
	_, features, _, _ := cpuid(7, 0)
	return features&shaExtensions != 0
}

func cpuid(leaf, subleaf uint32) (eax, ebx, ecx, edx uint32)

// hashBlocks hashes a padded message of at least one block.
//
//go:noescape
func hashBlocks(digest *[32]byte, message *byte, blocks int)

// hashTwoBlocks hashes two padded messages of as many blocks.
//
//go:noescape
func hashTwoBlocks(digest0, digest1 *[32]byte, message0, message1 *byte, blocks int)

// hashLabelBlocks and hashTwoLabelBlocks hash the padded inputs of labels.
//
//go:noescape
func hashLabelBlocks(digest *[32]byte, input *[labelMessageSize]byte, ahead *lookahead)

//go:noescape
func hashTwoLabelBlocks(digest0, digest1 *[32]byte, input0, input1 *[labelMessageSize]byte, ahead0, ahead1 *lookahead)

// hashNodes writes count parents of pairs of nodes in row to parents, which may begin where row does.
//
//go:noescape
func hashNodes(parents, row *byte, count int)
