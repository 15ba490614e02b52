// Package wire is the bytes that IPDM, Ethereum and Solana agree on (paper 10.1, docs/spec/bridge.md): signer sets,
// checkpoints and their signatures, messages and the tree over them, events of gateways. It does no I/O and knows no SDK.
//
//	checkpoint  "IPDM/cp/v1" | chain 32 | epoch 8 | height 8 | time 8 | anchors 32 | outbox 32 | set 32 | next set 32 | previous 32
//	set         count 2 | (address 20 | power 8) x count
//	message     "IPDM/msg/v1" | kind 1 | domain 4 | application 32 | nonce 8 | sender 32 | recipient 32 | timeout 8 | payload hash 32
//	event       "IPDM/ev/v1" | kind 1 | domain 4 | application 32 | nonce 8 | sender 32 | recipient 32 | time 8 | payload hash 32
//
// Integers are big-endian. Every decoder accepts exactly what its encoder makes. All of it may be used concurrently, but
// for Tree.
package wire
