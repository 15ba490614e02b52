//go:build !amd64

package sdr

// shaLanes tells whether the processor has the instructions that hash two messages at a time.
var shaLanes = false

func hashBlocks(*[32]byte, *byte, int) { panic("no such instructions") }

func hashTwoBlocks(_, _ *[32]byte, _, _ *byte, _ int) { panic("no such instructions") }

func hashNodes(_, _ *byte, _ int) { panic("no such instructions") }

func hashLabelBlocks(*[32]byte, *[labelMessageSize]byte, *lookahead) { panic("no such instructions") }

func hashTwoLabelBlocks(_, _ *[32]byte, _, _ *[labelMessageSize]byte, _, _ *lookahead) {
	panic("no such instructions")
}
