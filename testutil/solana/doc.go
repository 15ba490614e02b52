// Package solana runs a Solana network for tests: JSON-RPC and PubSub as a client knows them, over the real SVM, in one process.
//
//	network, err := solana.Start(ctx, solana.Options{Manual: true, Programs: map[solanago.PublicKey]string{id: "program.so"}})
//	client := rpc.New(network.Node(0).URL())
//	network.Advance(ctx, 3)    // three blocks
//	network.Rollback(ctx, 2)   // the last two never happened
//
// The server is server.mjs with lib/, plain JavaScript over litesvm, which needs Node.js 20; package npm installs what it
// imports. What it keeps true: a transaction waits for the next block; every read, preflight and subscription sees the state
// of its commitment level; a blockhash expires after 150 blocks; block heights are not slots; errors have Agave's codes and
// data. What takes other commands than a client's - passing time, forks, faults - is on a control port of its own. Each node
// of a network shows the same ledger, with faults of its own.
//
// What it does not have: votes, stakes, leaders, rent collection, durable nonces, the encodings jsonParsed (base64 comes in its
// place) and base64+zstd, getBlock's detail "accounts". It keeps the last 20000 blocks at least. SlotHashes
// has the blockhashes of the blocks before, as there are no bank hashes.
//
// docs/bridge-testing.md shows how to run it by hand.
package solana
