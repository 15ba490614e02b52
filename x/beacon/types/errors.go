package types

import "cosmossdk.io/errors"

// Errors of x/beacon.
var (
	// ErrNoValue tells that there never was a value for a height, or that the chain has none yet.
	ErrNoValue = errors.Register(ModuleName, 2, "no randomness")
	// ErrPruned tells that a value is older than the history that is kept.
	ErrPruned = errors.Register(ModuleName, 3, "randomness is no longer kept")
	// ErrFuture tells that the block of a value has not begun.
	ErrFuture = errors.Register(ModuleName, 4, "randomness is not known yet")
	// ErrHeight tells that a value does not follow the newest one.
	ErrHeight = errors.Register(ModuleName, 5, "block does not follow the newest value")
	// ErrProofMissing tells that a proposer with a key has proven nothing.
	ErrProofMissing = errors.Register(ModuleName, 6, "proposer has a key but no proof")
	// ErrProofUnexpected tells that a proposer without a key has put a proof.
	ErrProofUnexpected = errors.Register(ModuleName, 7, "proposer has a proof but no key in effect")
	// ErrInvalidProof tells that a proof does not verify under the proposer's key, for this block after the value before it.
	ErrInvalidProof = errors.Register(ModuleName, 8, "invalid randomness proof")
	// ErrInvalidKey refuses bytes that are no public key.
	ErrInvalidKey = errors.Register(ModuleName, 9, "invalid beacon key")
	// ErrInvalidPossession tells that a validator has not shown that it holds the private key.
	ErrInvalidPossession = errors.Register(ModuleName, 10, "invalid proof of possession")
	// ErrKeyPending tells that a change of the validator's key is waiting to take effect.
	ErrKeyPending = errors.Register(ModuleName, 11, "a change of the key is pending")
	// ErrSameKey tells that the key is the validator's already.
	ErrSameKey = errors.Register(ModuleName, 12, "key is in effect already")
	// ErrUnknownValidator tells that there is no such validator.
	ErrUnknownValidator = errors.Register(ModuleName, 13, "unknown validator")
	// ErrUnknownKey tells that a validator has registered no key.
	ErrUnknownKey = errors.Register(ModuleName, 14, "validator has no beacon key")
	// ErrInvalidParams refuses parameters.
	ErrInvalidParams = errors.Register(ModuleName, 15, "invalid parameters")
	// ErrUnauthorized tells that only the authority may do this.
	ErrUnauthorized = errors.Register(ModuleName, 16, "not the authority")
	// ErrInvalidGenesis refuses a genesis state.
	ErrInvalidGenesis = errors.Register(ModuleName, 17, "invalid genesis")
)
