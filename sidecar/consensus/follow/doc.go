// Package follow follows accounts, programs, contracts and chains elsewhere, and stores what becomes final there as content that can be queried
// (section 9.1 of the specification paper: indexing of blockchain data, retrieval of its history).
//
// A Follower runs any number of follows, each with a goroutine of its own. A source (packages solana and ethereum) reads what is finalized, which no
// fork takes back. Changes are gathered in batches, one line of JSON each, and a batch is put like any other file: cut into content-addressed blocks,
// compressed, pinned with a signed manifest whose tags tell of what it is. docs/spec/follow.md has the format.
//
// # What survives a crash
//
// Before a batch is put it is written, with the state that the follow has after it, to the follow's journal; after the put that state is written
// to the follow's state file. A crash in between has the batch of the journal put again: the same bytes with the same tags have the same root, and
// the manifest that is there is found. So each change is stored once. What was not in a batch yet is read again, but for states of Solana's accounts
// that only the subscription told of and that were replaced since: these are gone.
//
// # When a follow stops
//
// An endpoint that does not answer, or a full disk, is tried again for ever. A finalized chain that contradicts what is stored, and a state file of
// something else or that cannot be read, need a person: the follow stops, says so in its status, the log and a metric, and the others go on.
package follow
