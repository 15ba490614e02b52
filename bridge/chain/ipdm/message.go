package ipdm

import (
	"context"
	"errors"
	"fmt"

	"github.com/cosmos/cosmos-sdk/types/query"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

const (
	// pageMessages is how many messages are asked for at once: with payloads about 130 KiB.
	pageMessages = 100
	// maxWaiting bounds how many messages are looked at: those behind have to wait until these are delivered, or refunded.
	maxWaiting = 10_000
)

// first returns the answer of the first node that gives one. That something is not there is an answer.
func first[T any](ctx context.Context, c *Client, ask func(context.Context, node) (T, error)) (T, error) {
	var failures error
	for _, n := range c.nodes {
		within, cancel := context.WithTimeout(ctx, askTimeout)
		answer, err := ask(within, n)
		cancel()
		if err == nil {
			return answer, nil
		}
		failures = errors.Join(failures, fmt.Errorf("%s: %w", n.name, err))
	}
	var none T
	return none, failures
}

// AtHeight implements relayer.Outbox, by the first node whose answer its signatures prove.
func (c *Client) AtHeight(ctx context.Context, height uint64) (relayer.Checkpoint, error) {
	return first(ctx, c, func(ctx context.Context, n node) (relayer.Checkpoint, error) {
		said, err := n.query.Checkpoint(ctx, &types.QueryCheckpointRequest{OfHeight: height})
		if status.Code(err) == codes.NotFound {
			return relayer.Checkpoint{}, fmt.Errorf("%w: of height %d", relayer.ErrPruned, height)
		}
		if err != nil {
			return relayer.Checkpoint{}, fmt.Errorf("failed to read the checkpoint of height %d: %w", height, err)
		}
		out, err := n.proven(ctx, said)
		if err == nil && out.Content.Height != height {
			err = fmt.Errorf("the node answers with the checkpoint of height %d for that of %d", out.Content.Height, height)
		}
		return out, err
	})
}

// Waiting implements relayer.Outbox, by the first node that answers. It returns the oldest 10,000.
func (c *Client) Waiting(ctx context.Context, domain wire.Domain) ([]uint64, error) {
	return first(ctx, c, func(ctx context.Context, n node) ([]uint64, error) {
		var nonces []uint64
		page := &query.PageRequest{Limit: pageMessages}
		for {
			said, err := n.query.Outbox(ctx, &types.QueryOutboxRequest{Domain: uint32(domain), Pagination: page})
			if err != nil {
				return nil, fmt.Errorf("failed to read the outbox: %w", err)
			}
			for _, m := range said.Messages {
				content, err := m.Decode()
				if err != nil {
					return nil, err
				}
				if n := len(nonces); n > 0 && content.Nonce <= nonces[n-1] {
					return nil, fmt.Errorf("message %d follows message %d", content.Nonce, nonces[n-1])
				}
				nonces = append(nonces, content.Nonce)
			}
			if len(said.Pagination.GetNextKey()) == 0 || len(said.Messages) == 0 || len(nonces) >= maxWaiting {
				return nonces, nil
			}
			page = &query.PageRequest{Limit: pageMessages, Key: said.Pagination.NextKey}
		}
	})
}

// Proof implements relayer.Outbox, by the first node whose answer proves the message. The checkpoint is believed to be signed: its destination
// knows better.
func (c *Client) Proof(ctx context.Context, nonce, sequence uint64) (relayer.Delivery, error) {
	return first(ctx, c, func(ctx context.Context, n node) (relayer.Delivery, error) {
		said, err := n.query.Proof(ctx, &types.QueryProofRequest{Nonce: nonce, Sequence: sequence})
		if err != nil {
			return relayer.Delivery{}, fmt.Errorf("failed to read the proof of message %d: %w", nonce, err)
		}
		d := relayer.Delivery{Payload: said.Payload, Count: said.Count}
		if d.Checkpoint, err = wire.DecodeCheckpoint(said.Checkpoint); err != nil {
			return relayer.Delivery{}, err
		}
		if d.Message, err = wire.DecodeMessage(said.Message); err != nil {
			return relayer.Delivery{}, err
		}
		if d.Path, err = hashes(said.Path); err != nil {
			return relayer.Delivery{}, err
		}
		return d, d.Validate()
	})
}

// Attested tells which events of a domain are to be handed in, by the first node that answers: the oldest 16 ranges.
func (c *Client) Attested(ctx context.Context, domain wire.Domain) (relayer.Attested, error) {
	return first(ctx, c, func(ctx context.Context, n node) (relayer.Attested, error) {
		said, err := n.query.Ranges(ctx, &types.QueryRangesRequest{Domain: uint32(domain)})
		if err != nil {
			return relayer.Attested{}, fmt.Errorf("failed to read the attested ranges of domain %d: %w", domain, err)
		}
		out := relayer.Attested{Next: said.NextNonce}
		for _, r := range said.Ranges {
			if len(r.Root) != len(wire.Hash{}) || r.Count == 0 || r.Count > wire.MaxRangeEvents {
				return relayer.Attested{}, fmt.Errorf("the range of domain %d from %d is malformed", domain, r.FirstNonce)
			}
			out.Ranges = append(out.Ranges, relayer.AttestedRange{First: r.FirstNonce, Count: r.Count, Root: wire.Hash(r.Root)})
		}
		return out, nil
	})
}

func hashes(raw [][]byte) ([]wire.Hash, error) {
	out := make([]wire.Hash, len(raw))
	for i, r := range raw {
		if len(r) != len(out[i]) {
			return nil, fmt.Errorf("a hash of %d bytes in a path", len(r))
		}
		out[i] = wire.Hash(r)
	}
	return out, nil
}
