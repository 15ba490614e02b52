package node

import (
	"context"
	"iter"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/ipdm-network/ipdm/sidecar/consensus/provider"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
	"github.com/ipdm-network/ipdm/sidecar/network"
)

// fetcher gives the engine the network: the data protocol for encodings and Bitswap for blocks. With peers it connects to
// those first.
type fetcher struct {
	network *network.Network
	client  *transfer.Client
	peers   []peer.AddrInfo
}

var (
	_ data.EncodingFetcher = (*fetcher)(nil)
	_ data.Group           = (*fetcher)(nil)
	_ provider.Network     = (*fetcher)(nil)
)

// From implements provider.Network.
func (f *fetcher) From(peers []peer.AddrInfo) data.Fetcher {
	return &fetcher{network: f.network, client: f.client, peers: peers}
}

// FetchBlocks implements data.EncodingFetcher.
func (f *fetcher) FetchBlocks(ctx context.Context, blocks []transfer.Want, cut bool, got transfer.Got) error {
	defer f.network.Reach(ctx, f.peers)()
	return f.client.FetchBlocks(ctx, blocks, cut, got)
}

// FetchEncodings implements data.EncodingFetcher.
func (f *fetcher) FetchEncodings(ctx context.Context, encodings []cid.Cid, got transfer.Got) error {
	defer f.network.Reach(ctx, f.peers)()
	return f.client.FetchEncodings(ctx, encodings, got)
}

// Owners implements data.Group.
func (f *fetcher) Owners(root cid.Cid, blocks []transfer.Want) []peer.ID {
	return f.client.Owners(root, blocks)
}

// FetchThrough implements data.Group.
func (f *fetcher) FetchThrough(ctx context.Context, member peer.ID, root cid.Cid, blocks []transfer.Want, cut bool, got transfer.Got) error {
	return f.client.FetchThrough(ctx, member, root, blocks, cut, got)
}

// Fetch implements data.Fetcher.
func (f *fetcher) Fetch(ctx context.Context, cids []cid.Cid, got func(cid.Cid, []byte) error) error {
	if len(f.peers) > 0 {
		return f.network.FetchFrom(ctx, f.peers, cids, got)
	}
	return f.network.Fetch(ctx, cids, got)
}

// announced lists what the node tells the DHT it has: pinned roots, their manifests, and layouts.
func announced(e *data.Engine) network.KeysFunc {
	return func(ctx context.Context) iter.Seq2[cid.Cid, error] {
		return func(yield func(cid.Cid, error) bool) {
			more := true
			send := func(cids ...cid.Cid) error {
				for _, c := range cids {
					if more = yield(c, nil); !more {
						return errStop
					}
				}
				return ctx.Err()
			}
			err := e.List(ctx, func(p data.Pin) error { return send(p.Root, p.Manifest) })
			if err == nil {
				err = e.Layouts(ctx, func(l *data.Layout, _ []string) error { return send(l.Cid, l.Manifest) })
			}
			if err != nil && more {
				yield(cid.Undef, err)
			}
		}
	}
}
