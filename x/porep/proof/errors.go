package proof

import (
	"errors"
	"fmt"
)

var (
	// ErrMalformed reports bytes that are not the one binary form of a proof, or a value that has none.
	ErrMalformed = errors.New("malformed proof")
	// ErrVersion reports a proof of another format version.
	ErrVersion = errors.New("unsupported proof version")
	// ErrTooLarge reports a proof beyond MaxProofSize or MaxOpenings.
	ErrTooLarge = errors.New("proof is too large")
	// ErrWindow reports a proof made for another window.
	ErrWindow = errors.New("proof is of another window")
	// ErrCount reports a proof with another number of openings than there are challenges.
	ErrCount = errors.New("wrong number of openings")
	// ErrChallenge reports a challenge that asks for a byte outside its unit; no proof can answer it.
	ErrChallenge = errors.New("invalid challenge")
	// ErrNode reports a node that does not belong to the replica's root at its place.
	ErrNode = errors.New("node does not belong to the replica")
	// ErrLastLeaf reports an activation proof whose last leaf does not authenticate the total length.
	ErrLastLeaf = errors.New("last leaf does not match the commitment")
)

// OpeningError names the opening that failed to verify, or could not be made. It wraps the cause, which is one of the errors of
// package commitment when an opening is invalid.
type OpeningError struct {
	// Index is the position of the opening among the challenges, counted from 0.
	Index int
	// Err is the cause.
	Err error
}

// Error implements error.
func (e *OpeningError) Error() string { return fmt.Sprintf("opening %d: %v", e.Index, e.Err) }

// Unwrap returns the cause.
func (e *OpeningError) Unwrap() error { return e.Err }
