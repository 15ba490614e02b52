// Package fakechain runs the chain's state machine inside a test, with one node, no consensus and a clock that the test sets.
//
// The modules are the real ones - auth, bank, anchor, beacon, incentive, market, porep - on a real BaseApp, reached over a real gRPC socket: a client cannot
// tell it from a node. What is faked is everything around them: a transaction that passes CheckTx is put in a block at
// once, and time stands still until the test moves it.
package fakechain
