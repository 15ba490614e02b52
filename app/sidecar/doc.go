// Package sidecar asks the data node beside a validator, its sidecar, for what the validator says in its votes (section 3.4 of the
// specification paper: what cannot be checked on chain is checked off-chain and agreed on through consensus).
//
// Config is the section [sidecar] of app.toml. A Poller asks after each commit, in a goroutine of its own and with a short deadline, so a
// sidecar that is dead, slow or talks nonsense costs what it would have said, never a block. What is asked is the caller's: app/verdict
// asks for verdicts on seal proofs, app/inbound for the events of other chains.
package sidecar
