// Package bridge makes what other chains need to follow this one (paper section 10.1): checkpoints of what is anchored and sent,
// signed by more than two thirds of the voting power with keys that Ethereum and Solana can check. README.md describes it.
package bridge
