#include "textflag.h"

// SHA-256 by the SHA extensions of x86, from Intel's description of the instructions. SHA256RNDS2 takes the state as two registers,
// here ABEF and CDGH with A and C in the highest words, and does two rounds with the two lowest words of X0. Its result depends on the
// one before and takes several cycles, in which a second message can be hashed.

// The first state, ordered so.
DATA firstState<>+0x00(SB)/4, $0x9b05688c // F
DATA firstState<>+0x04(SB)/4, $0x510e527f // E
DATA firstState<>+0x08(SB)/4, $0xbb67ae85 // B
DATA firstState<>+0x0c(SB)/4, $0x6a09e667 // A
DATA firstState<>+0x10(SB)/4, $0x5be0cd19 // H
DATA firstState<>+0x14(SB)/4, $0x1f83d9ab // G
DATA firstState<>+0x18(SB)/4, $0xa54ff53a // D
DATA firstState<>+0x1c(SB)/4, $0x3c6ef372 // C
GLOBL firstState<>(SB), NOPTR|RODATA, $32

// Reverses the bytes of each word.
DATA swapWords<>+0x00(SB)/8, $0x0405060700010203
DATA swapWords<>+0x08(SB)/8, $0x0c0d0e0f08090a0b
GLOBL swapWords<>(SB), NOPTR|RODATA, $16

// LOAD reads the 64 bytes of a block.
#define LOAD(message, m0, m1, m2, m3) \
	VMOVDQU 0(message), m0     \
	VMOVDQU 16(message), m1    \
	VMOVDQU 32(message), m2    \
	VMOVDQU 48(message), m3    \
	VPSHUFB swapWords<>(SB), m0, m0 \
	VPSHUFB swapWords<>(SB), m1, m1 \
	VPSHUFB swapWords<>(SB), m2, m2 \
	VPSHUFB swapWords<>(SB), m3, m3

// START sets the first state.
#define START(abef, cdgh) \
	VMOVDQU firstState<>+0(SB), abef \
	VMOVDQU firstState<>+16(SB), cdgh

// FINISH writes a state as a digest: A to H in order. It overwrites X0.
#define FINISH(abef, cdgh, digest) \
	VPSHUFD $0x1b, abef, X0 \
	VPSHUFD $0xb1, cdgh, cdgh \
	VPBLENDW $0xf0, cdgh, X0, abef \
	VPALIGNR $8, X0, cdgh, cdgh \
	VPSHUFB swapWords<>(SB), abef, abef \
	VPSHUFB swapWords<>(SB), cdgh, cdgh \
	VMOVDQU abef, 0(digest)           \
	VMOVDQU cdgh, 16(digest)

// ROUNDS does four rounds with the words in X0.
#define ROUNDS(abef, cdgh) \
	SHA256RNDS2 X0, abef, cdgh \
	VPSHUFD $0x0e, X0, X0      \
	SHA256RNDS2 X0, cdgh, abef

// QUAD does rounds 4i to 4i+3 with the words m.
#define QUAD(i, abef, cdgh, m) \
	VPADDD ·roundKeys+16*(i)(SB), m, X0 \
	ROUNDS(abef, cdgh)

// EXTEND makes the next four words of a message, in place of the first of the last sixteen. It overwrites t.
#define EXTEND(m0, m1, m2, m3, t) \
	SHA256MSG1 m1, m0     \
	VPALIGNR $4, m2, m3, t \
	VPADDD t, m0, m0      \
	SHA256MSG2 m3, m0

// The lanes: state, message, and a register to work with.
#define QUAD_A(i, m) QUAD(i, X1, X2, m)
#define QUAD_B(i, m) QUAD(i, X3, X4, m)

// SAVE_A and ADD_A keep the state of before a block, and add it to that after.
#define SAVE_A \
	VMOVDQU X1, 0(SP) \
	VMOVDQU X2, 16(SP)
#define SAVE_B \
	VMOVDQU X3, 32(SP) \
	VMOVDQU X4, 48(SP)
#define ADD_A \
	VPADDD 0(SP), X1, X1 \
	VPADDD 16(SP), X2, X2
#define ADD_B \
	VPADDD 32(SP), X3, X3 \
	VPADDD 48(SP), X4, X4

#define STEP_A(i, m0, m1, m2, m3) \
	QUAD_A(i, m0) \
	EXTEND(m0, m1, m2, m3, X13)
#define STEP_B(i, m0, m1, m2, m3) \
	QUAD_B(i, m0) \
	EXTEND(m0, m1, m2, m3, X14)

#define TURN_A(i) \
	STEP_A(i+0, X5, X6, X7, X8) \
	STEP_A(i+1, X6, X7, X8, X5) \
	STEP_A(i+2, X7, X8, X5, X6) \
	STEP_A(i+3, X8, X5, X6, X7)

#define TURN(i) \
	STEP_A(i+0, X5, X6, X7, X8)    \
	STEP_B(i+0, X9, X10, X11, X12) \
	STEP_A(i+1, X6, X7, X8, X5)    \
	STEP_B(i+1, X10, X11, X12, X9) \
	STEP_A(i+2, X7, X8, X5, X6)    \
	STEP_B(i+2, X11, X12, X9, X10) \
	STEP_A(i+3, X8, X5, X6, X7)    \
	STEP_B(i+3, X12, X9, X10, X11)

// BLOCK_A and BLOCK_AB add the blocks at SI, and at DI, to the states.
#define BLOCK_A \
	LOAD(SI, X5, X6, X7, X8) \
	SAVE_A         \
	TURN_A(0)      \
	TURN_A(4)      \
	TURN_A(8)      \
	QUAD_A(12, X5) \
	QUAD_A(13, X6) \
	QUAD_A(14, X7) \
	QUAD_A(15, X8) \
	ADD_A
