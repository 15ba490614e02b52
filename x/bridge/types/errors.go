package types

import "cosmossdk.io/errors"

// Errors of x/bridge.
var (
	// ErrUnknownValidator tells that there is no such validator.
	ErrUnknownValidator = errors.Register(ModuleName, 2, "unknown validator")
	// ErrInvalidKey refuses bytes that are no address of a key.
	ErrInvalidKey = errors.Register(ModuleName, 3, "invalid signer key")
	// ErrInvalidPossession tells that a validator has not shown that it holds the private key.
	ErrInvalidPossession = errors.Register(ModuleName, 4, "invalid proof of possession")
	// ErrKeyTaken tells that the key is another validator's.
	ErrKeyTaken = errors.Register(ModuleName, 5, "the key belongs to another validator")
	// ErrSameKey tells that the key is the validator's already.
	ErrSameKey = errors.Register(ModuleName, 6, "the key is registered already")
	// ErrUnknownKey tells that a validator has registered no key.
	ErrUnknownKey = errors.Register(ModuleName, 7, "validator has no signer key")
	// ErrUnknownEpoch tells that there is no such signer epoch.
	ErrUnknownEpoch = errors.Register(ModuleName, 8, "unknown signer epoch")
	// ErrUnknownCheckpoint tells that there never was such a checkpoint, or that it is no longer kept.
	ErrUnknownCheckpoint = errors.Register(ModuleName, 9, "unknown checkpoint")
	// ErrNotPending tells that a checkpoint does not wait for signatures.
	ErrNotPending = errors.Register(ModuleName, 10, "the checkpoint does not wait for signatures")
	// ErrInvalidSignature refuses a signature that is none of a member of the signer set.
	ErrInvalidSignature = errors.Register(ModuleName, 11, "invalid signature")
	// ErrInvalidVote refuses a section of a vote extension.
	ErrInvalidVote = errors.Register(ModuleName, 12, "invalid vote")
	// ErrInvalidParams refuses parameters.
	ErrInvalidParams = errors.Register(ModuleName, 13, "invalid parameters")
	// ErrUnauthorized tells that only the authority may do this.
	ErrUnauthorized = errors.Register(ModuleName, 14, "not the authority")
	// ErrInvalidGenesis refuses a genesis state.
	ErrInvalidGenesis = errors.Register(ModuleName, 15, "invalid genesis")
	// ErrNoEvidence tells that a signature is no offence.
	ErrNoEvidence = errors.Register(ModuleName, 17, "no evidence")
	// ErrNotAbandonable tells that an epoch is not the one that signs, that nothing waits for its signers, or that there are no others.
	ErrNotAbandonable = errors.Register(ModuleName, 18, "the epoch cannot be abandoned")
	// ErrInvariant tells that the state contradicts itself.
	ErrInvariant = errors.Register(ModuleName, 16, "invariant broken")
)
