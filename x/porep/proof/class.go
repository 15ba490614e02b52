package proof

import (
	"errors"
	"fmt"
)

// Class says what a proof is evidence of. Its values are part of the wire formats.
type Class uint8

const (
	// ClassOpen proves that the provider can produce the bytes in time.
	ClassOpen Class = 1
	// ClassSealed proves a distinct replica that is slow to make again; see SealedWindowProof and package sdr.
	ClassSealed Class = 2
)

var (
	// ErrClassUnsupported reports a class that exists but is proven in another way.
	ErrClassUnsupported = errors.New("class has other proofs")
	// ErrClassUnknown reports a number that is no class.
	ErrClassUnknown = errors.New("unknown proof class")
)

// String returns the class's name as users write it.
func (c Class) String() string {
	switch c {
	case ClassOpen:
		return "open"
	case ClassSealed:
		return "sealed"
	default:
		return fmt.Sprintf("class(%d)", uint8(c))
	}
}

// Check returns nil when openings of a commitment are proofs of the class, else an error that wraps ErrClassUnsupported, as for the
// sealed class, or ErrClassUnknown.
func (c Class) Check() error {
	switch c {
	case ClassOpen:
		return nil
	case ClassSealed:
		return fmt.Errorf("%w: %s", ErrClassUnsupported, c)
	default:
		return fmt.Errorf("%w: %d", ErrClassUnknown, uint8(c))
	}
}
