package types

import (
	"fmt"

	"cosmossdk.io/errors"
)

// Errors of x/porep.
var (
	// ErrClassUnsupported refuses a unit of the sealed class that does not come from a sector.
	ErrClassUnsupported = errors.Register(ModuleName, 2, "class is not supported here")
	// ErrInvalidClass refuses a class that does not exist.
	ErrInvalidClass = errors.Register(ModuleName, 3, "invalid class")
	// ErrInvalidUnit refuses a unit with a wrong commitment, size or provider.
	ErrInvalidUnit = errors.Register(ModuleName, 4, "invalid unit")
	// ErrUnknownUnit tells that there is no such unit.
	ErrUnknownUnit = errors.Register(ModuleName, 5, "unknown unit")
	// ErrUnknownProvider tells that an account proves nothing.
	ErrUnknownProvider = errors.Register(ModuleName, 6, "account proves nothing")
	// ErrWindowClosed tells that no window of the provider is open, or that its deadline has passed.
	ErrWindowClosed = errors.Register(ModuleName, 7, "no open window")
	// ErrWrongWindow tells that a proof is for another window than the open one.
	ErrWrongWindow = errors.Register(ModuleName, 8, "proof is for another window")
	// ErrAlreadySubmitted tells that the window has its proof.
	ErrAlreadySubmitted = errors.Register(ModuleName, 9, "window is proven already")
	// ErrNothingChallenged tells that the window asks for nothing, since no unit is active.
	ErrNothingChallenged = errors.Register(ModuleName, 10, "window has no challenges")
	// ErrInvalidProof tells that a proof cannot be decoded or does not verify; see ProofError.
	ErrInvalidProof = errors.Register(ModuleName, 11, "invalid proof")
	// ErrProofTooLarge tells that a proof is larger than any valid one.
	ErrProofTooLarge = errors.Register(ModuleName, 12, "proof is too large")
	// ErrNotFaulty tells that a unit that is not faulty has nothing to recover from.
	ErrNotFaulty = errors.Register(ModuleName, 13, "unit is not faulty")
	// ErrNotOwner tells that a unit or a sector is another provider's.
	ErrNotOwner = errors.Register(ModuleName, 14, "it is another provider's")
	// ErrAlreadyQueued tells that the unit's recovery or end is queued already.
	ErrAlreadyQueued = errors.Register(ModuleName, 15, "change is queued already")
	// ErrRecoveries tells that a message recovers no unit, or too many.
	ErrRecoveries = errors.Register(ModuleName, 16, "wrong number of recoveries")
	// ErrTerminating refuses units for a provider that is losing all it has.
	ErrTerminating = errors.Register(ModuleName, 17, "provider is being terminated")
	// ErrInvalidParams refuses parameters.
	ErrInvalidParams = errors.Register(ModuleName, 18, "invalid parameters")
	// ErrUnauthorized tells that only the authority may do this.
	ErrUnauthorized = errors.Register(ModuleName, 19, "not the authority")
	// ErrInvalidGenesis refuses a genesis state.
	ErrInvalidGenesis = errors.Register(ModuleName, 20, "invalid genesis")
	// ErrUnits tells that a message names no unit, too many, or one twice.
	ErrUnits = errors.Register(ModuleName, 21, "wrong units")
	// ErrWrongClass tells that a unit is in the map of another class.
	ErrWrongClass = errors.Register(ModuleName, 22, "unit is of another class")
	// ErrMapFrozen refuses a declaration once the map stands still for a window.
	ErrMapFrozen = errors.Register(ModuleName, 23, "too late to declare faults before the next window")
	// ErrNotActive tells that a unit is not sampled at present.
	ErrNotActive = errors.Register(ModuleName, 24, "unit is not active")
	// ErrSectorClass refuses a sector class that the chain does not allow.
	ErrSectorClass = errors.Register(ModuleName, 25, "sector class is not allowed")
	// ErrSectorNumber refuses a number that the provider uses already.
	ErrSectorNumber = errors.Register(ModuleName, 26, "sector number is in use")
	// ErrTicket refuses a ticket that is too old, to come, or unknown.
	ErrTicket = errors.Register(ModuleName, 27, "invalid ticket")
	// ErrPieces refuses pieces that are none, too many, out of order, or do not fit.
	ErrPieces = errors.Register(ModuleName, 28, "invalid pieces")
	// ErrLastLeaf refuses a last leaf that does not belong to the commitment of the deal.
	ErrLastLeaf = errors.Register(ModuleName, 29, "last leaf does not match the commitment")
	// ErrNotAssigned refuses a replica that the provider is not to seal.
	ErrNotAssigned = errors.Register(ModuleName, 30, "replica is not the provider's to seal")
	// ErrCommitment refuses a commitment that is not 32 bytes.
	ErrCommitment = errors.Register(ModuleName, 31, "invalid commitment")
	// ErrUnknownSector tells that there is no such sector.
	ErrUnknownSector = errors.Register(ModuleName, 32, "unknown sector")
	// ErrSectorStatus tells that the sector is not in the state that this needs.
	ErrSectorStatus = errors.Register(ModuleName, 33, "not possible in the sector's present state")
	// ErrTooLate tells that a deadline has passed.
	ErrTooLate = errors.Register(ModuleName, 34, "too late")
	// ErrNotDrawn tells that the randomness of a challenge is not there yet.
	ErrNotDrawn = errors.Register(ModuleName, 35, "challenge is not drawn yet")
	// ErrSealLength refuses a seal proof of another length than its records have.
	ErrSealLength = errors.Register(ModuleName, 36, "seal proof has the wrong length")
	// ErrRecords refuses a name or digest of seal records that is not well-formed.
	ErrRecords = errors.Register(ModuleName, 37, "invalid name of the seal records")
	// ErrPendingSeals tells that too many seal proofs wait for a verdict.
	ErrPendingSeals = errors.Register(ModuleName, 38, "too many seals wait for a verdict")
	// ErrVerdict refuses verdicts that cannot be decoded, or one without power.
	ErrVerdict = errors.Register(ModuleName, 39, "invalid verdict")
	// ErrUnknownValidator refuses a verdict of an account that is no validator.
	ErrUnknownValidator = errors.Register(ModuleName, 40, "unknown validator")
	// ErrRecordIndex refuses an index that no record of the seal has.
	ErrRecordIndex = errors.Register(ModuleName, 41, "seal has no such record")
	// ErrSlice refuses a slice that does not show the record under the seal's root.
	ErrSlice = errors.Register(ModuleName, 42, "slice does not belong to the seal's records")
	// ErrRecordHolds tells that a record shown as false is right.
	ErrRecordHolds = errors.Register(ModuleName, 43, "seal record holds")
	// ErrDemanded tells that the record is demanded already.
	ErrDemanded = errors.Register(ModuleName, 44, "record is demanded already")
	// ErrDemands tells that the seal has as many open demands as it may have.
	ErrDemands = errors.Register(ModuleName, 45, "too many open demands")
	// ErrUnknownDemand tells that the record is not demanded.
	ErrUnknownDemand = errors.Register(ModuleName, 46, "record is not demanded")
	// ErrChallenged tells that the unit has an open challenge, or had one a moment ago.
	ErrChallenged = errors.Register(ModuleName, 47, "unit was challenged a moment ago")
	// ErrChallenges tells that the provider has as many open challenges as it may have.
	ErrChallenges = errors.Register(ModuleName, 48, "too many open challenges")
	// ErrUnknownChallenge tells that there is no such open challenge.
	ErrUnknownChallenge = errors.Register(ModuleName, 49, "unknown challenge")
	// ErrInvalidAddress refuses a text that is no address.
	ErrInvalidAddress = errors.Register(ModuleName, 50, "invalid address")
)

// ProofError tells why a proof was refused. It is ErrInvalidProof to clients of the chain, and both that and its cause to
// errors.Is.
type ProofError struct {
	// Err is the cause, an error of x/porep/proof.
	Err error
}

// Error implements error.
func (e *ProofError) Error() string { return fmt.Sprintf("%s: %s", ErrInvalidProof, e.Err) }

// Unwrap makes errors.Is see both errors.
func (e *ProofError) Unwrap() []error { return []error{ErrInvalidProof, e.Err} }

// Cause gives the chain's clients the code of ErrInvalidProof.
func (e *ProofError) Cause() error { return ErrInvalidProof }
