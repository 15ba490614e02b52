// Package keeper keeps the state of x/bridge: keys of signers, signer epochs, and checkpoints with their signatures (paper
// section 10.1).
package keeper
