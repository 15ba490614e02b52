package data

import (
	"cmp"
	"container/list"
	"context"
	"slices"
	"strconv"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
)

const (
	// maxPlanned bounds the blocks a read-ahead knows it will want.
	maxPlanned = 1 << 17
	// nodeCharge is what a node of unknown size counts for in the window.
	nodeCharge = 8 << 10
)

// readAhead has the blocks of a tree fetched before they are read, many at a time: it follows the links of nodes that
// have arrived, in the order in which a get reads them. It is a hint only. What it does not foresee is fetched when it is
// read, and what is wrong is found by the reader. It runs on one goroutine.
type readAhead struct {
	source *source
	nodes  bool      // the nodes of the top directory's entries are wanted, and nothing below
	plan   list.List // of *planned, in the order they will be read
}

// planned is a block that will be wanted, or a node asked for whose links belong in its place.
type planned struct {
	cid   cid.Cid
	size  uint64 // that the link states
	shard *shardedDir
	leaf  bool // its links are not followed
	asked bool
}

// shardedDir is a directory in shards, whose entries are read in order when all shards are here.
type shardedDir struct {
	missing int
	links   []unixfs.Link
}

// run reads ahead of root until everything is asked for or the source is closed.
func (r *readAhead) run(ctx context.Context, root cid.Cid) {
	s := r.source
	r.plan.PushBack(&planned{cid: root})
	for {
		s.mu.Lock()
		arrived := s.arrived
		s.arrived = nil
		s.mu.Unlock()
		for _, w := range arrived {
			for _, at := range w.places {
				r.follow(at, w.data, w.err)
			}
		}
		r.advance(ctx)
		if r.plan.Len() == 0 {
			return
		}
		select {
		case <-s.moved:
		case <-ctx.Done():
			return
		}
	}
}

// advance asks for what is planned next, once half of the window is free.
func (r *readAhead) advance(ctx context.Context) {
	s := r.source
	s.mu.Lock()
	free := s.aheadCount <= aheadBlocks/2 && s.aheadCharged <= aheadBytes/2
	s.mu.Unlock()
	if !free {
		return
	}
	defer wake(s.queued)
	for at := r.plan.Front(); at != nil && ctx.Err() == nil; {
		p := at.Value.(*planned)
		if p.asked {
			at = at.Next()
			continue
		}
		if r.local(ctx, p) {
			before := at.Prev()
			if p.leaf {
				r.plan.Remove(at)
			} else {
				data, err := s.engine.local(ctx, p.cid)
				r.follow(at, data, err)
			}
			if at = r.plan.Front(); before != nil {
				at = before.Next()
			}
			continue
		}
		next := at.Next()
		if !r.ask(at) {
			return
		}
		at = next
	}
}

// local tells whether the block is stored. One that turns out damaged is left to its reader.
func (r *readAhead) local(ctx context.Context, p *planned) bool {
	d, err := format.DigestOf(p.cid)
	if err != nil {
		return true
	}
	ok, err := r.source.engine.store.Has(ctx, d)
	return ok || err != nil
}

// ask has the block at a place of the plan fetched. It returns false if the window is full.
func (r *readAhead) ask(at *list.Element) bool {
	s, p := r.source, at.Value.(*planned)
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.asked[p.cid]
	if w == nil {
		charge := int(min(p.size, format.MaxBlockSize))
		if !p.leaf {
			charge = min(charge, nodeCharge)
		}
		if s.aheadCount >= aheadBlocks || s.aheadCharged+charge > aheadBytes {
			return false
		}
		w = &wanted{cid: p.cid, done: make(chan struct{}), ahead: true, charged: charge}
		s.asked[p.cid] = w
		s.aheadCount++
		s.aheadCharged += charge
		s.later = append(s.later, w)
	}
	if p.leaf {
		r.plan.Remove(at)
		return true
	}
	p.asked = true
	w.places = append(w.places, at)
	select {
	case <-w.done:
		s.arrived = append(s.arrived, &wanted{data: w.data, err: w.err, places: []*list.Element{at}})
		w.places = nil
		wake(s.moved)
	default:
	}
	return true
}

// follow puts the links of a node that has arrived in its place.
func (r *readAhead) follow(at *list.Element, data []byte, err error) {
	p := at.Value.(*planned)
	defer r.plan.Remove(at)
	if err != nil {
		return
	}
	node, err := unixfs.DecodeNode(data)
	if err != nil {
		return
	}
	switch node.Kind {
	case unixfs.KindShard:
		r.followShard(at, p, node)
	case unixfs.KindDirectory:
		r.planEntries(at, node.Links)
	case unixfs.KindFile:
		if !r.nodes {
			r.planLinks(at, node.Links)
		}
	}
}

// followShard plans the shards below, and when no more are missing the entries of the directory by name.
func (r *readAhead) followShard(at *list.Element, p *planned, node *unixfs.Node) {
	dir := p.shard
	if dir == nil {
		dir = &shardedDir{missing: 1}
	}
	dir.missing--
	digits := len(strconv.FormatInt(int64(node.Fanout-1), 16))
	for _, l := range node.Links {
		switch {
		case r.plan.Len()+len(dir.links) >= maxPlanned:
		case len(l.Name) > digits:
			l.Name = l.Name[digits:]
			dir.links = append(dir.links, l)
		default:
			dir.missing++
			r.plan.InsertBefore(&planned{cid: l.Cid, size: l.TotalSizeBytes, shard: dir}, at)
		}
	}
	if dir.missing == 0 {
		r.planEntries(at, dir.links)
	}
}

// planEntries plans the entries of a directory by name.
func (r *readAhead) planEntries(at *list.Element, links []unixfs.Link) {
	links = slices.Clone(links)
	slices.SortFunc(links, func(a, b unixfs.Link) int { return cmp.Compare(a.Name, b.Name) })
	r.planLinks(at, links)
}

// planLinks plans links in their order.
func (r *readAhead) planLinks(at *list.Element, links []unixfs.Link) {
	for _, l := range links {
		if r.plan.Len() >= maxPlanned {
			return
		}
		raw := l.Cid.Prefix().Codec == format.Raw
		if r.nodes && raw {
			continue
		}
		r.plan.InsertBefore(&planned{cid: l.Cid, size: l.TotalSizeBytes, leaf: raw || r.nodes}, at)
	}
}
