#include "textflag.h"

// BLAKE3's compression of several messages side by side, from section 2.2 of the BLAKE3 paper. Word i of the state of all
// lanes lies in register i.

DATA iv0<>+0x00(SB)/4, $0x6a09e667
GLOBL iv0<>(SB), NOPTR|RODATA, $4
DATA iv1<>+0x00(SB)/4, $0xbb67ae85
GLOBL iv1<>(SB), NOPTR|RODATA, $4
DATA iv2<>+0x00(SB)/4, $0x3c6ef372
GLOBL iv2<>(SB), NOPTR|RODATA, $4
DATA iv3<>+0x00(SB)/4, $0xa54ff53a
GLOBL iv3<>(SB), NOPTR|RODATA, $4

// Rotates each word right by 16 bits.
DATA rotate16<>+0x00(SB)/8, $0x0504070601000302
DATA rotate16<>+0x08(SB)/8, $0x0d0c0f0e09080b0a
DATA rotate16<>+0x10(SB)/8, $0x0504070601000302
DATA rotate16<>+0x18(SB)/8, $0x0d0c0f0e09080b0a
GLOBL rotate16<>(SB), NOPTR|RODATA, $32

// Rotates each word right by 8 bits.
DATA rotate8<>+0x00(SB)/8, $0x0407060500030201
DATA rotate8<>+0x08(SB)/8, $0x0c0f0e0d080b0a09
DATA rotate8<>+0x10(SB)/8, $0x0407060500030201
DATA rotate8<>+0x18(SB)/8, $0x0c0f0e0d080b0a09
GLOBL rotate8<>(SB), NOPTR|RODATA, $32

// ROWS reads 32 bytes of the block at R13 of each message.
#define ROWS(offset) \
	MOVQ 0(SI), R8 \
	MOVQ 8(SI), R9 \
	MOVQ 16(SI), R10 \
	MOVQ 24(SI), R11 \
	VMOVDQU offset(R8)(R13*1), Y0 \
	VMOVDQU offset(R9)(R13*1), Y1 \
	VMOVDQU offset(R10)(R13*1), Y2 \
	VMOVDQU offset(R11)(R13*1), Y3 \
	MOVQ 32(SI), R8 \
	MOVQ 40(SI), R9 \
	MOVQ 48(SI), R10 \
	MOVQ 56(SI), R11 \
	VMOVDQU offset(R8)(R13*1), Y4 \
	VMOVDQU offset(R9)(R13*1), Y5 \
	VMOVDQU offset(R10)(R13*1), Y6 \
	VMOVDQU offset(R11)(R13*1), Y7

// WORDS turns eight rows of a lane each into eight message words of all lanes, and writes them to AX from word first on.
#define WORDS(first) \
	VPUNPCKLDQ Y1, Y0, Y8 \
	VPUNPCKHDQ Y1, Y0, Y9 \
	VPUNPCKLDQ Y3, Y2, Y10 \
	VPUNPCKHDQ Y3, Y2, Y11 \
	VPUNPCKLDQ Y5, Y4, Y12 \
	VPUNPCKHDQ Y5, Y4, Y13 \
	VPUNPCKLDQ Y7, Y6, Y14 \
	VPUNPCKHDQ Y7, Y6, Y15 \
	VPUNPCKLQDQ Y10, Y8, Y0 \
	VPUNPCKHQDQ Y10, Y8, Y1 \
	VPUNPCKLQDQ Y11, Y9, Y2 \
	VPUNPCKHQDQ Y11, Y9, Y3 \
	VPUNPCKLQDQ Y14, Y12, Y4 \
	VPUNPCKHQDQ Y14, Y12, Y5 \
	VPUNPCKLQDQ Y15, Y13, Y6 \
	VPUNPCKHQDQ Y15, Y13, Y7 \
	VPERM2I128 $0x20, Y4, Y0, Y8 \
	VPERM2I128 $0x20, Y5, Y1, Y9 \
	VPERM2I128 $0x20, Y6, Y2, Y10 \
	VPERM2I128 $0x20, Y7, Y3, Y11 \
	VPERM2I128 $0x31, Y4, Y0, Y12 \
	VPERM2I128 $0x31, Y5, Y1, Y13 \
	VPERM2I128 $0x31, Y6, Y2, Y14 \
	VPERM2I128 $0x31, Y7, Y3, Y15 \
	VMOVDQA Y8, 32*(first+0)(AX) \
	VMOVDQA Y9, 32*(first+1)(AX) \
	VMOVDQA Y10, 32*(first+2)(AX) \
	VMOVDQA Y11, 32*(first+3)(AX) \
	VMOVDQA Y12, 32*(first+4)(AX) \
	VMOVDQA Y13, 32*(first+5)(AX) \
	VMOVDQA Y14, 32*(first+6)(AX) \
	VMOVDQA Y15, 32*(first+7)(AX)

