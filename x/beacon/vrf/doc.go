// Package vrf is the mathematics of the chain's randomness (paper section 3.4): what a proposer proves, and how the value of a block
// follows from the one before. docs/spec/beacon.md has the definitions and the argument.
//
// It is pure: no state, no clock, no files. The function is ECVRF-EDWARDS25519-SHA512-ELL2 of RFC 9381. A key has one output for
// each input, so that a proposer has no choice but to publish it or to give up its block.
package vrf
