package catalogue

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/bloom"
	"github.com/ipdm-network/ipdm/sidecar/data/hll"
	"github.com/ipdm-network/ipdm/sidecar/data/query"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const (
	// minRebuild is how often the own summary is made at most.
	minRebuild = 2 * time.Second
	// filterRoom is how much of a summary is the filter's.
	filterRoom = MaxSummaryBytes - 3*(4+hll.MaxEncodedBytes) - 2
)

// ownSummary is the summary of this node, and the state that it was made of.
type ownSummary struct {
	summary *summary // nil before the first
	encoded []byte
	version uint64
	made    time.Time
	change  uint64 // of the index
	stats   store.Stats
}

// Summary returns what this node has. The version changes with the bytes and is never 0. It implements
// transfer.Catalogue.
func (c *Catalogue) Summary(ctx context.Context) (version uint64, summary []byte, err error) {
	own, err := c.ownSummary(ctx)
	return own.version, own.encoded, err
}

// ownSummary returns the own summary, made anew if it is not of late and something has changed.
func (c *Catalogue) ownSummary(ctx context.Context) (ownSummary, error) {
	c.building.Lock()
	defer c.building.Unlock()
	now := c.opts.Now()
	if c.own.summary != nil && now.Sub(c.own.made) < minRebuild {
		return c.own, nil
	}
	stats, err := c.opts.Blocks.Stats(ctx)
	if err != nil {
		return ownSummary{}, fmt.Errorf("failed to summarise the store: %w", err)
	}
	change := c.opts.Index.Change()
	if c.own.summary != nil && change == c.own.change && stats == c.own.stats {
		return c.own, nil
	}
	s, err := c.summarise(ctx, int(stats.Blocks))
	if err != nil {
		return ownSummary{}, fmt.Errorf("failed to summarise the store: %w", err)
	}
	encoded := s.encode()
	digest := format.Sum(encoded)
	c.own = ownSummary{s, encoded, binary.BigEndian.Uint64(digest[:]) | 1, now, change, stats}
	return c.own, nil
}

// summarise makes the summary of the manifests and of about the given number of blocks, as far as they fit.
func (c *Catalogue) summarise(ctx context.Context, blocks int) (*summary, error) {
	s := &summary{}
	items := 0
	if err := c.opts.Index.Each(ctx, func(m query.Subject) bool {
		items += 3 + len(m.Tags)
		s.roots.Add(m.Root.Bytes())
		s.owners.Add([]byte(m.Owner))
		for _, tag := range m.Tags {
			s.tags.Add([]byte(tag))
		}
		return true
	}); err != nil {
		return nil, err
	}
	switch {
	case fits(items + blocks):
		s.contents = hasManifests | hasBlocks
		items += blocks
	case fits(items):
		s.contents = hasManifests
	}
	if s.filter = bloom.New(uint32(items), falsePositives); s.contents&hasManifests != 0 {
		if err := c.opts.Index.Each(ctx, func(m query.Subject) bool {
			s.addManifest(m)
			return true
		}); err != nil {
			return nil, err
		}
	}
	if s.contents&hasBlocks != 0 {
		if err := c.opts.Blocks.IterateEncodings(ctx, func(e store.Encoding) error {
			for _, entry := range e.Entries {
				s.filter.Add(contentItem(entry.Digest))
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	if s.filter.EncodedBytes() > filterRoom { // more came meanwhile than was counted
		s.contents, s.filter = 0, bloom.New(0, falsePositives)
	}
	return s, nil
}

// fits tells whether a filter of so many items has room in a summary.
func fits(items int) bool {
	return items < MaxSummaryBytes && bloom.EncodedBytes(uint32(items), falsePositives) <= filterRoom
}

func (s *summary) addManifest(m query.Subject) {
	for _, c := range []cid.Cid{m.Root, m.Manifest} {
		if d, err := format.DigestOf(c); err == nil {
			s.filter.Add(contentItem(d))
		}
	}
	s.filter.Add(textItem(itemOwner, m.Owner))
	for _, tag := range m.Tags {
		s.filter.Add(textItem(itemTag, tag))
	}
}
