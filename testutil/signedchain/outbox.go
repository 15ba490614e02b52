package signedchain

import (
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
