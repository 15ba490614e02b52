// Package ethereum hands checkpoints and messages of IPDM to its contracts on Ethereum, or on another chain with its RPC, and reads what
// they tell IPDM (paper section 10.1, docs/spec/bridge-ethereum.md).
//
// Nothing of what is handed over is remembered between calls. A checkpoint or a message is simulated before it is sent; that the contract
// has it already, by whomever, is success. The account's transaction has the lowest nonce that no block has, so one that is stuck, or was
// left by a relayer that was killed, is replaced, with fees that rise until it is mined or they reach the bound. What a reorganisation
// takes back the next look at the contract shows, and it is handed over again.
//
// Several endpoints: what a contract knows is asked of all, and the least that any says counts, so one that claims more cannot keep
// anything from being sent, and one that lags costs simulations. The account's nonce is the greatest that any says. Everything else that
// sending needs is asked of the first that answers; transactions go to all. Fees and gas that an endpoint suggests are bounded.
//
// Events are read of final blocks only, from all endpoints. Those that answer have to agree as far as they have come, and each has to show
// as many events as the gateway counts: validators vote on them, so no answer is better than a wrong one. As far as two have come counts,
// where two are given, so that one that lags or is stuck keeps nobody waiting. What has been read of a long history is kept for the next
// call, until the endpoint shows another block where there was a final one.
package ethereum
