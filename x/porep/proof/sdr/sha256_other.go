//go:build !amd64

package sdr

import "unsafe"

// shaLanes tells whether the processor has the instructions that hash two messages at a time.
var shaLanes = false

func hashBlocks(*[32]byte, *byte, int) { panic("no such instructions") }

func hashTwoBlocks(_, _ *[32]byte, _, _ *byte, _ int) { panic("no such instructions") }

func hashNodes(_, _ *byte, _ int) { panic("no such instructions") }

// prefetchParents does nothing: memory is waited for when it is read.
func prefetchParents(_, _ unsafe.Pointer, _ uint64, _ *[Parents]uint32, _ int) {}
