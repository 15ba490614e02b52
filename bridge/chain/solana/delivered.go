package solana

import (
	"context"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Delivered implements relayer.Gateway. A message counts as taken where two nodes say so at commitment finalized, or the only one does.
func (c *Client) Delivered(ctx context.Context, nonces []uint64) ([]bool, error) {
	defer c.closeIdle()
	answers, err := ask(ctx, c.nodes, func(ctx context.Context, n *node) ([]bool, error) { return c.deliveredAt(ctx, n, nonces) })
	if err != nil {
		return nil, fmt.Errorf("failed to read which messages were taken: %w", err)
	}
	taken := make([]bool, len(nonces))
	for i := range nonces {
		taken[i] = vouched(c.nodes, answers, func(said []bool) bool { return said[i] })
	}
	return taken, nil
}

// deliveredAt reads the pages that have the bits of messages, each once.
func (c *Client) deliveredAt(ctx context.Context, n *node, nonces []uint64) ([]bool, error) {
	var addresses []solana.PublicKey
	at := make([]int, len(nonces)) // which of the addresses
	index := map[solana.PublicKey]int{}
	for i, nonce := range nonces {
		address := c.program.Nonces(nonce)
		if _, known := index[address]; !known {
			index[address] = len(addresses)
			addresses = append(addresses, address)
		}
		at[i] = index[address]
	}
	var pages []*program.Nonces // nil where none was taken
	for some := range slices.Chunk(addresses, maxAccounts) {
		found, err := n.read(ctx, rpc.CommitmentFinalized, 0, some...)
		if err != nil {
			return nil, err
		}
		for _, a := range found {
			page, err := decoded(c.program, a, program.DecodeNonces)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", n.name, err)
			}
			pages = append(pages, page)
		}
	}
	taken := make([]bool, len(nonces))
	for i, nonce := range nonces {
		page := pages[at[i]]
		taken[i] = page != nil && page.Taken(nonce)
	}
	return taken, nil
}

// fate is what became of a message up to a block.
type fate struct {
	taken bool
	late  bool // it was not taken, and can be no more
}

// fateOf returns what became of a message at commitment finalized, as far as two nodes vouch for it, or the only one.
func (c *Client) fateOf(ctx context.Context, m wire.Message) (fate, error) {
	answers, err := ask(ctx, c.nodes, func(ctx context.Context, n *node) (fate, error) { return c.fateAt(ctx, n, m) })
	if err != nil {
		return fate{}, err
	}
	return fate{
		taken: vouched(c.nodes, answers, func(f fate) bool { return f.taken }),
		late:  vouched(c.nodes, answers, func(f fate) bool { return f.late }),
	}, nil
}

func (c *Client) fateAt(ctx context.Context, n *node, m wire.Message) (fate, error) {
	found, err := n.read(ctx, rpc.CommitmentFinalized, 0, c.program.Nonces(m.Nonce), solana.SysVarClockPubkey)
	if err != nil {
		return fate{}, err
	}
	out, err := c.decodeFate(found[0], found[1], m)
	if err != nil {
		return fate{}, fmt.Errorf("%s: %w", n.name, err)
	}
	return out, nil
}

// decodeFate reads the page of a message, and the clock.
func (c *Client) decodeFate(page, clock *account, m wire.Message) (fate, error) {
	nonces, err := decoded(c.program, page, program.DecodeNonces)
	if err != nil {
		return fate{}, err
	}
	now, err := clockOf(clock)
	if err != nil {
		return fate{}, err
	}
	taken := nonces != nil && nonces.Taken(m.Nonce)
	return fate{taken: taken, late: !taken && m.TimeoutMillis != 0 && uint64(now.UnixMilli()) >= m.TimeoutMillis}, nil
}
