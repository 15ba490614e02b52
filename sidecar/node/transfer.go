package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/ipdm-network/ipdm/sidecar/api"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/catalogue"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
	"github.com/ipdm-network/ipdm/sidecar/network"
)

// pushers are the peers whose puts, deletes and updates are taken. It implements transfer.Policy.
type pushers map[peer.ID]bool

// MayPush implements transfer.Policy.
func (p pushers) MayPush(id peer.ID) bool { return p[id] }

// pushers reads accept_puts_from.
func (c NetworkConfig) pushers() (pushers, error) {
	allowed := pushers{}
	for _, text := range c.AcceptPutsFrom {
		id, err := peer.Decode(text)
		if err != nil {
			return nil, fmt.Errorf("[network] accept_puts_from: %q is not a peer id, as `ipdm id` prints it", text)
		}
		allowed[id] = true
	}
	return allowed, nil
}

// keeper takes what allowed peers push. It implements transfer.Keeper.
type keeper struct {
	engine  *data.Engine
	network *network.Network
	fetcher *fetcher
}

// Put implements transfer.Keeper.
func (k keeper) Put(ctx context.Context, from peer.ID, o transfer.Offer, progress func(uint64)) (bool, error) {
	existing, err := k.engine.Adopt(ctx, o.Root, o.Manifest, data.AdoptOptions{
		By:       from.String(),
		Replaced: o.Replaced,
		Fetcher:  k.fetcher.From([]peer.AddrInfo{{ID: from}}),
		Progress: progress,
	})
	if err != nil {
		return false, told(err)
	}
	// What finds no room in the queue is announced in the next round.
	_ = k.network.Provide(ctx, o.Root, o.Manifest)
	return existing, nil
}

// Delete implements transfer.Keeper.
func (k keeper) Delete(ctx context.Context, from peer.ID, root cid.Cid) (int, error) {
	removed, err := k.engine.UnpinPushed(ctx, root, from.String())
	if err != nil {
		return 0, told(err)
	}
	return removed, nil
}

// told gives an error of the engine the meaning that it has to the peer.
func told(err error) error {
	switch {
	case errors.Is(err, data.ErrMismatch):
		return fmt.Errorf("%w: %w", transfer.ErrInvalid, err)
	case errors.Is(err, data.ErrNotPusher):
		return fmt.Errorf("%w: %w", transfer.ErrNotAllowed, err)
	case errors.Is(err, store.ErrFull):
		return fmt.Errorf("%w: %w", transfer.ErrFull, err)
	case errors.Is(err, data.ErrMissing), errors.Is(err, data.ErrNotPinned):
		return fmt.Errorf("%w: %w", transfer.ErrNotFound, err)
	}
	return err
}

// summaries keep peers from being asked for what they do not have. It implements transfer.Filter. The node makes its
// catalogue after the client that the catalogue asks with, and before anything is fetched.
type summaries struct{ node *Node }

// MayHave implements transfer.Filter.
func (s summaries) MayHave(p peer.ID, c cid.Cid) bool { return s.node.catalogue.MayHave(p, c) }

// startTransfer has the node speak the data protocol.
func (n *Node) startTransfer() error {
	allowed, err := n.opts.Config.Network.pushers()
	if err != nil {
		return err
	}
	n.fetcher.client, err = transfer.NewClient(transfer.ClientOptions{
		Host:     n.network.Host(),
		Filter:   summaries{n},
		Group:    n.group,
		Judge:    n.network,
		Registry: n.registry,
		Logger:   n.log.With("part", "transfer"),
	})
	if err != nil {
		return err
	}
	n.catalogue = catalogue.New(catalogue.Options{
		Index:     n.index,
		Pins:      n.engine,
		Blocks:    n.store,
		OwnerName: api.CreatorName,
		Remote:    askedPeers{n.network, n.fetcher.client},
		Logger:    n.log.With("part", "query"),
	})
	options := transfer.ServerOptions{
		Host:      n.network.Host(),
		Source:    n.store,
		Gate:      n.engine,
		Keeper:    keeper{n.engine, n.network, n.fetcher},
		Policy:    allowed,
		Catalogue: n.catalogue,
		Fetcher:   n.engine,
		Group:     n.group,
		Judge:     n.network,
		Registry:  n.registry,
		Logger:    n.log.With("part", "transfer"),
	}
	if n.prefetch != nil {
		options.Source = n.staged.Source(n.store)
		options.Audience = audience{n.prefetch}
	}
	n.transfer, err = transfer.NewServer(options)
	return err
}
