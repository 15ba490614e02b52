// Package economics lets providers and clients of several characters live for 30 days under the production parameters, and reckons
// what each of them has earned (paper section 3.4). docs/economics.md shows the table that it prints:
//
//	go test -run TestEconomics -v ./testutil/economics
//
// The keepers are those of the application, wired by it. Blocks are driven on them directly: randomness, the verdicts of the one
// validator, BeginBlock of the modules, then messages through the message router, each undone if it fails. Deposits, pledges,
// escrow and supply are real balances of x/bank, and the invariants of all modules are checked every day.
//
// Sectors are really sealed, their seal proofs really verified, and every window is answered with real openings. Since production
// sectors of 1 GiB take minutes to seal, a sector of 4 MiB stands for one of 1 GiB: every amount per GiB is multiplied by 256 and the
// baseline divided by it, which leaves the amounts of a GiB as they are.
package economics
