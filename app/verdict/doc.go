// Package verdict lets a validator say its verdicts on seal proofs (sections 3.4 and 6 of the specification paper: what
// cannot be checked on chain is checked off-chain and agreed on through consensus).
//
// The Source reads from committed state which seal proofs wait for the validator's verdict, asks the sidecar, the data node on
// the same machine, for those that it has reached, and puts them into the validator's vote extensions until state shows the vote. The
// Handler applies such a section of anybody's extension to state. docs/spec/porep-sealed.md has the life of a verdict.
//
// The sidecar is asked off the consensus path (app/sidecar): one that fails costs verdicts, never a block. Its answers are remembered as
// long as the proofs wait. A full node that is no validator asks nothing.
package verdict
