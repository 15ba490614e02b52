package network

import (
	"context"
	"sync"

	"github.com/ipfs/boxo/peering"
	"github.com/libp2p/go-libp2p/core/connmgr"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

// dialsAtOnce bounds the concurrent dials of one fetch.
const dialsAtOnce = 8

// protector shares the protection of connections between fetches. Bitswap always
// asks peers that are protected under the tag it uses, however many others there
// are.
type protector struct {
	conns connmgr.ConnManager

	mu   sync.Mutex // guards uses
	uses map[peer.ID]int
}

func newProtector(conns connmgr.ConnManager) *protector {
	return &protector{conns: conns, uses: make(map[peer.ID]int)}
}

func (p *protector) protect(id peer.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.uses[id]++; p.uses[id] == 1 {
		p.conns.Protect(id, peering.ConnmgrTag)
	}
}

func (p *protector) unprotect(id peer.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.uses[id]--; p.uses[id] == 0 {
		delete(p.uses, id)
		p.conns.Unprotect(id, peering.ConnmgrTag)
	}
}

// fetchHints are the peers a fetch was told to ask.
type fetchHints struct {
	network   *Network
	protected []peer.ID
	dials     sync.WaitGroup
	cancel    context.CancelFunc
}

// connectHints dials peers, best first, and returns as soon as one of them is
// connected or none can be. The other dials go on until release.
func (n *Network) connectHints(ctx context.Context, peers []peer.AddrInfo) *fetchHints {
	ctx, cancel := context.WithCancel(ctx)
	h := &fetchHints{network: n, cancel: cancel}
	ordered := n.scores.order(peers, n.host.Peerstore().LatencyEWMA)
	slots := make(chan struct{}, dialsAtOnce)
	results := make(chan bool, len(ordered)) // a slot for each, so no dial waits
	for _, info := range ordered {
		if info.ID == n.host.ID() {
			continue
		}
		n.protector.protect(info.ID)
		h.protected = append(h.protected, info.ID)
		h.dials.Go(func() {
			select {
			case slots <- struct{}{}:
				defer func() { <-slots }()
			case <-ctx.Done():
				return
			}
			err := n.Connect(ctx, info)
			if err != nil && ctx.Err() == nil {
				n.scores.failed(info.ID)
			}
			results <- err == nil
		})
	}
	for range h.protected {
		select {
		case ok := <-results:
			if ok {
				return h
			}
		case <-ctx.Done():
			return h
		}
	}
	return h
}

// connected lists the hinted peers that are connected now.
func (h *fetchHints) connected() []peer.ID {
	var ids []peer.ID
	for _, id := range h.protected {
		if h.network.host.Network().Connectedness(id) == network.Connected {
			ids = append(ids, id)
		}
	}
	return ids
}

// release stops the dials, waits for them and gives up the protection.
func (h *fetchHints) release() {
	h.cancel()
	h.dials.Wait()
	for _, id := range h.protected {
		h.network.protector.unprotect(id)
	}
}
