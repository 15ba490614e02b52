// Package adversary has dishonest providers made of the real parts, with one lie each. They run against a real network and must be caught.
//
//	behaviour   what it does                                            caught by
//	forge       commits to labels that it never computed                validators, who reject its seal; the deposit is lost
//	withhold    shows its seal records to nobody                        whoever demands one on chain; the deposit is lost
//	late        answers each window after it has closed                 the chain, which counts the window as missed
//
// Attacks that need no process of their own are in this package's tests, on the application: every message is a signed transaction,
// every verdict a vote, every sector sealed, and every false proof a real one that was tampered with. They say of each adversary how it
// is caught, within how many windows, and who pays. A statistical test compares how often droppers are caught with 1-(1-f)^q.
//
// docs/spec/adversaries.md lists all of them.
package adversary
