// Package solana reads finalized accounts of Solana: some by their addresses, or all that a program owns (section 9.1 of the specification
// paper).
//
// Accounts are looked at from time to time, by getMultipleAccounts or getProgramAccounts: so nothing that stays is missed. States between two
// looks are seen with a subscription only (accountSubscribe, programSubscribe), while it stands. Both are at commitment finalized. No slot before
// one that was read is read again, whichever endpoint answers.
//
// An account that is not there has no lamports, no data, and the system program as its owner, as on Solana itself.
package solana
