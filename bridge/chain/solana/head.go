package solana

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
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

func (c *Client) closeIdle() {
	for _, n := range c.nodes {
		_ = n.rpc.Close() // it fails never
	}
}

// finalized returns the client's account at commitment finalized: the most advanced that two nodes vouch for, or the only node's. It fails
// with ErrNoClient where they have none.
func (c *Client) finalized(ctx context.Context) (program.Client, error) {
	clients := make([]*program.Client, len(c.nodes)) // nil for no client
	failures := make([]error, len(c.nodes))
	var asking sync.WaitGroup
	for i, n := range c.nodes {
		asking.Go(func() { clients[i], failures[i] = c.clientAt(ctx, n) })
	}
	asking.Wait()
	var answers []*program.Client
	for i, k := range clients {
		if failures[i] == nil {
			answers = append(answers, k)
		}
	}
	needed := min(2, len(c.nodes))
	if len(answers) < needed {
		return program.Client{}, fmt.Errorf("%d nodes of Solana answer, %d have to agree: %w", len(answers), needed, errors.Join(failures...))
	}
	slices.SortFunc(answers, func(a, b *program.Client) int { return -compareHeads(a, b) })
	for _, k := range answers {
		switch {
		case vouchers(answers, k) < needed:
		case k == nil:
			return program.Client{}, ErrNoClient
		default:
			return *k, nil
		}
	}
	return program.Client{}, fmt.Errorf("the %d nodes of Solana that answer do not agree on the client's head", len(answers))
}

// vouchers tells how many show a client, or one that is ahead of it.
func vouchers(answers []*program.Client, k *program.Client) (n int) {
	for _, other := range answers {
		if compareHeads(other, k) > 0 || reflect.DeepEqual(other, k) {
			n++
		}
	}
	return n
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
