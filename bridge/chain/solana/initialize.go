package solana

import (
	"context"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Initialize puts the first signer set and makes the program's client and gateway, and waits until that is finalized. The key is that
// of the program's own address, which is of no use afterwards. A client of the same chain that is there already is success: it may be
// far past its beginning.
func (c *Client) Initialize(ctx context.Context, g program.Genesis, first wire.SignerSet, key solana.PrivateKey) error {
	if err := first.Validate(); err != nil {
		return err
	}
	if root := first.Root(); root != g.Set {
		return fmt.Errorf("the genesis names signer set %s, the set given is %s", g.Set, root)
	}
	if _, err := solana.ValidatePrivateKey(key); err != nil || key.PublicKey() != c.program.ID {
		return fmt.Errorf("the program's own key has to sign, that of address %s", c.program.ID)
	}
	return c.pursue(ctx, func(ctx context.Context, n int) (progress, error) {
		head, err := c.finalized(ctx)
		switch {
		case err == nil && head.Chain != g.Chain:
			return waiting, fmt.Errorf("the client on Solana follows chain %s, the genesis is of %s", head.Chain, g.Chain)
		case err == nil:
			return done, nil
		case !errors.Is(err, ErrNoClient):
			return waiting, err
		}
		return c.begin(ctx, n, g, first, key)
	})
}

// begin sends what is missing of a genesis.
func (c *Client) begin(ctx context.Context, n int, g program.Genesis, first wire.SignerSet, key solana.PrivateKey) (progress, error) {
	addresses := append(c.puttingAddresses(first), c.program.Client())
	found, err := c.nodes[n].accounts(ctx, c.program, rpc.CommitmentConfirmed, 0, addresses...)
	if err != nil {
		return waiting, err
	}
	p, err := c.readPutting(first, found[0], found[1])
	if err != nil {
		return waiting, err
	}
	if found[2] != nil {
		return waiting, nil // until it is finalized
	}
	batch := c.put(p)
	switch {
	case p.account != nil && p.buffer != nil:
		batch = []transaction{{c.program.Initialize(c.Payer(), g), c.closeOwn(c.bufferOf(first))}}
	case p.account != nil:
		batch = []transaction{{c.program.Initialize(c.Payer(), g)}}
	case p.buffer != nil && len(batch) == 1:
		batch[0] = batch[0][:1] // nothing can be closed before there is a client
	}
	if _, err := c.send(ctx, n, batch, key); err != nil {
		return waiting, err
	}
	return moving, nil
}
