// Package sectors looks after the sealed replicas of a storage provider (paper sections 3.4 and 6.2): from the moment their data is
// there until nothing of them is left.
//
// Replicas wait for a sector, are packed into one in the order in which they were assigned, and are sealed: labelled, encoded and
// committed to by files. The sector is then pre-committed on chain, its challenges are drawn, the seal records that answer them go
// into the data plane and are committed to, and validators judge them. While the seal can be disputed the records are kept and shown
// on demand; when it is final they and the labels are deleted, and what is left is the sealed replica itself, whose nodes the prover
// opens in every window.
//
// The Keeper keeps no state of its own. Plans and progress are in the sector's files, everything else is on chain: a new
// Keeper over the same directory goes on where a killed one stopped, and nothing is sealed or paid for twice, because a
// sector's number is written down before its first label and the chain takes a number once.
//
// A replica's encodings stay pinned while its sector lives: data is served from them, since opening a sealed replica takes as
// long as sealing it, and a damaged sector is made anew from those of all its replicas, also of one that has ended meanwhile. Sealing is
// deterministic, so what is made anew is the same.
package sectors
