// Package abci is what the chain adds to its blocks by itself (paper sections
// 3.4 and 6): the vote-extension pipeline, by which what validators find out
// off-chain reaches the state, and the proofs behind the chain's randomness.
//
// An item travels like this:
//
//  1. After block H-1 has been committed, the Outbox asks its sources what they
//     want to say and prepares one payload, off the consensus path (outbox.go).
//  2. ExtendVote(H) hands out the prepared payload (extend_vote.go). A source
//     that fails, hangs or panics leaves its section empty, never more.
//  3. VerifyVoteExtension accepts any bytes of bounded size (verify_vote.go), so
//     that nobody can stop consensus with a strange extension.
//  4. The proposer of H+1 collects the valid extensions of H, with the
//     signatures that prove them, into an Injection, the first transaction of
//     its block (prepare_proposal.go), together with its proof for the
//     randomness of H+1 (beacon.go).
//  5. ProcessProposal checks the injection against the commit of H, the
//     validators and their VRF keys in state, strips it, and passes the rest of
//     the block on (process_proposal.go).
//  6. PreBlock applies the sections to state through the SectionHandler of
//     their kind, in the order of validator addresses (pre_block.go). Before
//     that it adds the block's value to the randomness.
//
// An item is only said, not heard, until state has recorded it: its vote may
// come late, or its proposer may leave it out. Sources therefore repeat an item
// until they see it in committed state, and handlers take a repeated item as
// no news.
//
// # Payload of one extension
//
//	version  u8 = 1
//	section* kind u8 | size u16 LE (>= 1) | size bytes
//
// Kinds ascend strictly, at most MaxExtensionBytes in all. A kind without a
// handler is skipped. A payload of only the version byte says "nothing to say".
//
// # Injection
//
//	magic    8 bytes 0xff "IPDMVE" 0x00
//	version  u8 = 2
//	height   u64 LE   height of the votes, one less than that of the block
//	round    u32 LE   round of the commit of that height, 0 in the first block
//	flag     u8       1 if a beacon proof follows, 0 if none does
//	proof    80 bytes ECVRF proof of the proposer (docs/spec/beacon.md)
//	count    u16 LE   at most MaxInjectionEntries
//	entry*   validator 20 bytes | signature 64 bytes | size u16 LE | extension
//
// It is in every block. There is a proof if and only if state has a VRF key in
// effect for the proposer, and there are entries only where vote extensions are
// enabled. Entries ascend strictly by validator address; nothing follows the
// last one.
// The magic cannot begin a transaction: 0xff is no valid protobuf tag.
package abci
