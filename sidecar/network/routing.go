package network

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/ipfs/go-cid"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
)

// router is the content routing of a node: the network's own DHT and, if asked
// for, the public one.
type router struct {
	host    host.Host
	scores  *scores
	private *dht.IpfsDHT
	public  *dht.IpfsDHT // nil unless Config.PublicDHT
}

// newRouter joins the DHTs. The goroutines it starts end with close.
func newRouter(ctx context.Context, cfg Config, h host.Host, bootstrap []peer.AddrInfo, sc *scores) (*router, error) {
	r := &router{host: h, scores: sc}
	var err error
	r.private, err = dht.New(h,
		dht.ProtocolPrefix(DHTPrefix(cfg.NetworkName)),
		dht.Mode(dht.ModeServer),
		dht.DisableValues(),
		dht.BootstrapPeers(bootstrap...),
		dht.Datastore(newRecordStore(maxProviderRecords, maxProvidersPerKey)),
	)
	if err != nil {
		return nil, fmt.Errorf("failed to start DHT: %w", err)
	}
	if cfg.PublicDHT {
		r.public, err = dht.New(h,
			dht.Mode(dht.ModeAuto),
			dht.QueryFilter(dht.PublicQueryFilter),
			dht.RoutingTableFilter(dht.PublicRoutingTableFilter),
			dht.BootstrapPeers(dht.GetDefaultBootstrapPeerAddrInfos()...),
			dht.Datastore(newRecordStore(maxProviderRecords, maxProvidersPerKey)),
		)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("failed to join public DHT: %w", err), r.private.Close())
		}
	}
	for _, d := range r.all() {
		if err := d.Bootstrap(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("failed to bootstrap DHT: %w", err), r.close())
		}
	}
	return r, nil
}

func (r *router) all() []*dht.IpfsDHT {
	if r.public == nil {
		return []*dht.IpfsDHT{r.private}
	}
	return []*dht.IpfsDHT{r.private, r.public}
}

// ready reports whether any DHT peer is known, without whom announcing is vain.
func (r *router) ready() bool {
	for _, d := range r.all() {
		if d.RoutingTable().Size() > 0 {
			return true
		}
	}
	return false
}

// provide announces c on every DHT that has peers. It succeeds if one accepted.
func (r *router) provide(ctx context.Context, c cid.Cid) error {
	var errs []error
	for _, d := range r.all() {
		if err := d.Provide(ctx, c, true); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) == len(r.all()) {
		return fmt.Errorf("failed to provide %s: %w", c, errors.Join(errs...))
	}
	return nil
}

// FindProvidersAsync yields providers of c as they are found, at most count (0
// for no limit), without this node and without banned peers. The channel is
// closed when the search ends or ctx does; the caller has to read it until then
// or cancel ctx. It is what Bitswap asks when no connected peer has a block.
func (r *router) FindProvidersAsync(ctx context.Context, c cid.Cid, count int) <-chan peer.AddrInfo {
	found := make(chan peer.AddrInfo)
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	for _, d := range r.all() {
		wg.Go(func() {
			for info := range d.FindProvidersAsync(ctx, c, count) {
				select {
				case found <- info:
				case <-ctx.Done():
					return
				}
			}
		})
	}
	done := make(chan struct{})
	go func() {
		wg.Wait()
		close(done)
	}()
	out := make(chan peer.AddrInfo)
	go func() {
		defer close(out)
		defer cancel()
		seen := make(map[peer.ID]struct{})
		for {
			select {
			case info := <-found:
				if _, dup := seen[info.ID]; dup || info.ID == r.host.ID() || r.scores.banned(info.ID) {
					continue
				}
				seen[info.ID] = struct{}{}
				select {
				case out <- info:
				case <-ctx.Done():
					return
				}
				if count > 0 && len(seen) == count {
					return
				}
			case <-done:
				return
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// findProviders collects up to n providers of c, best first.
func (r *router) findProviders(ctx context.Context, c cid.Cid, n int) ([]peer.AddrInfo, error) {
	var infos []peer.AddrInfo
	for info := range r.FindProvidersAsync(ctx, c, n) {
		infos = append(infos, info)
	}
	if len(infos) == 0 && ctx.Err() != nil {
		return nil, fmt.Errorf("failed to find providers of %s: %w", c, ctx.Err())
	}
	return r.scores.order(infos, r.host.Peerstore().LatencyEWMA), nil
}

func (r *router) close() error {
	var errs []error
	for _, d := range r.all() {
		errs = append(errs, d.Close())
	}
	return errors.Join(errs...)
}
