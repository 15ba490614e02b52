package ipdm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cosmos/cosmos-sdk/types/query"
	"google.golang.org/grpc"

	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

const (
	// pageMessages is how many messages are asked for at once: with payloads about 130 KiB.
	pageMessages = 100
	// maxWaiting bounds how many messages that can be delivered are looked at: those behind have to wait until these are delivered.
	maxWaiting = 10_000
	// maxPages bounds how many are read for that.
	maxPages = 1_000
)

// first returns the answer of the first node that gives one.
func first[T any](ctx context.Context, c *Client, ask func(context.Context, node) (T, error)) (T, error) {
	var failures error
	for _, n := range c.nodes {
		answer, err := ask(ctx, n)
		if err == nil {
			return answer, nil
		}
		failures = errors.Join(failures, fmt.Errorf("%s: %w", n.name, err))
	}
	var none T
	return none, failures
}

// within asks for one answer in time.
func within[Q, A any](ctx context.Context, ask func(context.Context, Q, ...grpc.CallOption) (A, error), question Q) (A, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	return ask(ctx, question)
}

// AtHeight implements relayer.Outbox, by the first node whose answer its signatures prove.
func (c *Client) AtHeight(ctx context.Context, height uint64) (relayer.Checkpoint, error) {
	return first(ctx, c, func(ctx context.Context, n node) (relayer.Checkpoint, error) {
		said, err := within(ctx, n.query.Checkpoint, &types.QueryCheckpointRequest{OfHeight: height})
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
		var last uint64
		page := &query.PageRequest{Limit: pageMessages}
		for pages := 0; pages < maxPages; pages++ {
			said, err := within(ctx, n.query.Outbox, &types.QueryOutboxRequest{Domain: uint32(domain), Pagination: page})
			if err != nil {
				return nil, fmt.Errorf("failed to read the outbox: %w", err)
			}
			now := uint64(time.Now().UnixMilli())
			for _, m := range said.Messages {
				content, err := m.Decode()
				if err != nil {
					return nil, err
				}
				if pages > 0 && content.Nonce <= last {
					return nil, fmt.Errorf("message %d follows message %d", content.Nonce, last)
				}
				if last = content.Nonce; content.TimeoutMillis == 0 || now < content.TimeoutMillis {
					nonces = append(nonces, content.Nonce)
				}
			}
			if len(said.Pagination.GetNextKey()) == 0 || len(said.Messages) == 0 || len(nonces) >= maxWaiting {
				break
			}
			page = &query.PageRequest{Limit: pageMessages, Key: said.Pagination.NextKey}
		}
		return nonces, nil
	})
}

// Proof implements relayer.Outbox, by the first node whose answer proves the message. The checkpoint is believed to be signed: its destination
// knows better.
func (c *Client) Proof(ctx context.Context, nonce, sequence uint64) (relayer.Delivery, error) {
	return first(ctx, c, func(ctx context.Context, n node) (relayer.Delivery, error) {
		said, err := within(ctx, n.query.Proof, &types.QueryProofRequest{Nonce: nonce, Sequence: sequence})
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
		said, err := within(ctx, n.query.Ranges, &types.QueryRangesRequest{Domain: uint32(domain)})
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
