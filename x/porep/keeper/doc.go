// Package keeper is the state machine of storage proofs: units, windows, faults and what becomes of them (paper sections 3.4
// and 6.4). docs/spec/porep-open.md and porep-sealed.md draw it.
//
// A Keeper has no lock: like all state it belongs to the goroutine that executes the block or the query. Functions that
// change a provider read its state anew after every hook, since a hook may call the keeper.
package keeper
