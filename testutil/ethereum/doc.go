// Package ethereum runs an Ethereum network for tests: anvil, a real EVM with the JSON-RPC of a node, in one process.
//
//	network, err := ethereum.Start(ctx, ethereum.Options{})
//	client, err := ethclient.DialContext(ctx, network.URL())
//	network.Mine(ctx, 3)       // three blocks
//	network.Reorg(ctx, 2)      // the last two give way to empty ones
//	network.Finalize(ctx)      // as many blocks as make the latest one final
//
// Blocks come by Mine, or by themselves with Options.BlockTime. The tag "safe" trails the latest block by SlotsInEpoch blocks,
// "finalized" by twice as many. Package npm installs anvil, which needs Node.js 20 for npm but not to run. Faults of a node are
// played by package faultproxy in front of it; docs/bridge-testing.md shows how to run anvil by hand.
//
// StartGeth runs the development chain of a geth program instead, of which blocks come by themselves and nothing can be commanded.
package ethereum
