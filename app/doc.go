// Package app wires the IPDM chain: the consensus layer of the paper (sections
// 3.4 and 6), made of Cosmos SDK modules on CometBFT.
//
// Everything is wired by hand, one file a concern:
//
//   - app.go      the App, its construction and the ABCI methods
//   - keepers.go  the keepers and the stores they own
//   - modules.go  the modules and the orders in which they run
//   - genesis.go  default genesis state and consensus parameters
//   - ante.go     what a transaction must satisfy before it runs
//   - upgrades.go the registry of software upgrades
//   - export.go   export of the state as a genesis file
//   - encoding.go codecs and transaction configuration
//   - api.go      the REST routes and the OpenAPI document
//   - verdicts.go what a validator's verdicts are about, from committed state
//
// The vote-extension pipeline is in app/abci, what validators say in it about
// seal proofs in app/verdict, and about events of other chains in app/inbound.
package app
