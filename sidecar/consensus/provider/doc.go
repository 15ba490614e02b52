// Package provider is the agent that makes a data node a storage provider (paper sections 3.4 and 6.2): it takes on deals,
// proves what it holds in every window and is paid for it.
//
// The agent keeps no state of its own. What it owes - assignments, windows, faults, pins to let go - follows from the chain and the
// local store, so a new agent over the same store continues where a killed one stopped. It
//
//   - registers with the configured ask and pledge, and keeps the ask and the endpoint on chain up to date;
//   - checks every assignment against its own ask and disk, fetches the layout's encodings from the client or other holders,
//     recomputes the commitment from the bytes it stored, and activates the replica - or refuses it, which is free;
//   - answers every window from the local store only; what is missing it says is missing;
//   - heals faulty units after the window has closed, from other holders, and proves them again in the next window;
//   - hands replicas that are to be sealed on to sidecar/consensus/sectors, and proves both classes, each in windows of its own;
//   - answers challenges of single units;
//   - lets go of layouts that no live deal names any more;
//   - settles its earnings and claims its rewards.
//
// Proving comes first: it has a goroutine of its own, its transactions overtake the others, and nothing it does fetches.
package provider
