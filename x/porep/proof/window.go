package proof

import (
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
)

// WindowProof is a provider's answer to the challenges of one window in one class.
type WindowProof struct {
	// Class is the class proven.
	Class Class
	// Window is the index of the window.
	Window uint64
	// Openings answer the challenges in their order; nil stands for one that the provider declares missing.
	Openings []*commitment.Opening
}

// Verify checks wp against the challenges of a window: every opening shows the byte its challenge asks for, or is declared
// missing. It returns the positions declared missing, in rising order.
//
// It fails with ErrWindow, ErrCount, ErrClassUnsupported, ErrClassUnknown, ErrMalformed or ErrChallenge, and
// with an OpeningError when an opening is invalid; the challenges come from a seed that binds chain, provider and window, so
// an answer to other challenges is invalid. Work is about 10 microseconds for each opening.
func Verify(wp *WindowProof, window uint64, challenges []Challenge) (missing []int, err error) {
	if wp == nil {
		return nil, fmt.Errorf("%w: no proof", ErrMalformed)
	}
	if err := wp.Class.Check(); err != nil {
		return nil, err
	}
	if wp.Window != window {
		return nil, fmt.Errorf("%w: made for %d, want %d", ErrWindow, wp.Window, window)
	}
	if err := checkCount(len(wp.Openings)); err != nil {
		return nil, err
	}
	if len(wp.Openings) != len(challenges) {
		return nil, fmt.Errorf("%w: %d, want %d", ErrCount, len(wp.Openings), len(challenges))
	}
	for i, c := range challenges {
		if c.Offset >= c.TotalBytes {
			return nil, &OpeningError{i, fmt.Errorf("%w: byte %d of %d", ErrChallenge, c.Offset, c.TotalBytes)}
		}
		if wp.Openings[i] == nil {
			missing = append(missing, i)
			continue
		}
		if err := commitment.Verify(c.CommD, c.TotalBytes, c.Offset, wp.Openings[i]); err != nil {
			return nil, &OpeningError{i, err}
		}
	}
	return missing, nil
}

// checkCount refuses numbers of openings that no proof has.
func checkCount(n int) error {
	if n == 0 {
		return fmt.Errorf("%w: no openings", ErrMalformed)
	}
	if n > MaxOpenings {
		return fmt.Errorf("%w: %d openings, at most %d", ErrTooLarge, n, MaxOpenings)
	}
	return nil
}
