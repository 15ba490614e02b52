package data

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
)

// reachTimeout bounds the search for nodes that have a root.
const reachTimeout = 10 * time.Second

// joinGroup has what belongs to other members of the group fetched through them, and not stored here. It is for content
// that is read, never for what is to be kept.
func (s *source) joinGroup() {
	s.group = s.engine.group
	s.shared = s.group != nil
}

// fetchShared gets a batch of what the group caches together: each block through the member that it belongs to; what is this
// node's own, and what a member does not send, from outside.
func (s *source) fetchShared(batch []*wanted) {
	own, parts := s.divide(batch)
	var fetching sync.WaitGroup
	for member, part := range parts {
		fetching.Go(func() { s.fetchOnce(s.fetchThrough(member, part)) })
	}
	s.fetchOnce(own)
	fetching.Wait()
}

// divide splits a batch by whom the blocks belong to.
func (s *source) divide(batch []*wanted) (own []*wanted, parts map[peer.ID][]*wanted) {
	if s.group == nil {
		return batch, nil
	}
	parts = map[peer.ID][]*wanted{}
	owners := s.group.Owners(s.root, wantsOf(batch))
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, w := range batch {
		if _, vain := s.vain[owners[i]]; vain || owners[i] == "" {
			own = append(own, w)
		} else {
			parts[owners[i]] = append(parts[owners[i]], w)
		}
	}
	return own, parts
}

// fetchThrough gets what it can of a part through the member that it belongs to, and returns the rest. A member that sends
// nothing of it is not asked again.
func (s *source) fetchThrough(member peer.ID, part []*wanted) []*wanted {
	asked := len(part)
	err := s.group.FetchThrough(s.ctx, member, s.root, wantsOf(part), !s.whole, s.pass)
	left := slices.DeleteFunc(part, (*wanted).here)
	if len(left) == asked && s.ctx.Err() == nil {
		s.engine.log.Debug("a member of the group has not sent what belongs to it", "member", member, "root", s.root, "error", err)
		s.mu.Lock()
		s.vain[member] = struct{}{}
		s.mu.Unlock()
	}
	return left
}

// fetchOnce gets a batch from outside, but for what another source is getting: that is waited for and read from the store.
func (s *source) fetchOnce(batch []*wanted) {
	if len(batch) == 0 {
		return
	}
	own, others, land := s.engine.flights.board(batch)
	func() {
		defer land()
		s.fetchAbsent(own) // some may have landed since they were missed
	}()
	left := make([]*wanted, 0, len(others))
	for w, landed := range others {
		left = append(left, w)
		select {
		case <-landed:
		case <-s.ctx.Done():
		}
	}
	s.fetchAbsent(left)
}

// fetchAbsent gets from outside what is not stored by now of a batch. All that is kept is stored when it returns.
func (s *source) fetchAbsent(batch []*wanted) {
	batch = slices.DeleteFunc(batch, func(w *wanted) bool {
		data, err := s.engine.local(s.ctx, w.cid)
		if err == nil {
			s.deliver(w, data, nil)
		}
		return err == nil
	})
	if len(batch) > 0 {
		s.fetchOutside(batch, func() {})
		s.flush()
	}
}

// flush stores the small blocks that wait for others.
func (s *source) flush() {
	s.mu.Lock()
	j := s.cache.take()
	s.mu.Unlock()
	if err := s.save(context.WithoutCancel(s.ctx), j); err != nil {
		s.engine.log.Warn("fetched blocks are not kept", "root", s.root, "error", err)
	}
}

// reach connects to nodes that have the root, when what is left of a batch is not to be had from those that are connected.
// Only roots are announced; this node may have got the root from another member of the group, and so know nobody who has the
// rest. It returns whether it is worth asking again.
func (s *source) reach(left []*wanted) bool {
	if !s.root.Defined() || slices.ContainsFunc(left, func(w *wanted) bool { return w.cid.Equals(s.root) }) {
		return false
	}
	s.reached.Do(func() {
		if s.engine.resolver != nil {
			s.resolve.Do(func() { s.engine.resolveDeals(s.ctx, s) })
		}
		ctx, cancel := context.WithTimeout(s.ctx, reachTimeout)
		defer cancel()
		// Whoever sends the root is connected; that nobody does shows when the blocks are not to be had.
		_ = s.fetcher.Fetch(ctx, []cid.Cid{s.root}, func(cid.Cid, []byte) error { return nil })
	})
	return s.ctx.Err() == nil
}

// pass hands out the blocks of an encoding that came through another member of the group, which keeps it. Small blocks of it
// that nobody waits for yet are remembered, lest a pack is sent again for each batch of its blocks.
func (s *source) pass(enc store.Checked, plain []byte) error {
	s.handOut(enc, plain)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range enc.Header().Entries {
		if c := format.BlockCID(e.Codec, e.Digest); s.asked[c] == nil && e.Size < smallBytes {
			w := &wanted{cid: c, data: slices.Clone(plain[e.Offset : e.Offset+e.Size]), done: make(chan struct{})}
			close(w.done)
			s.asked[c] = w
			s.remember(w)
		}
	}
	return nil
}

// FetchFor implements transfer.Fetcher: it gets blocks for another member of the group from outside and keeps them as cache.
func (e *Engine) FetchFor(ctx context.Context, root cid.Cid, blocks []cid.Cid, cut bool, got func(store.Checked) error) (err error) {
	if e.fetcher == nil {
		return fmt.Errorf("failed to fetch for the group: %w: there is no network", ErrMissing)
	}
	if root.Defined() {
		if err := e.checkRoot(ctx, root); err != nil {
			return fmt.Errorf("failed to fetch for the group: %w", err)
		}
	}
	src := e.newSource(ctx, root, e.fetcher)
	defer func() { err = errors.Join(err, src.close()) }()
	src.shared, src.whole, src.kept = true, !cut, got
	var batch []*wanted
	src.mu.Lock()
	for _, c := range blocks {
		e.touch(c)
		if src.asked[c] == nil {
			w := &wanted{cid: c, done: make(chan struct{})}
			src.asked[c] = w
			batch = append(batch, w)
		}
	}
	src.mu.Unlock()
	src.fetchOnce(batch)
	return ctx.Err()
}

var (
	_ Group            = (*transfer.Client)(nil)
	_ transfer.Fetcher = (*Engine)(nil)
)
