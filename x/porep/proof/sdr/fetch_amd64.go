package sdr

import "unsafe"

// fetch asks the processor to bring the labels of a node's parents near, while it hashes another one.
func fetch(previous, current []byte, parents *[Parents]uint32) {
	prefetchParents(unsafe.SliceData(previous), unsafe.SliceData(current), parents)
}

//go:noescape
func prefetchParents(previous, current *byte, parents *[Parents]uint32)
