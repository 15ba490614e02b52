// Package ethereum hands checkpoints of IPDM to the light client on Ethereum, or on another chain with its RPC (paper section 10.1,
// docs/spec/bridge-ethereum.md).
//
// Nothing is remembered between calls. A checkpoint is simulated before it is sent; that the contract has it already, by whomever, is
// success. The account's transaction has the lowest nonce that no block has, so one that is stuck, or was left by a relayer that was
// killed, is replaced, with fees that rise until it is mined or they reach the bound. What a reorganisation takes back the next look
// at the contract shows, and it is handed over again.
//
// Several endpoints: what the contract knows is asked of all, and the least that any says counts, so one that claims more cannot keep
// a checkpoint from being sent, and one that lags costs simulations. Everything else is asked of the first that answers; transactions
// go to all. Fees and gas that an endpoint suggests are bounded.
package ethereum
