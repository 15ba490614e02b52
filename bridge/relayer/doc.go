// Package relayer carries signed checkpoints and messages of IPDM to other chains, and their events to IPDM (paper section 10.1).
//
// A relayer has no authority and no state: what a destination knows and what the chain has signed say what there is to do, so one can
// be killed at any point, several can race, and whoever starts one years later brings a client up to date. A Route goes from the
// chain to one destination. It hands over every checkpoint that ends a signer epoch which the destination still trusts, one after
// the other, then the newest one.
//
//	destination is in epoch 3, at height 100      the chain has signed: epoch 3 ended at 250, 4 at 900, newest 1210 of epoch 5
//	                                              so the route hands over 250, 900, 1210
//
// Then a courier delivers the messages that the newest of them proves, in their order, but for those that the gateway has taken. What
// cannot be delivered yet does not keep what is behind it.
//
// The other way an inlet hands in the events that IPDM's validators have attested, with paths to the roots that they voted on.
package relayer