#define BLOCK_AB \
	LOAD(SI, X5, X6, X7, X8)    \
	LOAD(DI, X9, X10, X11, X12) \
	SAVE_A          \
	SAVE_B          \
	TURN(0)         \
	TURN(4)         \
	TURN(8)         \
	QUAD_A(12, X5)  \
	QUAD_B(12, X9)  \
	QUAD_A(13, X6)  \
	QUAD_B(13, X10) \
	QUAD_A(14, X7)  \
	QUAD_B(14, X11) \
	QUAD_A(15, X8)  \
	QUAD_B(15, X12) \
	ADD_A           \
	ADD_B

// PAD_A and PAD_AB do four rounds of the second block of a node of a tree, whose words are known.
#define PAD_A(i) \
	VMOVDQU ·paddingKeys+16*(i)(SB), X0 \
	ROUNDS(X1, X2)
#define PAD_AB(i) \
	VMOVDQU ·paddingKeys+16*(i)(SB), X0 \
	ROUNDS(X1, X2)                    \
	VMOVDQU ·paddingKeys+16*(i)(SB), X0 \
	ROUNDS(X3, X4)

// func hashBlocks(digest *[32]byte, message *byte, blocks int)
TEXT ·hashBlocks(SB), NOSPLIT, $64-24
	MOVQ digest+0(FP), R8
	MOVQ message+8(FP), SI
	MOVQ blocks+16(FP), CX
	VZEROUPPER
	START(X1, X2)
again:
	BLOCK_A
	ADDQ $64, SI
	DECQ CX
	JNZ  again
	FINISH(X1, X2, R8)
	RET

// func hashTwoBlocks(digest0, digest1 *[32]byte, message0, message1 *byte, blocks int)
TEXT ·hashTwoBlocks(SB), NOSPLIT, $64-40
	MOVQ digest0+0(FP), R8
	MOVQ digest1+8(FP), R9
	MOVQ message0+16(FP), SI
	MOVQ message1+24(FP), DI
	MOVQ blocks+32(FP), CX
	VZEROUPPER
	START(X1, X2)
	START(X3, X4)
again:
	BLOCK_AB
	ADDQ $64, SI
	ADDQ $64, DI
	DECQ CX
	JNZ  again
	FINISH(X1, X2, R8)
	FINISH(X3, X4, R9)
	RET

// BRING asks for the line of a parent, at an offset of SI, in a layer. A prefetch never faults.
#define BRING(offset, layer) \
	MOVL  offset(SI), AX \
	IMULQ DX, AX         \
	PREFETCHT0 (layer)(AX*1)

// func prefetchParents(current, previous unsafe.Pointer, stride uint64, parents *[Parents]uint32, labels int)
TEXT ·prefetchParents(SB), NOSPLIT, $0-40
	MOVQ current+0(FP), R8
	MOVQ previous+8(FP), R9
	MOVQ stride+16(FP), DX
	MOVQ parents+24(FP), SI
	MOVQ labels+32(FP), CX
next:
	BRING(0, R8)
	BRING(4, R8)
	BRING(8, R8)
	BRING(12, R8)
	BRING(16, R8)
	BRING(20, R8)
	BRING(24, R9)
	BRING(28, R9)
	BRING(32, R9)
	BRING(36, R9)
	BRING(40, R9)
	BRING(44, R9)
	BRING(48, R9)
	BRING(52, R9)
	ADDQ $56, SI
	DECQ CX
	JNZ  next
	RET

// func hashNodes(parents, row *byte, count int)
TEXT ·hashNodes(SB), NOSPLIT, $64-24
	MOVQ parents+0(FP), R8
	MOVQ row+8(FP), SI
	MOVQ count+16(FP), CX
	VZEROUPPER
pair:
	CMPQ CX, $2
	JLT  last
	LEAQ 64(SI), DI
	LEAQ 32(R8), R9
	START(X1, X2)
	START(X3, X4)
	BLOCK_AB
	SAVE_A
	SAVE_B
	PAD_AB(0)
	PAD_AB(1)
	PAD_AB(2)
	PAD_AB(3)
	PAD_AB(4)
	PAD_AB(5)
	PAD_AB(6)
	PAD_AB(7)
	PAD_AB(8)
	PAD_AB(9)
	PAD_AB(10)
	PAD_AB(11)
	PAD_AB(12)
	PAD_AB(13)
	PAD_AB(14)
	PAD_AB(15)
	ADD_A
	ADD_B
	FINISH(X1, X2, R8)
	FINISH(X3, X4, R9)
	ADDQ $128, SI
	ADDQ $64, R8
	SUBQ $2, CX
	JMP  pair
last:
	TESTQ CX, CX
	JZ    done
	START(X1, X2)
	BLOCK_A
	SAVE_A
	PAD_A(0)
	PAD_A(1)
	PAD_A(2)
	PAD_A(3)
	PAD_A(4)
	PAD_A(5)
	PAD_A(6)
	PAD_A(7)
	PAD_A(8)
	PAD_A(9)
	PAD_A(10)
	PAD_A(11)
	PAD_A(12)
	PAD_A(13)
	PAD_A(14)
	PAD_A(15)
	ADD_A
	FINISH(X1, X2, R8)
done:
	RET

// func cpuid(leaf, subleaf uint32) (eax, ebx, ecx, edx uint32)
TEXT ·cpuid(SB), NOSPLIT, $0-24
	MOVL leaf+0(FP), AX
	MOVL subleaf+4(FP), CX
	CPUID
	MOVL AX, eax+8(FP)
	MOVL BX, ebx+12(FP)
	MOVL CX, ecx+16(FP)
	MOVL DX, edx+20(FP)
	RET
