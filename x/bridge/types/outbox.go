package types

import "github.com/ipdm-network/ipdm/x/bridge/wire"

// Decode returns what a message says. It fails with ErrInvalidGenesis if its content is malformed.
func (m OutboxMessage) Decode() (wire.Message, error) {
	content, err := wire.DecodeMessage(m.Content)
	if err != nil {
		return wire.Message{}, ErrInvalidGenesis.Wrap(err.Error())
	}
	return content, nil
}

// Ended tells whether the fate of a message is known.
func (m OutboxMessage) Ended() bool { return m.Status != MESSAGE_STATUS_SENT }

// Word names a status for people.
func (s MessageStatus) Word() string {
	switch s {
	case MESSAGE_STATUS_SENT:
		return "sent"
	case MESSAGE_STATUS_DELIVERED:
		return "delivered"
	case MESSAGE_STATUS_REFUSED:
		return "refused"
	case MESSAGE_STATUS_TIMED_OUT:
		return "timed-out"
	}
	return "unknown"
}
