// Package tierstore keeps encodings on two stores, a small fast one and a large slow one: tiers L2 and L3 of section 4.3
// of the specification paper (caching). Package cache is L1. It implements store.Store.
//
// What is stored goes to the hot store, and so does all metadata: an Apply is one Apply of the hot store, as atomic and
// as durable. When the envelopes in it exceed Options.HotMaxBytes, those that are read least are moved to the cold one.
// What is read there twice within Options.HalfLife, and is hotter than what was moved out last, is copied back; the cold
// copy stays, so that moving out again writes nothing. One goroutine makes the moves.
//
// Records in the metadata of the hot store. No other metadata key begins so, and callers neither see nor write them:
//
//	"\x00tier/id"              the id of the pair, 16 random bytes; the cold store has it as well
//	"\x00tier/copy/" digest    empty: the cold store may have the encoding that the hot one has
//	"\x00tier/grave/" digest   empty: what the cold store has of the encoding is deleted
//
// Rules, which hold after a power failure at any moment:
//
//  1. An encoding is in the cold store, durably, before it leaves the hot one. A reader looks in the hot store first.
//  2. An encoding that is in both has a copy record, which is durable before the second copy is made.
//  3. A deletion writes the grave in the batch that asks for it. The cold copy is deleted when the grave is durable,
//     the grave when the deletion of the copy is. A grave hides the cold copy only: the encoding may be stored again.
//
// docs/spec/tiers.md says the same for readers of the disk, with the crash cases.
package tierstore
