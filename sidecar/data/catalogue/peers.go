package catalogue

import (
	"context"
	"slices"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/sidecar/data/query"
)

// peerSummary is what a peer said that it has.
type peerSummary struct {
	*summary
	version uint64
	at      time.Time // when it was last said
}

// fresh tells whether a summary is recent enough to keep a peer from being asked.
func (c *Catalogue) fresh(p peerSummary) bool {
	return p.summary != nil && c.opts.Now().Sub(p.at) < 2*c.opts.Refresh
}

// keepFresh asks peers for their summaries, again and again.
func (c *Catalogue) keepFresh(ctx context.Context) {
	ticker := time.NewTicker(c.opts.Refresh)
	defer ticker.Stop()
	for {
		c.refresh(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// refresh asks the peers for their summaries once, and forgets those of peers that have gone.
func (c *Catalogue) refresh(ctx context.Context) {
	peers := c.askable()
	c.mu.Lock()
	for p := range c.peers {
		if !slices.Contains(peers, p) {
			delete(c.peers, p)
		}
	}
	c.mu.Unlock()
	var group errgroup.Group
	group.SetLimit(askedAtOnce)
	for _, p := range peers {
		group.Go(func() error {
			c.refreshPeer(ctx, p)
			return nil
		})
	}
	_ = group.Wait()
}

// refreshPeer asks a peer for its summary.
func (c *Catalogue) refreshPeer(ctx context.Context, p peer.ID) {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	c.mu.RLock()
	known := c.peers[p]
	c.mu.RUnlock()
	at := c.opts.Now()
	version, encoded, err := c.opts.Remote.Summary(ctx, p, known.version)
	if err == nil && (version != known.version || known.summary == nil) {
		known.version = version
		known.summary, err = decodeSummary(encoded)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.opts.Logger.Debug("a peer gave no summary", "peer", p, "error", err)
		delete(c.peers, p)
		return
	}
	known.at = at
	c.peers[p] = known
}

// askable returns the peers that may be asked, at most maxAsked.
func (c *Catalogue) askable() []peer.ID {
	if c.opts.Remote == nil {
		return nil
	}
	peers := c.opts.Remote.Peers()
	return peers[:min(len(peers), maxAsked)]
}

// MayHave tells whether a peer may have a block, by its CID; false is certain, as of its last summary.
func (c *Catalogue) MayHave(p peer.ID, id cid.Cid) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	known := c.peers[p]
	return !c.fresh(known) || known.mayHave(id)
}

// mayMatch tells whether a peer may have a manifest that an expression matches.
func (c *Catalogue) mayMatch(p peer.ID, e query.Expr) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	known := c.peers[p]
	return !c.fresh(known) || known.mayMatch(e)
}

// Counts are estimates of how many distinct things there are.
type Counts struct{ Roots, Owners, Tags uint64 }

func (s *summary) counts() Counts {
	return Counts{s.roots.Estimate(), s.owners.Estimate(), s.tags.Estimate()}
}

// Counts returns what this node has, and what it and the peers whose summaries it knows have together.
func (c *Catalogue) Counts(ctx context.Context) (local, network Counts, peers int, err error) {
	own, err := c.ownSummary(ctx)
	if err != nil {
		return Counts{}, Counts{}, 0, err
	}
	all := *own.summary
	c.mu.RLock()
	for _, known := range c.peers {
		if c.fresh(known) {
			peers++
			for i, sketch := range known.sketches() {
				all.sketches()[i].Merge(sketch)
			}
		}
	}
	c.mu.RUnlock()
	return own.summary.counts(), all.counts(), peers, nil
}
