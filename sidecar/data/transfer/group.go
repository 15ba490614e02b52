package transfer

import (
	"context"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// ownKeyBytes is the size from which a block belongs to a member of the group by its own digest. Smaller ones belong to one
// by the digest of the root, all together, for they travel in packs.
const ownKeyBytes = 64 << 10

// Owners tells of each block of a root, which may be cid.Undef, to which member of the group it belongs, of those now
// connected and this node. Those that belong to this node, and all if there is no group, have an empty owner.
func (c *Client) Owners(root cid.Cid, blocks []Want) []peer.ID {
	owners := make([]peer.ID, len(blocks))
	if c.opts.Group.Len() == 0 {
		return owners
	}
	self, now := c.opts.Host.ID(), time.Now()
	c.mu.Lock()
	present := c.opts.Group.Where(func(p peer.ID) bool { return p == self || c.candidate(p, now) != nil })
	c.mu.Unlock()
	for i, w := range blocks {
		key, err := groupKey(root, w)
		if err != nil {
			continue // only ours travel here
		}
		if owner := present.Owner(key); owner != self {
			owners[i] = owner
		}
	}
	return owners
}

// groupKey returns what a block belongs to a member by. A node of a tree counts as small, a leaf of unknown size as large.
func groupKey(root cid.Cid, w Want) (format.Digest, error) {
	large := w.Cid.Prefix().Codec == format.Raw && (w.SizeBytes == 0 || w.SizeBytes >= ownKeyBytes)
	if large || !root.Defined() {
		return format.DigestOf(w.Cid)
	}
	return format.DigestOf(root)
}

// FetchThrough is FetchBlocks from one member of the group, which fetches and keeps what it does not have. The root, which
// may be cid.Undef, tells it where to look. It returns nil when the member has sent what it could, or failed.
func (c *Client) FetchThrough(ctx context.Context, member peer.ID, root cid.Cid, blocks []Want, cut bool, got Got) error {
	var remotes []*remote
	c.mu.Lock()
	if r := c.candidate(member, time.Now()); r != nil {
		remotes = append(remotes, r)
	}
	c.mu.Unlock()
	came := 0
	f := &fetch{client: c, cut: cut, through: true, root: root, got: got}
	err := c.fetch(ctx, f, remotes, blocks)
	if f.missing != nil {
		came = len(blocks) - len(f.missing)
	}
	c.metrics.through.Add(float64(came))
	c.metrics.fallbacks.Add(float64(len(blocks) - came))
	return err
}

// awaitTurn waits until fewer than memberFetches gets have the peer fetch. The caller releases its turn.
func (r *remote) awaitTurn(ctx context.Context) (release func(), err error) {
	select {
	case r.turns <- struct{}{}:
		return func() { <-r.turns }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
