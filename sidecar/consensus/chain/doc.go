// Package chain is the data node's and the CLI's connection to the IPDM chain (paper section 3.4, the consensus layer of a
// node, seen from outside the validator).
//
//   - Client reads state over gRPC from one of several nodes and moves to another when one fails, falls behind or follows
//     another chain. It is a grpc.ClientConnInterface, so every generated query client works on it; the queries that the
//     project needs are wrapped with typed errors.
//   - Keyring opens, makes and imports account keys. A key never leaves it: not in logs, not in arguments.
//   - Signer signs for one account, keeps count of its sequence number, estimates gas and broadcasts; Client.Wait waits
//     until a transaction is in a block.
//
// The package makes its own codecs, so that programs which only talk to a chain do not link one.
package chain
