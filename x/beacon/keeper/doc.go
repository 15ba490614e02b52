// Package keeper keeps the chain's randomness and the keys of the proposers who make it (paper section 3.4).
//
// Advance runs once in each block, in PreBlock, and appends the block's value; CheckProof judges a proposal by the same rule. The
// mathematics is in x/beacon/vrf.
package keeper
