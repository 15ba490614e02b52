package bridgesign

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/ipdm-network/ipdm/app/abci"
	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Chain is the newest committed state. Its methods may be called at any time.
type Chain interface {
	// PendingCheckpoint is the query of x/bridge.
	PendingCheckpoint(ctx context.Context) (*types.QueryPendingResponse, error)
}

// Source signs checkpoints. It is safe for concurrent use.
type Source struct {
	ring  *Ring
	chain atomic.Pointer[Chain]
}

var _ abci.Source = (*Source)(nil)

// NewSource returns a source that signs with the keys of a ring. It says nothing before Attach.
func NewSource(ring *Ring) *Source { return &Source{ring: ring} }

// Attach gives the source the state to read.
func (s *Source) Attach(chain Chain) { s.chain.Store(&chain) }

// Kind implements abci.Source.
func (s *Source) Kind() abci.SectionKind { return abci.KindBridgeSignature }

// Pending implements abci.Source: it signs the newest checkpoint, as long as state does not show this node's signature.
func (s *Source) Pending(ctx context.Context, _ int64, limitBytes int) ([]byte, error) {
	chain := s.chain.Load()
	if chain == nil || limitBytes < wire.SignerVoteBytes {
		return nil, nil
	}
	pending, err := (*chain).PendingCheckpoint(ctx)
	if err != nil {
		return nil, fmt.Errorf("failed to read the pending checkpoint: %w", err)
	}
	if pending.Checkpoint == nil {
		return nil, nil
	}
	vote, signs, err := Sign(s.ring, pending)
	if err != nil || !signs {
		return nil, err
	}
	return vote.Encode(), nil
}

// Sign signs the newest checkpoint with the key in the ring that is a member of its signer set and has not signed yet. It tells
// whether there is one.
func Sign(ring *Ring, pending *types.QueryPendingResponse) (wire.SignerVote, bool, error) {
	content, err := pending.Checkpoint.Decode()
	if err != nil {
		return wire.SignerVote{}, false, err
	}
	set, err := pending.SignerEpoch.Set()
	if err != nil {
		return wire.SignerVote{}, false, err
	}
	for i, member := range set {
		if pending.Checkpoint.Signed(i) {
			continue
		}
		key := ring.key(member.Address)
		if key == nil {
			continue
		}
		signature, err := wire.Sign(content.Digest(), key)
		return wire.SignerVote{Sequence: pending.Checkpoint.Sequence, Signature: signature}, err == nil, err
	}
	return wire.SignerVote{}, false, nil
}
