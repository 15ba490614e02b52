// Package sbpf relinks an eBPF object, as upstream clang makes it with -target bpfel, into an image for the Solana virtual machine.
//
// The machine takes a static image (sBPF version 3, SIMD-0178 and SIMD-0189) and a dynamic one (version 0). Both hold the same
// instructions and read-only data; they differ in where these lie and in how a syscall is named: by the murmur3 hash of its name in the
// instruction, or by a relocation against an undefined symbol. There is no writable data.
package sbpf
