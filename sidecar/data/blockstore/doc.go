// Package blockstore shows a store.Store to boxo, so that Bitswap can serve it: section 4.2 of the specification paper
// (exchange with IPFS). A block CID is answered with the plain bytes of the block, an encoding CID with the envelope.
package blockstore
