// Package keeper derives the chain's randomness and keeps it in state (paper section 3.4).
//
// This is the interim source: a value is a hash of a block hash, which the proposer of that block can grind by trying
// other blocks. A verifiable-random-function chain takes its place behind the same Latest.
package keeper
