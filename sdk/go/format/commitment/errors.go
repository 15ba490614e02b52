package commitment

import "errors"

// Callers tell failures apart with errors.Is; every error of this package wraps one of these.
var (
	// ErrEmpty reports a commitment to no leaves.
	ErrEmpty = errors.New("commitment has no leaves")
	// ErrTooManyLeaves reports more leaves than MaxLeaves.
	ErrTooManyLeaves = errors.New("too many leaves in one commitment")
	// ErrGap reports a leaf that does not begin where the one before it ends.
	ErrGap = errors.New("leaf does not begin where the previous one ends")
	// ErrLength reports a leaf length outside 1 to MaxLeafLength, or lengths that cannot add up to the total.
	ErrLength = errors.New("invalid leaf length")
	// ErrOffset reports an offset outside the committed bytes, or a leaf or chunk that does not hold it.
	ErrOffset = errors.New("offset is not covered")
	// ErrIndex reports a leaf or chunk index beyond the last.
	ErrIndex = errors.New("index out of range")
	// ErrPath reports a leaf whose path does not lead to the commitment.
	ErrPath = errors.New("path does not lead to the commitment")
	// ErrSlice reports a Bao slice that does not lead to the leaf's digest, or is not made for the leaf's length.
	ErrSlice = errors.New("slice does not match the leaf")
	// ErrEncoding reports bytes of an encoding that are not the ones its leaf names.
	ErrEncoding = errors.New("encoding does not match its leaf")
	// ErrMalformed reports bytes that are not the one binary form of a value.
	ErrMalformed = errors.New("malformed opening")
)
