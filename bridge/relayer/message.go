package relayer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Delivery is a message with what proves it to its destination.
type Delivery struct {
	Checkpoint wire.Checkpoint // one that the destination has accepted
	Message    wire.Message
	Payload    []byte
	Count      uint64      // of the messages in the checkpoint's outbox
	Path       []wire.Hash // from the message's leaf up
}

// Validate fails unless the message is in the checkpoint's outbox, and the payload is its own.
func (d Delivery) Validate() error {
	if len(d.Payload) > wire.MaxPayloadBytes || wire.Sum(d.Payload) != d.Message.PayloadHash {
		return fmt.Errorf("message %d: the payload is another one", d.Message.Nonce)
	}
	tree, err := wire.PathRoot(d.Message.Leaf(), d.Message.Nonce, d.Count, d.Path)
	if err != nil {
		return fmt.Errorf("message %d: %w", d.Message.Nonce, err)
	}
	if wire.OutboxRoot(d.Count, tree) != d.Checkpoint.OutboxRoot {
		return fmt.Errorf("message %d: %w of checkpoint %s", d.Message.Nonce, wire.ErrProof, d.Checkpoint.Digest())
	}
	return nil
}

var (
	// ErrTimedOut tells that a message can be delivered no more: the chain gives back what it carries.
	ErrTimedOut = errors.New("the message has timed out: it can be refunded")
	// ErrNotYet tells that a message cannot be delivered now, but may be later, such as when its recipient has made an account.
	ErrNotYet = errors.New("the message cannot be delivered yet")
)

// Events are events of a gateway.
type Events struct {
	Records []wire.EventRecord // in order, their nonces follow each other
	// Through is a final time of the gateway's chain: all events of blocks up to then are in Records, from the first that was asked
	// for, unless Records is as long as the limit.
	Through time.Time
}

// EventProof is an event with what proves it to the chain.
type EventProof struct {
	Record wire.EventRecord
	Path   []wire.Hash // from the event's leaf up to the root of its range
}

// Attested are events that the chain's validators have attested, and that nobody has handed in.
type Attested struct {
	Next   uint64 // nonce of the event that has to be handed in next
	Ranges []AttestedRange
}

// AttestedRange is one range of them.
type AttestedRange struct {
	First uint64
	Count uint32
	Root  wire.Hash
}

// Outbox is where the chain's messages come from. Its methods may be called concurrently.
type Outbox interface {
	// AtHeight returns the complete checkpoint of a height. It fails if the chain keeps it no more: then a newer one has to be handed over.
	AtHeight(ctx context.Context, height uint64) (Checkpoint, error)
	// Waiting returns the nonces of messages to a domain that have not timed out, and whose fate the chain does not know, ascending.
	Waiting(ctx context.Context, domain wire.Domain) ([]uint64, error)
	// Proof proves a message by a checkpoint.
	Proof(ctx context.Context, nonce, sequence uint64) (Delivery, error)
}

// Inbox is where the chain takes events of other chains. Its methods may be called concurrently.
type Inbox interface {
	// Attested returns the oldest ranges of a domain's events that are to be handed in.
	Attested(ctx context.Context, domain wire.Domain) (Attested, error)
	// Take hands events in, at most MaxEventProofs in their order, and waits until a block has them. That they are there already, by whomever,
	// is success. It fails with ErrFunds among others.
	Take(ctx context.Context, domain wire.Domain, proofs []EventProof) error
}

// MaxEventProofs bounds what is handed in at once.
const MaxEventProofs = 32

// Gateway is where a destination takes messages and tells of events. Its methods but Events are called by the goroutine that calls
// those of Destination; Events may be called by another one at the same time.
type Gateway interface {
	Destination
	// Delivered tells which of the messages with these nonces the gateway has taken, as far as Head shows.
	Delivered(ctx context.Context, nonces []uint64) ([]bool, error)
	// Deliver hands a message over, and waits until the gateway has taken it. That it has already, by whomever, is success. It fails
	// with ErrTimedOut, ErrNotYet and ErrFunds among others.
	Deliver(ctx context.Context, d Delivery) error
	// Events reads events that are final, at most limit from a nonce on, from all endpoints that answer, which have to agree: two at
	// least where two are given. It fails if an event that there was is no longer to be had.
	Events(ctx context.Context, first uint64, limit int) (Events, error)
}
