// Package kubo compares an ipdm node with an unmodified Kubo: both put, read and exchange the same inputs in one run, each as a command
// against a warm daemon of its own with a fresh store, and what is printed are ratios (design of the speed to reach; paper section 9.1).
//
// Inputs are a tree (the source of the Go toolchain), the same as one tar file, and random bytes of the tar's size. Kubo adds with BLAKE3,
// CIDv1 and raw leaves, and otherwise as it comes; both sync what they acknowledge. What is stored is the disk use of the store after the
// daemon has ended: blocks, nodes and index. Figures are medians, but for the peak of memory, which is measured once.
//
// The process-level tests start both kinds of node by StartIPDM and StartIPFS.
package kubo
