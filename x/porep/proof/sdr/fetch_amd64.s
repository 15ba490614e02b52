#include "textflag.h"

#define FETCH(base, index) \
	MOVL 4*index(DX), AX \
	SHLQ $5, AX          \
	PREFETCHT0 (base)(AX*1)

// func prefetchParents(previous, current *byte, parents *[14]uint32)
// A prefetch never faults, so the indices need no check here.
TEXT ·prefetchParents(SB), NOSPLIT, $0-24
	MOVQ previous+0(FP), SI
	MOVQ current+8(FP), DI
	MOVQ parents+16(FP), DX
	FETCH(DI, 1)
	FETCH(DI, 2)
	FETCH(DI, 3)
	FETCH(DI, 4)
	FETCH(DI, 5)
	FETCH(SI, 6)
	FETCH(SI, 7)
	FETCH(SI, 8)
	FETCH(SI, 9)
	FETCH(SI, 10)
	FETCH(SI, 11)
	FETCH(SI, 12)
	FETCH(SI, 13)
	RET
