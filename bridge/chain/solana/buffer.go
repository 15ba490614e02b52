package solana

import (
	"bytes"

	"github.com/gagliardetto/solana-go"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
)

// chunkBytes of a buffer fit into a transaction.
const chunkBytes = 900

// fillBuffer returns what a buffer of this payer's lacks of the arguments of an instruction, nil if it is complete.
func (c *Client) fillBuffer(id uint64, whole program.Instruction, buffer *program.Buffer) []transaction {
	body := whole.Arguments()
	switch {
	case buffer != nil && bytes.Equal(buffer.Body, body):
		return nil
	case buffer != nil && len(buffer.Body) != len(body): // of other arguments
		return []transaction{{c.closeOwn(c.program.Buffer(c.Payer(), id))}}
	}
	var batch []transaction
	for at := 0; at < len(body); at += chunkBytes {
		end := min(at+chunkBytes, len(body))
		if buffer != nil && bytes.Equal(buffer.Body[at:end], body[at:end]) {
			continue
		}
		write, err := c.program.WriteBuffer(c.Payer(), id, len(body), at, body[at:end])
		if err != nil {
			return nil // no set or message that is valid is as long
		}
		batch = append(batch, transaction{write})
	}
	return batch
}

// closeOwn returns what closes an account that this payer paid rent for.
func (c *Client) closeOwn(address solana.PublicKey) program.Instruction {
	return c.program.Close(address, c.Payer(), c.Payer())
}
