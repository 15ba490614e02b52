package wire

import (
	"encoding/binary"
	"fmt"
)

const (
	// MessageBytes and EventBytes are the sizes of an encoded message and event.
	MessageBytes = 160
	EventBytes   = 159
	// MaxPayloadBytes bounds the payload of either.
	MaxPayloadBytes = 1024

	messageTag = "IPDM/msg/v1"
	eventTag   = "IPDM/ev/v1"
)

// Kind is what a message or an event is about.
type Kind uint8

// The kinds. KindControl is of messages only, KindDelivery of events.
const (
	KindTransfer Kind = 1
	KindCall     Kind = 2
	KindControl  Kind = 3
	KindDelivery Kind = 4
)

// Domain is the number of a chain. IPDM is domain 0.
type Domain uint32

// Message is what IPDM sends to another chain.
type Message struct {
	Kind          Kind
	Domain        Domain // of the destination
	Application   Party  // the gateway there
	Nonce         uint64 // index in the outbox tree
	Sender        Party  // zero for KindControl
	Recipient     Party
	TimeoutMillis uint64 // since 1970 in the destination's time, 0 is never
	PayloadHash   Hash
}

// Encode returns the MessageBytes of a message.
func (m Message) Encode() []byte {
	out := append(make([]byte, 0, MessageBytes), messageTag...)
	return appendFields(out, m.Kind, m.Domain, m.Application, m.Nonce, m.Sender, m.Recipient, m.TimeoutMillis, m.PayloadHash)
}

// DecodeMessage reads a message. It fails with ErrMalformed if the bytes are none.
func DecodeMessage(raw []byte) (Message, error) {
	if len(raw) != MessageBytes || string(raw[:len(messageTag)]) != messageTag {
		return Message{}, fmt.Errorf("%w message: expected %d bytes that begin with %s, got %d", ErrMalformed, MessageBytes, messageTag, len(raw))
	}
	in := cursor(raw[len(messageTag):])
	m := Message{
		Kind: Kind(in.u8()), Domain: Domain(in.u32()), Application: in.word(), Nonce: in.u64(),
		Sender: in.word(), Recipient: in.word(), TimeoutMillis: in.u64(), PayloadHash: in.word(),
	}
	if m.Kind < KindTransfer || m.Kind > KindControl {
		return Message{}, fmt.Errorf("%w message: kind %d", ErrMalformed, m.Kind)
	}
	return m, nil
}

// Leaf returns the message's leaf in the outbox tree.
func (m Message) Leaf() Hash { return LeafHash(m.Encode()) }

// Event is what a gateway tells IPDM.
type Event struct {
	Kind        Kind
	Domain      Domain // of the gateway's chain
	Application Party  // the gateway
	Nonce       uint64 // counts the gateway's events from 0
	Sender      Party
	Recipient   Party
	TimeMillis  uint64 // of the block, since 1970
	PayloadHash Hash
}

// Encode returns the EventBytes of an event.
func (e Event) Encode() []byte {
	out := append(make([]byte, 0, EventBytes), eventTag...)
	return appendFields(out, e.Kind, e.Domain, e.Application, e.Nonce, e.Sender, e.Recipient, e.TimeMillis, e.PayloadHash)
}

// DecodeEvent reads an event, of whatever kind: one that nobody knows has to be passed over. It fails with ErrMalformed if the bytes are none.
func DecodeEvent(raw []byte) (Event, error) {
	if len(raw) != EventBytes || string(raw[:len(eventTag)]) != eventTag {
		return Event{}, fmt.Errorf("%w event: expected %d bytes that begin with %s, got %d", ErrMalformed, EventBytes, eventTag, len(raw))
	}
	in := cursor(raw[len(eventTag):])
	e := Event{
		Kind: Kind(in.u8()), Domain: Domain(in.u32()), Application: in.word(), Nonce: in.u64(),
		Sender: in.word(), Recipient: in.word(), TimeMillis: in.u64(), PayloadHash: in.word(),
	}
	if e.Kind == 0 {
		return Event{}, fmt.Errorf("%w event: kind 0", ErrMalformed)
	}
	return e, nil
}

// Leaf returns the event's leaf in the tree over a range.
func (e Event) Leaf() Hash { return LeafHash(e.Encode()) }

func appendFields(out []byte, k Kind, d Domain, app Party, nonce uint64, from, to Party, millis uint64, payload Hash) []byte {
	out = append(out, byte(k))
	out = binary.BigEndian.AppendUint32(out, uint32(d))
	out = append(out, app[:]...)
	out = binary.BigEndian.AppendUint64(out, nonce)
	out = append(out, from[:]...)
	out = append(out, to[:]...)
	out = binary.BigEndian.AppendUint64(out, millis)
	return append(out, payload[:]...)
}
