// Package proof is the pure arithmetic of storage proofs: which bytes are asked for, what an answer looks like, how
// one is made and how it is checked. Provider and chain share it.
//
// It serves sections 3.4 and 6.4 of the specification paper (proof of replication, CHALLENGE and PROOF).
//
// Once a window every provider answers for a number of bytes picked at random over everything it proves in a class:
// Count says how many, Seed and Offset which. The caller turns each such position into a Challenge, the place of that
// byte under the commitment of one proven unit. A WindowProof holds, in the order of the challenges, an opening
// or a mark that it is missing; Prove makes one and Verify checks it. A provider that lacks a fraction f of
// what it proves passes a window of q openings unnoticed with probability (1-f)^q.
//
// An ActivationProof is what a provider shows once, when it takes a unit on: the last leaf, which authenticates the total
// length, and openings at positions from ActivationSeed.
//
// Nothing here does I/O, reads a clock or depends on the Cosmos SDK, and no result depends on the machine. All
// functions are safe for concurrent use.
package proof
