// Package proof is the file that proves an anchored manifest: to other chains by its path in the Merkle-Patricia trie, to
// whoever knows a header of IPDM's by the proof that the trie's root is part of the state that the header's app hash stands
// for (paper 10.1). `ipdmd query anchor proof` writes it, `ipdm proof verify` reads it.
//
//	{
//	  "version": 1, "chain_id": "...", "manifest": "bafyr4i...",
//	  "height": "41",             the block behind which the state was asked
//	  "anchor_root": "0x...",     root of the trie, which the checkpoint of that height carries
//	  "value": "0x...",           what the trie says, 99 bytes (docs/spec/bridge.md)
//	  "nodes": ["0x...", ...],    RLP nodes from the root down
//	  "app_hash_height": "42",    the header that carries the app hash
//	  "app_hash": "0x...",
//	  "state_proof": "..."        ProofOps of CometBFT as protobuf in base64: ICS 23 proofs of the store and the multistore
//	}
package proof
