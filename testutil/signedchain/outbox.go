package signedchain

import (
	"context"
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// sent is a message with its payload.
type sent struct {
	wire.Message
	payload []byte
}

// Send puts a message into the outbox, with its nonce and the hash of a payload, and returns the nonce. The next checkpoint has it.
func (c *Chain) Send(m wire.Message, payload []byte) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	m.Nonce, m.PayloadHash = c.outbox.Count(), wire.Sum(payload)
	c.outbox.Append(m.Leaf())
	c.messages = append(c.messages, sent{m, payload})
	return m.Nonce
}

// Delivery proves a message by the newest checkpoint, which has to be the one after all messages.
func (c *Chain) Delivery(nonce uint64) relayer.Delivery {
	c.mu.Lock()
	defer c.mu.Unlock()
	path, err := c.outbox.Path(nonce)
	require.NoError(c.t, err)
	m := c.messages[nonce]
	d := relayer.Delivery{
		Checkpoint: c.checkpoints[len(c.checkpoints)-1].Content, Message: m.Message, Payload: m.payload, Count: c.outbox.Count(), Path: path,
	}
	require.NoError(c.t, d.Validate())
	return d
}

// AtHeight implements relayer.Outbox.
func (c *Chain) AtHeight(_ context.Context, height uint64) (relayer.Checkpoint, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.checkpoints {
		if s.Content.Height == height {
			return s, nil
		}
	}
	return relayer.Checkpoint{}, fmt.Errorf("no checkpoint of height %d", height)
}

// Waiting implements relayer.Outbox. The chain never hears what became of a message.
func (c *Chain) Waiting(_ context.Context, domain wire.Domain) ([]uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fail != nil {
		return nil, c.fail
	}
	var nonces []uint64
	for _, m := range c.messages {
		if m.Domain == domain {
			nonces = append(nonces, m.Nonce)
		}
	}
	return nonces, nil
}

// Proof implements relayer.Outbox.
func (c *Chain) Proof(_ context.Context, nonce, sequence uint64) (relayer.Delivery, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	checkpoint := c.checkpoints[sequence-1]
	tree := wire.NewTree()
	for _, m := range c.messages[:checkpoint.Messages] {
		tree.Append(m.Leaf())
	}
	path, err := tree.Path(nonce)
	m := c.messages[nonce]
	return relayer.Delivery{Checkpoint: checkpoint.Content, Message: m.Message, Payload: m.payload, Count: checkpoint.Messages, Path: path}, err
}
