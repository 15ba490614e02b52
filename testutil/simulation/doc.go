// Package simulation tests the whole chain with random histories: the real
// application, real signed transactions and real proofs over real encodings,
// with header time that passes in steps of milliseconds to days. It covers
// sections 6 and 8 of the paper: storage proofs, the market and its money.
//
// Sealed replicas are really sealed, several to a sector of 4 MiB, their seal
// proofs verified by the validator, whose verdicts travel in vote extensions, and
// units are challenged alone.
//
// After every block it checks that supply is that of genesis with what was minted
// and without what was burned, that the invariants of all modules hold,
// that the market's accounts hold what deals and pledges say, that every
// provider's totals are the sums over its units, that units and replicas belong
// to each other one to one, that no one earns more than the time it held the
// data for is worth, and that nothing the chain does on its own has failed.
// In the middle of each history the state is exported and a new chain goes on
// with it, in step with the old one.
//
// The default is a few short histories. For more:
//
//	SIM_SEEDS=20 SIM_BLOCKS=2000 go test -timeout 2h -run TestRandomHistories ./testutil/simulation
//	SIM_SEED=7 go test -run TestRandomHistories ./testutil/simulation    (that one alone)
//
// A failure names its seed and its block.
package simulation
