package wire

import "fmt"

// EventRecord is an event with its payload.
type EventRecord struct {
	Event
	Payload []byte
}

// Validate fails with ErrMalformed unless the payload is the event's, and no longer than one may be.
func (r EventRecord) Validate() error {
	switch {
	case len(r.Payload) > MaxPayloadBytes:
		return fmt.Errorf("%w event %d: a payload of %d bytes, at most %d", ErrMalformed, r.Nonce, len(r.Payload), MaxPayloadBytes)
	case Sum(r.Payload) != r.PayloadHash:
		return fmt.Errorf("%w event %d: the payload is another one", ErrMalformed, r.Nonce)
	}
	return nil
}
