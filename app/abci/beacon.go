package abci

import (
	"context"
	"errors"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Beacon is the chain's randomness, to which each block adds a value. The keeper of x/beacon is one.
type Beacon interface {
	// EffectiveKey returns the key with which a validator proves the block at height, none if it has no key in effect.
	EffectiveKey(ctx context.Context, consensusAddress []byte, height int64) ([]byte, error)
	// Alpha returns what the proposer of the next block, at height, has to prove.
	Alpha(ctx context.Context, height int64) ([]byte, error)
	// CheckProof judges what the proposer of the next block has proven, empty for nothing.
	CheckProof(ctx context.Context, height int64, proposer, proof []byte) error
	// Advance adds the value of a block. It fails like CheckProof.
	Advance(ctx context.Context, height int64, proposer, proof []byte) error
}

// BeaconProver holds the private keys of this node.
type BeaconProver interface {
	// Prove proves alpha with the private key of public. It fails if this node does not have it.
	Prove(public, alpha []byte) ([]byte, error)
}

// errNoProver tells that a node runs without any private key.
var errNoProver = errors.New("no beacon key file")

// proveBeacon makes the proof of this node's proposal, none if it has no key in effect. It may be asked again in a later round and
// proves the same thing.
func proveBeacon(ctx sdk.Context, beacon Beacon, prover BeaconProver, req *abci.RequestPrepareProposal) (proof []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			proof, err = nil, fmt.Errorf("panic: %v", r)
		}
	}()

	public, err := beacon.EffectiveKey(ctx, req.ProposerAddress, req.Height)
	if err != nil || len(public) == 0 {
		return nil, err
	}
	if prover == nil {
		return nil, fmt.Errorf("the chain expects a proof under key %X: %w", public, errNoProver)
	}
	alpha, err := beacon.Alpha(ctx, req.Height)
	if err != nil {
		return nil, err
	}
	if proof, err = prover.Prove(public, alpha); err != nil {
		return nil, err
	}
	if len(proof) != BeaconProofBytes {
		return nil, fmt.Errorf("proof of %d bytes, want %d", len(proof), BeaconProofBytes)
	}
	return proof, nil
}
