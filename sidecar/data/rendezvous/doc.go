// Package rendezvous says which member of a group of nodes a key belongs to, by highest random weight: every member gets a
// weight from its peer id and the key, and the heaviest owns the key. Nodes that know the same members agree without talking
// to each other, keys spread evenly, and when a member leaves only its own keys move, each to the member next in weight. It
// serves section 8.5 of the specification paper, distributed caching.
//
// The weight is part of the protocol, for members of different versions must agree. All numbers are unsigned, of 64 bits:
//
//	seed    the first 8 bytes of the BLAKE3 digest of the binary peer id, big endian
//	key     the first 8 bytes of the key, big endian
//	weight  mix(mix(seed) XOR key), where mix is the finalizer of SplitMix64
//
// Of equal weights the smaller peer id goes first. docs/spec/data-protocol.md says what the keys are.
package rendezvous
