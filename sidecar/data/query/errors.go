package query

import (
	"errors"
	"fmt"
)

var (
	// ErrSyntax reports a text that is no query; the error is a SyntaxError.
	ErrSyntax = errors.New("invalid query")
	// ErrCursor reports bytes that are no cursor, or one of another order.
	ErrCursor = errors.New("invalid cursor")
)

// SyntaxError says where a query stops making sense.
type SyntaxError struct {
	// Column is the place in the text, in bytes, beginning with 1.
	Column int
	// Expected is what should stand there.
	Expected string
	// Found is what stands there instead.
	Found string
}

// Error implements error.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%v: expected %s at column %d, found %s", ErrSyntax, e.Expected, e.Column, e.Found)
}

// Is makes errors.Is hold for ErrSyntax.
func (e *SyntaxError) Is(target error) bool { return target == ErrSyntax }
