package solana

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// ErrOtherGenesis tells that there is a client at the program's address, but it began with other values than were asked for.
var ErrOtherGenesis = errors.New("the program on Solana was initialized otherwise")

// Initialize puts the first signer set and makes the program's client and gateway, and waits until that is finalized. The key is that
// of the program's own address, which is of no use afterwards. A client and gateway that began with the same values are success, however far
// they have come. It fails with ErrOtherGenesis where those that are there have another chain, domain, period, delay or recovery key, another
// guardian that no message has named, or another signer set in the epoch of genesis; and with program.ErrGenesis, before anything is paid
// for, for what the program would refuse.
func (c *Client) Initialize(ctx context.Context, g program.Genesis, first wire.SignerSet, key solana.PrivateKey) error {
	if err := g.Validate(); err != nil {
		return err
	}
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
		begun, err := c.hasBegun(ctx, g)
		switch {
		case begun || errors.Is(err, ErrOtherGenesis):
			return done, err
		case err != nil:
			return waiting, err
		}
		return c.begin(ctx, n, g, first, key)
	})
}

// beginning is what a node shows of client and gateway at commitment finalized.
type beginning struct {
	found bool
	other error // how they differ from what was asked for
}

// hasBegun tells whether there are client and gateway, as two nodes show or the only one, and fails with ErrOtherGenesis if they began otherwise.
func (c *Client) hasBegun(ctx context.Context, g program.Genesis) (bool, error) {
	answers, err := ask(ctx, c.nodes, func(ctx context.Context, n *node) (beginning, error) { return c.beginningAt(ctx, n, g) })
	if err != nil {
		return false, err
	}
	if !vouched(c.nodes, answers, func(b beginning) bool { return b.found }) {
		return false, nil
	}
	if vouched(c.nodes, answers, func(b beginning) bool { return b.found && b.other == nil }) {
		return true, nil
	}
	for _, a := range answers {
		err = cmp.Or(err, a.said.other)
	}
	return false, err
}

func (c *Client) beginningAt(ctx context.Context, n *node, g program.Genesis) (beginning, error) {
	found, err := n.accounts(ctx, c.program, rpc.CommitmentFinalized, 0, c.program.Client(), c.program.Gateway())
	if err != nil || found[0] == nil || found[1] == nil {
		return beginning{}, err
	}
	client, err := program.DecodeClient(found[0])
	if err != nil {
		return beginning{}, fmt.Errorf("%s: %w", n.name, err)
	}
	gateway, err := program.DecodeGateway(found[1])
	if err != nil {
		return beginning{}, fmt.Errorf("%s: %w", n.name, err)
	}
	out := beginning{found: true}
	if name := firstDifference(client, gateway, g); name != "" {
		out.other = fmt.Errorf("%s: %w: %s", n.name, ErrOtherGenesis, name)
	}
	return out, nil
}

// firstDifference says what client and gateway did not begin with, as far as they show it; empty where they show nothing else.
func firstDifference(k program.Client, y program.Gateway, g program.Genesis) string {
	for _, value := range []struct {
		name            string
		found, expected any
		changes         bool
	}{
		{"chain", k.Chain, g.Chain, false},
		{"domain", y.Domain, g.Domain, false},
		{"trust period in ms", k.TrustPeriod, g.TrustPeriod, false},
		{"recovery key", k.RecoveryKey, g.RecoveryKey, false},
		{"recovery delay in ms", k.RecoveryDelay, g.RecoveryDelay, false},
		{"pause in ms", y.Pause, g.Pause, false},
		{"cool-down in ms", y.Cooldown, g.Cooldown, false},
		{"retention in ms", y.Retention, g.Retention, false},
		{"guardian", y.Guardian, g.Guardian, y.Decided != 0},
		{"signer set", k.Set, g.Set, k.Epoch != g.Epoch},
	} {
		if !value.changes && value.found != value.expected {
			return fmt.Sprintf("%s %v, expected %v", value.name, value.found, value.expected)
		}
	}
	return ""
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
