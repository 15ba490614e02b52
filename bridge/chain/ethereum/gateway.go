package ethereum

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipdm-network/ipdm/bridge/ethereum/bindings"
	"github.com/ipdm-network/ipdm/bridge/relayer"
)

// errNoGateway tells that messages are asked of a client that has been given no gateway.
var errNoGateway = errors.New("no gateway is given: only checkpoints are handed over")

// Delivered implements relayer.Gateway: which messages the gateway has taken in the latest block. One counts as taken only if all
// endpoints that answer say so. It fails if none answers.
func (c *Client) Delivered(ctx context.Context, nonces []uint64) ([]bool, error) {
	if c.events == nil {
		return nil, errNoGateway
	}
	binding := bindings.NewGateway()
	answers, err := askAll(c.nodes, func(node endpoint) ([]bool, error) {
		taken := make([]bool, len(nonces))
		for i, nonce := range nonces {
			raw, err := node.read(ctx, c.cfg.Gateway, binding.PackConsumed(nonce), nil)
			if err != nil {
				return nil, err
			}
			if taken[i], err = binding.UnpackConsumed(raw); err != nil {
				return nil, fmt.Errorf("the contract is no gateway of IPDM: %w", err)
			}
		}
		return taken, nil
	})
	if err != nil {
		return nil, fmt.Errorf("failed to read the gateway %s: %w", c.cfg.Gateway, err)
	}
	all := answers[0]
	for _, taken := range answers[1:] {
		for i := range all {
			all[i] = all[i] && taken[i]
		}
	}
	return all, nil
}

// Deliver implements relayer.Gateway. It returns when a block has the delivery. A recipient that refuses is one, too: the gateway's
// event tells.
func (c *Client) Deliver(ctx context.Context, d relayer.Delivery) error {
	if c.events == nil {
		return errNoGateway
	}
	if err := d.Validate(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	path := make([][32]byte, len(d.Path))
	for i, h := range d.Path {
		path[i] = h
	}
	input, err := bindings.NewGateway().TryPackDeliver(d.Checkpoint.Encode(), d.Message.Encode(), d.Payload, d.Count, path)
	if err != nil {
		return fmt.Errorf("failed to encode the call: %w", err)
	}
	if err := c.transact(ctx, call{gatewayAt(c.cfg.Gateway), input}); err != nil {
		return fmt.Errorf("failed to deliver message %d: %w", d.Message.Nonce, err)
	}
	return nil
}

// Events implements relayer.Gateway, as Reader.Events does.
func (c *Client) Events(ctx context.Context, first uint64, limit int) (relayer.Events, error) {
	if c.events == nil {
		return relayer.Events{}, errNoGateway
	}
	return c.events.Events(ctx, first, limit)
}
