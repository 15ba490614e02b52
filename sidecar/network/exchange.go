package network

import (
	"context"

	"github.com/ipfs/boxo/bitswap"
	"github.com/ipfs/boxo/bitswap/client"
	bsnetwork "github.com/ipfs/boxo/bitswap/network"
	"github.com/ipfs/boxo/blockstore"
	"github.com/ipfs/boxo/exchange"
	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
)

// randomBroadcasts is the number of peers asked for a block although nothing
// speaks for their having it. Peers on the local network are always asked.
const randomBroadcasts = 8

// newBitswap starts the exchange: it serves what is in store and asks r for
// providers.
func newBitswap(ctx context.Context, cfg Config, transport bsnetwork.BitSwapNetwork, r *router, store blockstore.Blockstore, watch *exchangeWatch) *bitswap.Bitswap {
	x := cfg.Exchange
	return bitswap.New(ctx, transport, r, store,
		bitswap.TaskWorkerCount(x.TaskWorkers),
		bitswap.EngineTaskWorkerCount(x.EngineTaskWorkers),
		bitswap.EngineBlockstoreWorkerCount(x.BlockstoreWorkers),
		bitswap.MaxOutstandingBytesPerPeer(x.MaxOutstandingBytesPerPeer),
		bitswap.WithTargetMessageSize(x.TargetMessageBytes),
		bitswap.MaxQueuedWantlistEntriesPerPeer(x.MaxWantsPerPeer),
		bitswap.ProviderSearchDelay(cfg.ProviderSearchDelay),
		bitswap.WithTracer(watch),
		bitswap.WithoutDuplicatedBlockStats(),
		bitswap.WithClientOption(client.WithTraceBlock(true)),
		bitswap.WithClientOption(client.BroadcastControlEnable(true)),
		bitswap.WithClientOption(client.BroadcastControlMaxRandomPeers(randomBroadcasts)),
	)
}

// Exchange is the Bitswap of a node in the shape boxo's packages expect, such as
// blockservice. It checks requests and ends them as Fetch does.
type Exchange struct{ network *Network }

var _ exchange.SessionExchange = Exchange{}

// Exchange returns the block exchange of this node. It needs no closing of its
// own.
func (n *Network) Exchange() Exchange { return Exchange{n} }

// GetBlock fetches one block; its errors are those of Network.Fetch.
func (x Exchange) GetBlock(ctx context.Context, c cid.Cid) (blocks.Block, error) {
	return x.network.getBlock(ctx, nil, c)
}

// GetBlocks fetches blocks in a session of their own. The channel is closed when
// all have been sent, when none arrived for Config.FetchTimeout, or when ctx ends.
// The caller has to read until then or cancel ctx.
func (x Exchange) GetBlocks(ctx context.Context, cids []cid.Cid) (<-chan blocks.Block, error) {
	return x.network.getBlocks(ctx, nil, cids)
}

// NewSession returns a fetcher for related blocks; it remembers which peers had
// some of them. The session lives until ctx ends.
func (x Exchange) NewSession(ctx context.Context) exchange.Fetcher {
	return session{network: x.network, fetcher: x.network.bitswap.NewSession(ctx)}
}

// NotifyNewBlocks tells the exchange that blocks are in the local store now, so
// that peers waiting for them get them.
func (x Exchange) NotifyNewBlocks(ctx context.Context, bs ...blocks.Block) error {
	if x.network.ctx.Err() != nil {
		return ErrClosed
	}
	return x.network.bitswap.NotifyNewBlocks(ctx, bs...)
}

// Close does nothing: the exchange ends with its Network.
func (x Exchange) Close() error { return nil }

// session is a Bitswap session with the checks and deadlines of Fetch.
type session struct {
	network *Network
	fetcher exchange.Fetcher
}

// GetBlock fetches one block within the session.
func (s session) GetBlock(ctx context.Context, c cid.Cid) (blocks.Block, error) {
	return s.network.getBlock(ctx, s.fetcher, c)
}

// GetBlocks fetches blocks within the session.
func (s session) GetBlocks(ctx context.Context, cids []cid.Cid) (<-chan blocks.Block, error) {
	return s.network.getBlocks(ctx, s.fetcher, cids)
}

func (n *Network) getBlock(ctx context.Context, fetcher exchange.Fetcher, c cid.Cid) (blocks.Block, error) {
	var block blocks.Block
	err := n.fetchTimed(ctx, nil, fetcher, []cid.Cid{c}, func(c cid.Cid, data []byte) (err error) {
		block, err = blocks.NewBlockWithCid(data, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return block, nil
}

func (n *Network) getBlocks(ctx context.Context, fetcher exchange.Fetcher, cids []cid.Cid) (<-chan blocks.Block, error) {
	if _, _, err := splitWants(cids); err != nil {
		return nil, err
	}
	ctx, end, err := n.begin(ctx)
	if err != nil {
		return nil, err
	}
	out := make(chan blocks.Block)
	go func() {
		defer end()
		defer close(out)
		err := n.fetchTimed(ctx, nil, fetcher, cids, func(c cid.Cid, data []byte) error {
			b, err := blocks.NewBlockWithCid(data, c)
			if err != nil {
				return err
			}
			select {
			case out <- b:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		if err != nil {
			n.log.Debug("fetch ended early", "error", err)
		}
	}()
	return out, nil
}
