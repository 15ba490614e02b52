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
	// ErrUnknownDomain tells that a chain is not known.
	ErrUnknownDomain = errors.Register(ModuleName, 19, "unknown domain")
	// ErrInvalidDomain refuses what is said about a chain.
	ErrInvalidDomain = errors.Register(ModuleName, 20, "invalid domain")
	// ErrUnknownAsset tells that an asset cannot be sent to a chain.
	ErrUnknownAsset = errors.Register(ModuleName, 21, "unknown asset")
	// ErrInvalidAsset refuses an asset.
	ErrInvalidAsset = errors.Register(ModuleName, 22, "invalid asset")
	// ErrInvalidRecipient refuses an address on another chain.
	ErrInvalidRecipient = errors.Register(ModuleName, 23, "invalid address")
	// ErrInvalidAmount refuses an amount.
	ErrInvalidAmount = errors.Register(ModuleName, 24, "invalid amount")
	// ErrLimit tells that the limit of an asset does not allow so much now.
	ErrLimit = errors.Register(ModuleName, 25, "over the limit")
	// ErrInvalidLimit refuses a limit.
	ErrInvalidLimit = errors.Register(ModuleName, 26, "invalid limit")
	// ErrInvalidPayload refuses the payload of a call.
	ErrInvalidPayload = errors.Register(ModuleName, 27, "invalid payload")
	// ErrInvalidTimeout refuses a timeout.
	ErrInvalidTimeout = errors.Register(ModuleName, 28, "invalid timeout")
	// ErrUnknownMessage tells that no such message was sent.
	ErrUnknownMessage = errors.Register(ModuleName, 29, "unknown message")
	// ErrNotRefundable tells that a message cannot be refunded, or not yet.
	ErrNotRefundable = errors.Register(ModuleName, 30, "the message cannot be refunded")
	// ErrNothingOwed tells that nothing is owed for an event.
	ErrNothingOwed = errors.Register(ModuleName, 31, "nothing is owed")
	// ErrPaused tells that the release of value is paused.
	ErrPaused = errors.Register(ModuleName, 32, "the release of value is paused")
	// ErrPauseTooEarly tells that there was a pause a short while ago.
	ErrPauseTooEarly = errors.Register(ModuleName, 33, "too early for another pause")
	// ErrInvalidEvent refuses an event of another chain.
	ErrInvalidEvent = errors.Register(ModuleName, 34, "invalid event")
	// ErrNotAttested tells that the validators have not attested an event yet.
	ErrNotAttested = errors.Register(ModuleName, 35, "the event is not attested")
	// ErrNotTarget tells that a vote is not on the range that is next.
	ErrNotTarget = errors.Register(ModuleName, 36, "not the range that is voted on")
	// ErrUnknownCall tells that no such call waits for a recipient.
	ErrUnknownCall = errors.Register(ModuleName, 37, "unknown call")
)