// ROTATE rotates b right by bits; back is 32 minus that.
#define ROTATE(bits, back, b, free) \
	VPSRLD $bits, b, free \
	VPSLLD $back, b, b \
	VPOR free, b, b

// HALF is a half of four mixings G, with the message words m. It rotates d by the bytes of turn and b by bits.
#define HALF(a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3, m0, m1, m2, m3, turn, bits, back) \
	VPADDD 32*(m0)(AX), a0, a0 \
	VPADDD 32*(m1)(AX), a1, a1 \
	VPADDD 32*(m2)(AX), a2, a2 \
	VPADDD 32*(m3)(AX), a3, a3 \
	VPADDD b0, a0, a0 \
	VPADDD b1, a1, a1 \
	VPADDD b2, a2, a2 \
	VPADDD b3, a3, a3 \
	VPXOR a0, d0, d0 \
	VPXOR a1, d1, d1 \
	VPXOR a2, d2, d2 \
	VPXOR a3, d3, d3 \
	VMOVDQA a0, 512(AX) \
	VPSHUFB turn<>(SB), d0, d0 \
	VPSHUFB turn<>(SB), d1, d1 \
	VPSHUFB turn<>(SB), d2, d2 \
	VPSHUFB turn<>(SB), d3, d3 \
	VPADDD d0, c0, c0 \
	VPADDD d1, c1, c1 \
	VPADDD d2, c2, c2 \
	VPADDD d3, c3, c3 \
	VPXOR c0, b0, b0 \
	VPXOR c1, b1, b1 \
	VPXOR c2, b2, b2 \
	VPXOR c3, b3, b3 \
	ROTATE(bits, back, b0, a0) \
	ROTATE(bits, back, b1, a0) \
	ROTATE(bits, back, b2, a0) \
	ROTATE(bits, back, b3, a0) \
	VMOVDQA 512(AX), a0

// ROUND mixes columns and diagonals, with the message words in the order of the round.
#define ROUND(m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15) \
	HALF(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15, m0, m2, m4, m6, rotate16, 12, 20) \
	HALF(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15, m1, m3, m5, m7, rotate8, 7, 25) \
	HALF(Y0, Y1, Y2, Y3, Y5, Y6, Y7, Y4, Y10, Y11, Y8, Y9, Y15, Y12, Y13, Y14, m8, m10, m12, m14, rotate16, 12, 20) \
	HALF(Y0, Y1, Y2, Y3, Y5, Y6, Y7, Y4, Y10, Y11, Y8, Y9, Y15, Y12, Y13, Y14, m9, m11, m13, m15, rotate8, 7, 25)

// CHAIN sets a word of the chaining values to the two halves of the state.
#define CHAIN(i, low, high) \
	VPXOR high, low, low \
	VMOVDQU low, 64*(i)(DI)

// Eight lanes of AVX2. The state takes all registers: message words are added from memory, and one word of the state waits
// there while its register helps to rotate.
//
// func compress8(chain *uint32, messages **byte, lengths, counters *uint32, count int, first, last uint32)
TEXT ·compress8(SB), 0, $576-48
	MOVQ chain+0(FP), DI
	MOVQ messages+8(FP), SI
	MOVQ lengths+16(FP), DX
	MOVQ counters+24(FP), BX
	MOVQ count+32(FP), R12
	MOVL first+40(FP), CX
	XORQ R13, R13 // how far into the messages
	LEAQ 31(SP), AX
	ANDQ $~31, AX // 16 message words of all lanes, and room for one word of the state

block8:
	DECQ R12
	JNZ inner8
	ORL last+44(FP), CX
