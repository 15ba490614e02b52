package relayer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Checkpoint is a checkpoint with what proves it.
type Checkpoint struct {
	Sequence   uint64
	Messages   uint64 // in the outbox that its root is of, as a node says
	Content    wire.Checkpoint
	Set        wire.SignerSet
	NextSet    wire.SignerSet         // the set of the next epoch where the content ends its epoch, or else nil
	Signatures []wire.MemberSignature // of more than two thirds of the power, in the order of the set
}

// Validate fails unless the signatures prove the content, and the sets are those that it names.
func (c Checkpoint) Validate() error {
	if err := c.Set.Validate(); err != nil {
		return err
	}
	if c.Set.Root() != c.Content.Set {
		return fmt.Errorf("checkpoint %d is not signed by the set that it names", c.Sequence)
	}
	if err := c.validateNext(); err != nil {
		return err
	}
	return c.Set.CheckSignatures(c.Content.Digest(), c.Signatures)
}

func (c Checkpoint) validateNext() error {
	if !c.Content.EndsEpoch() {
		return nil
	}
	if err := c.NextSet.Validate(); err != nil {
		return fmt.Errorf("the set that checkpoint %d hands over to: %w", c.Sequence, err)
	}
	if c.NextSet.Root() != c.Content.NextSet {
		return fmt.Errorf("checkpoint %d hands over to another set than the one that came with it", c.Sequence)
	}
	return nil
}

// Fewest returns the checkpoint with no more signatures than are needed, those of the most powerful: each costs on the destination.
func (c Checkpoint) Fewest() Checkpoint {
	var power uint64
	for i, s := range c.Signatures { // the set is ordered by power
		power += c.Set[s.Index].Power
		if c.Set.Suffices(power) {
			c.Signatures = c.Signatures[:i+1]
			break
		}
	}
	return c
}

// ErrNone tells that the chain has completed no checkpoint yet.
var ErrNone = errors.New("the chain has completed no checkpoint yet")

// Source is the chain. Its methods may be called concurrently.
type Source interface {
	// Newest returns the newest complete checkpoint; ErrNone if there is none.
	Newest(ctx context.Context) (Checkpoint, error)
	// EndOf returns the checkpoint that ends a signer epoch. It fails if the epoch has not ended.
	EndOf(ctx context.Context, epoch uint64) (Checkpoint, error)
}

// Head is what a destination knows of the chain.
type Head struct {
	Epoch   uint64
	Height  uint64    // 0 before the first checkpoint
	Time    time.Time // of the checkpoint
	StaleAt time.Time // from when on it takes no checkpoint any more
}

// after returns what a client knows that has taken a checkpoint, but for when it becomes stale. The next look at the client may show
// less, if an endpoint lags or a fork has taken it back; then it is handed over again.
func (h Head) after(c wire.Checkpoint) Head {
	h.Height, h.Time = c.Height, c.Time()
	if c.EndsEpoch() {
		h.Epoch = c.Epoch + 1
	}
	return h
}

var (
	// ErrStale tells that a destination has heard of nothing for too long: only its recovery can help.
	ErrStale = errors.New("the client is stale: its signer set is trusted no longer, and only its recovery can help")
	// ErrFunds tells that the relayer's account on a destination cannot pay.
	ErrFunds = errors.New("the relayer's account is out of funds")
)

// Destination is a client of the chain on another chain. Its methods are called by one goroutine.
type Destination interface {
	// Name names it in logs and metrics.
	Name() string
	// Head returns what the client knows now. What a fork takes back it knows no longer, and it is handed over again.
	Head(ctx context.Context) (Head, error)
	// Submit hands a checkpoint over and waits until the client knows it. That it knows it already, by whomever, is success. It fails
	// with ErrStale and ErrFunds among others.
	Submit(ctx context.Context, c Checkpoint) error
}
