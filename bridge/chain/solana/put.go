package solana

import (
	"encoding/binary"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// putting is a signer set on its way to its account.
type putting struct {
	set     wire.SignerSet
	account *program.Set    // nil until it is put
	buffer  *program.Buffer // of this payer, nil if there is none
}

// bufferOf returns the address of the buffer that a set goes through: always the same, so that whoever begins again finds it.
func (c *Client) bufferOf(set wire.SignerSet) solana.PublicKey {
	return c.program.Buffer(c.Payer(), bufferID(set))
}

func bufferID(set wire.SignerSet) uint64 {
	root := set.Root()
	return binary.BigEndian.Uint64(root[:])
}

// puttingAddresses returns where a set is, and where its buffer.
func (c *Client) puttingAddresses(set wire.SignerSet) []solana.PublicKey {
	return []solana.PublicKey{c.program.Set(set.Root()), c.bufferOf(set)}
}

// readPutting reads the accounts at these addresses.
func (c *Client) readPutting(set wire.SignerSet, account, buffer []byte) (putting, error) {
	out := putting{set: set}
	if account != nil {
		there, err := program.DecodeSet(account)
		if err != nil {
			return putting{}, fmt.Errorf("signer set: %w", err)
		}
		out.account = &there
	}
	if buffer != nil {
		there, err := program.DecodeBuffer(buffer)
		if err != nil {
			return putting{}, fmt.Errorf("buffer: %w", err)
		}
		out.buffer = &there
	}
	return out, nil
}

// put returns what brings a set nearer to its account: what its buffer lacks, or else what puts it.
func (c *Client) put(p putting) []transaction {
	if p.account != nil {
		return nil
	}
	if batch := c.fill(p); batch != nil {
		return batch
	}
	return []transaction{c.place(p)}
}

// place returns what puts a set whose buffer lacks nothing: itself if it fits into a transaction, or else what takes it from its
// buffer, and closes that.
func (c *Client) place(p putting) transaction {
	whole := c.program.PutSet(c.Payer(), p.set)
	if t := (transaction{whole}); c.fits(t) {
		return t
	}
	return transaction{whole.InBuffer(c.Payer(), bufferID(p.set)), c.closeOwn(c.bufferOf(p.set))}
}

// fill returns what the buffer of a set lacks, nil if it is complete or none is needed.
func (c *Client) fill(p putting) []transaction {
	whole := c.program.PutSet(c.Payer(), p.set)
	if c.fits(transaction{whole}) {
		return nil
	}
	return c.fillBuffer(bufferID(p.set), whole, p.buffer)
}
