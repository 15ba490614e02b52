package transfer

import (
	"errors"
	"fmt"

	datav1 "github.com/ipdm-network/ipdm/sdk/go/data/v1"
)

var (
	// ErrNotAllowed reports a request that the peer takes from others only.
	ErrNotAllowed = errors.New("not allowed")
	// ErrNotOffered reports an operation that the peer does not have.
	ErrNotOffered = errors.New("not offered by the peer")
	// ErrNotFound reports a request about something that is not there.
	ErrNotFound = errors.New("not found")
	// ErrInvalid reports a request, or content, that is not well-formed.
	ErrInvalid = errors.New("invalid request")
	// ErrFull reports that there is no room for what was offered.
	ErrFull = errors.New("no room to store it")
	// ErrFailed reports that the peer failed for a reason of its own.
	ErrFailed = errors.New("the peer failed")
	// ErrProtocol reports a peer that does not keep to the protocol: malformed or oversize messages, encodings that are
	// damaged or were not asked for.
	ErrProtocol = errors.New("peer broke the data protocol")
	// ErrClosed reports a call after Close.
	ErrClosed = errors.New("data protocol is closed")
)

// refusals pairs the errors that travel with their reasons.
var refusals = []struct {
	err    error
	reason datav1.RefusalReason
}{
	{ErrNotAllowed, datav1.RefusalReason_REFUSAL_REASON_NOT_ALLOWED},
	{ErrNotOffered, datav1.RefusalReason_REFUSAL_REASON_NOT_OFFERED},
	{ErrNotFound, datav1.RefusalReason_REFUSAL_REASON_NOT_FOUND},
	{ErrInvalid, datav1.RefusalReason_REFUSAL_REASON_INVALID},
	{ErrFull, datav1.RefusalReason_REFUSAL_REASON_FULL},
}

// maxRefusalText bounds the text of a refusal, in bytes.
const maxRefusalText = 512

// refusalOf returns the refusal that tells err. The text of an error that is not meant to travel stays here.
func refusalOf(err error) *datav1.Refusal {
	for _, r := range refusals {
		if errors.Is(err, r.err) {
			text := err.Error()
			return &datav1.Refusal{Reason: r.reason, Message: text[:min(len(text), maxRefusalText)]}
		}
	}
	return &datav1.Refusal{Reason: datav1.RefusalReason_REFUSAL_REASON_FAILED, Message: "internal error"}
}

// errorOf returns the error that a refusal tells.
func errorOf(r *datav1.Refusal) error {
	text := r.GetMessage()
	text = text[:min(len(text), maxRefusalText)]
	for _, known := range refusals {
		if r.GetReason() == known.reason {
			return fmt.Errorf("%w: %q", known.err, text)
		}
	}
	return fmt.Errorf("%w: %q", ErrFailed, text)
}
