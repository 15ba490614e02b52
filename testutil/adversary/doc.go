// Package adversary has dishonest providers made of the real parts, with one lie each. They run against a real network and must be caught.
//
//	behaviour   what it does                                            caught by
//	forge       commits to labels that it never computed                validators, who reject its seal; the deposit is lost
//	withhold    shows its seal records to nobody                        whoever demands one on chain; the deposit is lost
//	late        answers each window after it has closed                 the chain, which counts the window as missed
//
// Attacks that need no process of their own are tests of the modules: a wrong parent, another sector's or provider's proof, a replayed or
// late one, a copied replica, a false seal that most validators accepted, a demanded record that is not shown, and lost bytes, in
// x/porep/keeper and x/porep/proof/sdr; self-dealers and lying clients in testutil/economics.
package adversary