inner8:
	ROWS(0)
	WORDS(0)
	ROWS(32)
	WORDS(8)

	VMOVDQU 0(DI), Y0
	VMOVDQU 64(DI), Y1
	VMOVDQU 128(DI), Y2
	VMOVDQU 192(DI), Y3
	VMOVDQU 256(DI), Y4
	VMOVDQU 320(DI), Y5
	VMOVDQU 384(DI), Y6
	VMOVDQU 448(DI), Y7
	VPBROADCASTD iv0<>(SB), Y8
	VPBROADCASTD iv1<>(SB), Y9
	VPBROADCASTD iv2<>(SB), Y10
	VPBROADCASTD iv3<>(SB), Y11
	VMOVDQU 0(BX), Y12
	VPXOR Y13, Y13, Y13
	VMOVDQU 0(DX), Y14
	VMOVD CX, X15
	VPBROADCASTD X15, Y15

	ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
	ROUND(2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
	ROUND(3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1)
	ROUND(10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6)
	ROUND(12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4)
	ROUND(9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7)
	ROUND(11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13)

	CHAIN(0, Y0, Y8)
	CHAIN(1, Y1, Y9)
	CHAIN(2, Y2, Y10)
	CHAIN(3, Y3, Y11)
	CHAIN(4, Y4, Y12)
	CHAIN(5, Y5, Y13)
	CHAIN(6, Y6, Y14)
	CHAIN(7, Y7, Y15)
	XORL CX, CX
	ADDQ $64, R13
	TESTQ R12, R12
	JNZ block8
	VZEROUPPER
	RET

// LOAD16 reads the blocks at R13 of four messages.
#define LOAD16(first, r0, r1, r2, r3) \
	MOVQ 8*(first+0)(SI), R8 \
	MOVQ 8*(first+1)(SI), R9 \
	MOVQ 8*(first+2)(SI), R10 \
	MOVQ 8*(first+3)(SI), R11 \
	VMOVDQU32 0(R8)(R13*1), r0 \
	VMOVDQU32 0(R9)(R13*1), r1 \
	VMOVDQU32 0(R10)(R13*1), r2 \
	VMOVDQU32 0(R11)(R13*1), r3

// QUADS turns the rows of four lanes around, within each 128 bits: register i has words i, i+4, i+8 and i+12 of the four then.
#define QUADS(r0, r1, r2, r3) \
	VPUNPCKLDQ r1, r0, Z0 \
	VPUNPCKHDQ r1, r0, Z1 \
	VPUNPCKLDQ r3, r2, Z2 \
	VPUNPCKHDQ r3, r2, Z3 \
	VPUNPCKLQDQ Z2, Z0, r0 \
	VPUNPCKHQDQ Z2, Z0, r1 \
	VPUNPCKLQDQ Z3, Z1, r2 \
	VPUNPCKHQDQ Z3, Z1, r3

// GATHER brings the 128 bits of each word together: words i, i+4, i+8 and i+12 of all lanes.
#define GATHER(r0, r1, r2, r3) \
	VSHUFI32X4 $0x88, r1, r0, Z0 \
	VSHUFI32X4 $0x88, r3, r2, Z1 \
	VSHUFI32X4 $0xdd, r1, r0, Z2 \
	VSHUFI32X4 $0xdd, r3, r2, Z3 \
	VSHUFI32X4 $0x88, Z1, Z0, r0 \
	VSHUFI32X4 $0x88, Z3, Z2, r1 \
	VSHUFI32X4 $0xdd, Z1, Z0, r2 \
	VSHUFI32X4 $0xdd, Z3, Z2, r3

// HALF16 is a half of four mixings G.
#define HALF16(a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3, m0, m1, m2, m3, turn, bits) \
	VPADDD m0, a0, a0 \
	VPADDD m1, a1, a1 \
	VPADDD m2, a2, a2 \
	VPADDD m3, a3, a3 \
	VPADDD b0, a0, a0 \
	VPADDD b1, a1, a1 \
	VPADDD b2, a2, a2 \
	VPADDD b3, a3, a3 \
	VPXORD a0, d0, d0 \
	VPXORD a1, d1, d1 \
	VPXORD a2, d2, d2 \
	VPXORD a3, d3, d3 \
	VPRORD $turn, d0, d0 \
	VPRORD $turn, d1, d1 \
	VPRORD $turn, d2, d2 \
	VPRORD $turn, d3, d3 \
	VPADDD d0, c0, c0 \
	VPADDD d1, c1, c1 \
	VPADDD d2, c2, c2 \
	VPADDD d3, c3, c3 \
	VPXORD c0, b0, b0 \
	VPXORD c1, b1, b1 \
	VPXORD c2, b2, b2 \
	VPXORD c3, b3, b3 \
	VPRORD $bits, b0, b0 \
	VPRORD $bits, b1, b1 \
	VPRORD $bits, b2, b2 \
	VPRORD $bits, b3, b3

// ROUND16 mixes columns and diagonals, with the message words in the order of the round.
#define ROUND16(m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15) \
	HALF16(Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15, m0, m2, m4, m6, 16, 12) \
	HALF16(Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15, m1, m3, m5, m7, 8, 7) \
	HALF16(Z0, Z1, Z2, Z3, Z5, Z6, Z7, Z4, Z10, Z11, Z8, Z9, Z15, Z12, Z13, Z14, m8, m10, m12, m14, 16, 12) \
	HALF16(Z0, Z1, Z2, Z3, Z5, Z6, Z7, Z4, Z10, Z11, Z8, Z9, Z15, Z12, Z13, Z14, m9, m11, m13, m15, 8, 7)

// CHAIN16 sets a word of the chaining values to the two halves of the state.
#define CHAIN16(i, low, high) \
	VPXORD high, low, low \
	VMOVDQU32 low, 64*(i)(DI)

// Sixteen lanes of AVX-512, with the message words in Z16 to Z31.
//
// func compress16(chain *uint32, messages **byte, lengths, counters *uint32, count int, first, last uint32)
TEXT ·compress16(SB), NOSPLIT, $0-48
	MOVQ chain+0(FP), DI
	MOVQ messages+8(FP), SI
	MOVQ lengths+16(FP), DX
	MOVQ counters+24(FP), BX
	MOVQ count+32(FP), R12
	MOVL first+40(FP), CX
	XORQ R13, R13 // how far into the messages

block16:
	LOAD16(0, Z16, Z17, Z18, Z19)
	LOAD16(4, Z20, Z21, Z22, Z23)
	LOAD16(8, Z24, Z25, Z26, Z27)
	LOAD16(12, Z28, Z29, Z30, Z31)
	QUADS(Z16, Z17, Z18, Z19)
	QUADS(Z20, Z21, Z22, Z23)
	QUADS(Z24, Z25, Z26, Z27)
	QUADS(Z28, Z29, Z30, Z31)
	GATHER(Z16, Z20, Z24, Z28)
	GATHER(Z17, Z21, Z25, Z29)
	GATHER(Z18, Z22, Z26, Z30)
	GATHER(Z19, Z23, Z27, Z31)

	VMOVDQU32 0(DI), Z0
	VMOVDQU32 64(DI), Z1
	VMOVDQU32 128(DI), Z2
	VMOVDQU32 192(DI), Z3
	VMOVDQU32 256(DI), Z4
	VMOVDQU32 320(DI), Z5
	VMOVDQU32 384(DI), Z6
	VMOVDQU32 448(DI), Z7
	VPBROADCASTD iv0<>(SB), Z8
	VPBROADCASTD iv1<>(SB), Z9
	VPBROADCASTD iv2<>(SB), Z10
	VPBROADCASTD iv3<>(SB), Z11
	VMOVDQU32 0(BX), Z12
	VPXORD Z13, Z13, Z13
	VMOVDQU32 0(DX), Z14
	DECQ R12
	JNZ inner16
	ORL last+44(FP), CX
inner16:
	VPBROADCASTD CX, Z15

	ROUND16(Z16, Z17, Z18, Z19, Z20, Z21, Z22, Z23, Z24, Z25, Z26, Z27, Z28, Z29, Z30, Z31)
	ROUND16(Z18, Z22, Z19, Z26, Z23, Z16, Z20, Z29, Z17, Z27, Z28, Z21, Z25, Z30, Z31, Z24)
	ROUND16(Z19, Z20, Z26, Z28, Z29, Z18, Z23, Z30, Z22, Z21, Z25, Z16, Z27, Z31, Z24, Z17)
	ROUND16(Z26, Z23, Z28, Z25, Z30, Z19, Z29, Z31, Z20, Z16, Z27, Z18, Z21, Z24, Z17, Z22)
	ROUND16(Z28, Z29, Z25, Z27, Z31, Z26, Z30, Z24, Z23, Z18, Z21, Z19, Z16, Z17, Z22, Z20)
	ROUND16(Z25, Z30, Z27, Z21, Z24, Z28, Z31, Z17, Z29, Z19, Z16, Z26, Z18, Z22, Z20, Z23)
	ROUND16(Z27, Z31, Z21, Z16, Z17, Z25, Z24, Z22, Z30, Z26, Z18, Z28, Z19, Z20, Z23, Z29)

	CHAIN16(0, Z0, Z8)
	CHAIN16(1, Z1, Z9)
	CHAIN16(2, Z2, Z10)
	CHAIN16(3, Z3, Z11)
	CHAIN16(4, Z4, Z12)
	CHAIN16(5, Z5, Z13)
	CHAIN16(6, Z6, Z14)
	CHAIN16(7, Z7, Z15)
	XORL CX, CX
	ADDQ $64, R13
	TESTQ R12, R12
	JNZ block16
	VZEROUPPER
	RET
