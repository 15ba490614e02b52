package types

import (
	"fmt"

	"cosmossdk.io/errors"
)

// Errors of x/porep.
var (
	// ErrClassUnsupported refuses the sealed class, whose proofs do not exist yet.
	ErrClassUnsupported = errors.Register(ModuleName, 2, "the sealed class is not available yet")
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
	// ErrNotOwner tells that a unit is another provider's.
	ErrNotOwner = errors.Register(ModuleName, 14, "unit is another provider's")
	// ErrAlreadyQueued tells that the unit's recovery or removal is queued already.
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
