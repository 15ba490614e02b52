package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/network"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

const (
	// maxDeals and maxHolders bound what is looked at for one root.
	maxDeals, maxHolders = 16, 32
	// resolveTimeout bounds the questions to the chain for one root.
	resolveTimeout = 5 * time.Second
	// connectGrace is how long slower holders are waited for once one is connected.
	connectGrace = 250 * time.Millisecond
)

// errStop ends an iteration early.
var errStop = errors.New("stop")

// holders finds who holds a root by the chain's deals. It implements data.Resolver.
type holders struct {
	chain   *chain.Client
	network *network.Network
	log     *slog.Logger

	ctx     context.Context // done when the node closes
	cancel  context.CancelFunc
	dialing sync.WaitGroup
}

var _ data.Resolver = (*holders)(nil)

func newHolders(client *chain.Client, log *slog.Logger) *holders {
	h := &holders{chain: client, log: log}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	return h
}

// close stops dialling and waits for it.
func (h *holders) close() {
	h.cancel()
	h.dialing.Wait()
}

// Layouts implements data.Resolver: it returns the layouts of the root's live deals, active ones first, and connects to
// those who hold them.
func (h *holders) Layouts(ctx context.Context, root cid.Cid) ([]cid.Cid, error) {
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	deals, err := h.chain.DealsByRoot(ctx, root.String(), maxDeals)
	if err != nil {
		return nil, err
	}
	var active, pending []cid.Cid
	var peers []peer.AddrInfo
	asked := map[string]bool{}
	for _, deal := range deals {
		if deal.Status != markettypes.DEAL_STATUS_ACTIVE && deal.Status != markettypes.DEAL_STATUS_PENDING {
			continue
		}
		layout, err := format.ParseCID(deal.Layout)
		if err != nil {
			continue // the chain takes any CID; one that is not ours cannot be fetched
		}
		if deal.Status == markettypes.DEAL_STATUS_ACTIVE {
			active = append(active, layout)
		} else {
			pending = append(pending, layout)
		}
		found, err := h.holdersOf(ctx, deal.Id, asked)
		if err != nil {
			return nil, err
		}
		peers = append(peers, found...)
		if source, err := addrInfo(deal.Source); err == nil {
			peers = append(peers, source)
		}
	}
	h.connect(ctx, peers[:min(len(peers), maxHolders)])
	return append(active, pending...), nil
}

// holdersOf returns where the providers of a deal are reached that hold a replica and were not asked for before.
func (h *holders) holdersOf(ctx context.Context, deal uint64, asked map[string]bool) ([]peer.AddrInfo, error) {
	_, replicas, err := h.chain.Deal(ctx, deal)
	if err != nil {
		return nil, err
	}
	var peers []peer.AddrInfo
	for _, r := range replicas {
		holds := r.Status == markettypes.REPLICA_STATUS_ACTIVE || r.Status == markettypes.REPLICA_STATUS_FAULTY
		if !holds || asked[r.Provider] || len(asked) >= maxHolders {
			continue
		}
		asked[r.Provider] = true
		provider, _, err := h.chain.Provider(ctx, r.Provider)
		if err != nil {
			return nil, err
		}
		info, err := addrInfo(provider.Endpoint)
		if err != nil {
			h.log.Debug("a provider's endpoint is not usable", "provider", r.Provider, "err", err)
			continue
		}
		peers = append(peers, info)
	}
	return peers, nil
}

// connect dials peers and returns when all are tried, or a moment after one is connected. The rest is dialled on.
func (h *holders) connect(ctx context.Context, peers []peer.AddrInfo) {
	self := h.network.ID()
	results := make(chan bool, len(peers))
	dialled := 0
	for _, info := range peers {
		if info.ID == self || h.ctx.Err() != nil {
			continue
		}
		dialled++
		h.dialing.Go(func() {
			err := h.network.Connect(h.ctx, info)
			if err != nil {
				h.log.Debug("a holder is not reached", "peer", info.ID, "err", err)
			}
			results <- err == nil
		})
	}
	var grace <-chan time.Time
	for ; dialled > 0; dialled-- {
		select {
		case connected := <-results:
			if connected && grace == nil {
				timer := time.NewTimer(connectGrace)
				defer timer.Stop()
				grace = timer.C
			}
		case <-grace:
			return
		case <-ctx.Done():
			return
		}
	}
}

// addrInfo reads an endpoint as it is on chain.
func addrInfo(e markettypes.Endpoint) (peer.AddrInfo, error) {
	id, err := peer.Decode(e.PeerId)
	if err != nil {
		return peer.AddrInfo{}, fmt.Errorf("invalid peer id %q: %w", e.PeerId, err)
	}
	info := peer.AddrInfo{ID: id}
	for _, text := range e.Multiaddrs {
		a, err := ma.NewMultiaddr(text)
		if err != nil {
			continue // an address of a newer kind than we know
		}
		info.Addrs = append(info.Addrs, a)
	}
	if len(info.Addrs) == 0 {
		return peer.AddrInfo{}, fmt.Errorf("peer %s has no usable address", id)
	}
	return info, nil
}

// endpointOf writes an endpoint as it is on chain.
func endpointOf(info peer.AddrInfo) markettypes.Endpoint {
	e := markettypes.Endpoint{PeerId: info.ID.String()}
	for _, a := range info.Addrs {
		e.Multiaddrs = append(e.Multiaddrs, a.String())
	}
	return e
}
