// Package relayer carries signed checkpoints of IPDM to other chains (paper section 10.1).
//
// A relayer has no authority and no state: what a destination knows and what the chain has signed say what there is to do, so one can
// be killed at any point, several can race, and whoever starts one years later brings a client up to date. A Route goes from the
// chain to one destination. It hands over every checkpoint that ends a signer epoch which the destination still trusts, one after
// the other, then the newest one.
//
//	destination is in epoch 3, at height 100      the chain has signed: epoch 3 ended at 250, 4 at 900, newest 1210 of epoch 5
//	                                              so the route hands over 250, 900, 1210
package relayer
