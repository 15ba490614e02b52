package solana

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/gagliardetto/solana-go/rpc"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// ErrNoClient tells that there is no client at the program's address for it.
var ErrNoClient = errors.New("the program on Solana has no client: it was not initialized, or the address is another's")

// Head implements relayer.Destination.
func (c *Client) Head(ctx context.Context) (relayer.Head, error) {
	defer c.closeIdle()
	k, err := c.finalized(ctx)
	if err != nil {
		return relayer.Head{}, err
	}
	return relayer.Head{
		Epoch: k.Epoch, Height: k.Height, Time: time.UnixMilli(int64(k.TimeMillis)).UTC(),
		StaleAt: time.UnixMilli(int64(k.StaleAt())).UTC(),
	}, nil
}

// finalized returns the client's account at commitment finalized: the most advanced that two nodes vouch for, or the only node's. It fails
// with ErrNoClient where they have none.
func (c *Client) finalized(ctx context.Context) (program.Client, error) {
	answers, err := ask(ctx, c.nodes, c.clientAt) // nil for no client
	if err != nil {
		return program.Client{}, err
	}
	slices.SortFunc(answers, func(a, b answer[*program.Client]) int { return -compareHeads(a.said, b.said) })
	for _, a := range answers {
		ahead := func(k *program.Client) bool { return compareHeads(k, a.said) > 0 || reflect.DeepEqual(k, a.said) }
		switch {
		case !vouched(c.nodes, answers, ahead):
		case a.said == nil:
			return program.Client{}, ErrNoClient
		default:
			return *a.said, nil
		}
	}
	return program.Client{}, fmt.Errorf("the %d nodes of Solana that answer do not agree on the client's head", len(answers))
}

func (c *Client) clientAt(ctx context.Context, n *node) (*program.Client, error) {
	found, err := n.accounts(ctx, c.program, rpc.CommitmentFinalized, 0, c.program.Client())
	if err != nil || found[0] == nil {
		return nil, err
	}
	k, err := program.DecodeClient(found[0])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.name, err)
	}
	return &k, nil
}

// compareHeads orders clients by how far they are, none first.
func compareHeads(a, b *program.Client) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	return cmp.Or(cmp.Compare(a.Epoch, b.Epoch), cmp.Compare(a.Height, b.Height))
}

// isPast tells whether a client accepted a checkpoint, or one after it.
func isPast(k program.Client, c wire.Checkpoint) bool {
	return k.Epoch > c.Epoch || (k.Epoch == c.Epoch && k.Height >= c.Height)
}

// knows tells whether a client takes proofs against the checkpoint of a height.
func knows(k program.Client, height uint64) bool {
	return slices.ContainsFunc(k.Accepted, func(a program.Accepted) bool { return a.Height == height })
}

// check fails for a client that can never take a checkpoint: one of another chain, or of a fork.
func check(k program.Client, c wire.Checkpoint) error {
	if k.Chain != c.Chain {
		return fmt.Errorf("the client on Solana follows chain %s, the checkpoint is of %s", k.Chain, c.Chain)
	}
	if digest := c.Digest(); k.Height == c.Height && k.Digest != digest {
		return fmt.Errorf("the client on Solana has another checkpoint of height %d: %s, expected %s", c.Height, k.Digest, digest)
	}
	return nil
}
