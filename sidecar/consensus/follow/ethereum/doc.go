// Package ethereum reads logs and block headers of a chain with Ethereum's JSON-RPC, up to its finalized block (section 9.1 of the specification
// paper).
//
// Blocks are read in ranges, each from one endpoint, in order and without gaps. The hash of the block before a range has to be the one that was
// read; of headers, each has to name the one before as its parent. A range that an endpoint refuses is halved.
//
// What endpoints say is taken on trust otherwise: an endpoint that leaves a log out is not found out.
package ethereum
