// Package verdict judges seal proofs for a validator (section 3.4 of the specification paper: what cannot be checked on
// chain is checked by the validators' sidecars and agreed on through consensus).
//
// A Judge is told again and again which seal proofs wait for its validator's verdict, and answers with the verdicts that it
// has reached. It fetches the records of each from their provider, checks their length and digest against what the
// provider put on chain, and each of them against the replica's commitments.
//
// # What is a no
//
// A no costs the provider its deposit if a third of the power joins in, so it follows from the chain and from bytes that
// the provider has committed to, and from nothing else:
//
//   - a record does not hold;
//   - the content under the CID is no plain file, or of another length or digest than the provider put on chain. A peer
//     cannot cause that: each block is hashed against its CID, and the root's CID is on chain. The provider has
//     committed to two things that do not agree, and every validator sees the same;
//   - the content is cut into more than MaxBlocks blocks. Whoever puts records as one file gets a few dozen.
//
// Everything else is no verdict: nobody delivers, a peer sends what does not match a CID, the local store fails, the time is
// up, the checker panics. An abstention is not a no. Records that a provider withholds from some or all are demanded on
// chain (MsgDemandSealRecord) or end with the time for verdicts; a no from those who were not served would let whoever
// can disturb the network take deposits.
//
// # Bounds
//
// Judged are at most MaxSeals proofs at a time; what is not named any more is forgotten. Few proofs are fetched at a time,
// into memory only; one is checked at a time, on one core, so that proving goes on beside it. Those that were tried
// least go first: providers that withhold their records do not keep others waiting.
package verdict
