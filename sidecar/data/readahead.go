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
	// maxPlanned bounds the blocks a read-ahead knows it will want. Beyond manyPlanned it looks no further than it must.
	maxPlanned  = 1 << 17
	manyPlanned = 1 << 15
	// fewNodes is how many nodes are asked for at once even then.
	fewNodes = 64
)

// readAhead has the blocks of a tree fetched before they are read, many at a time: it follows the links of nodes that
// have arrived. Nodes are asked for as soon as they are known; leaves strictly in the order in which a get reads them, so
// that the window is never full of later ones while earlier ones are read one by one. It is a hint only: what it does not
// foresee is fetched when it is read, and what is wrong is found by the reader. It runs on one goroutine.
type readAhead struct {
	source  *source
	shallow bool      // only the nodes of the top directory's entries are wanted
	plan    list.List // of *planned, in the order they will be read
	nodes   list.List // of those in plan that are nodes, in the same order
}

// planned is a block that will be wanted, or a node asked for whose links belong in its place.
type planned struct {
	cid   cid.Cid
	size  uint64 // that the link states
	shard *shardedDir
	end   bool // its links are not followed
	asked bool
	at    *list.Element // in plan
	node  *list.Element // in nodes, nil for a leaf
}

// shardedDir is a directory in shards, whose entries are read in order when all shards are here.
type shardedDir struct {
	missing int
	links   []unixfs.Link
}

// run reads ahead of root until everything is asked for or the source is closed.
func (r *readAhead) run(ctx context.Context, root cid.Cid) {
	s := r.source
	r.insert(&planned{cid: root}, nil)
	for {
		s.mu.Lock()
		arrived := s.arrived
		s.arrived = nil
		s.mu.Unlock()
		for _, w := range arrived {
			for _, p := range w.places {
				r.follow(p, w.data, w.err)
			}
		}
		r.askNodes(ctx)
		r.askLeaves(ctx)
		wake(s.queued)
		if r.plan.Len() == 0 {
			return
		}
		if first := r.plan.Front().Value.(*planned); first.node != nil && !first.asked {
			wake(s.moved)
		}
		select {
		case <-s.moved:
		case <-ctx.Done():
			return
		}
	}
}

// insert puts p in the plan before next, or at the end.
func (r *readAhead) insert(p, next *planned) {
	node := p.cid.Prefix().Codec != format.Raw
	if next == nil {
		p.at = r.plan.PushBack(p)
		p.node = r.nodes.PushBack(p)
		return
	}
	p.at = r.plan.InsertBefore(p, next.at)
	if node {
		p.node = r.nodes.InsertBefore(p, next.node)
	}
}

// remove takes p out of the plan.
func (r *readAhead) remove(p *planned) {
	r.plan.Remove(p.at)
	if p.node != nil {
		r.nodes.Remove(p.node)
	}
}

// askNodes asks for nodes, and goes on from those that are stored already.
func (r *readAhead) askNodes(ctx context.Context) {
	seen := 0
	for at := r.nodes.Front(); at != nil && ctx.Err() == nil; {
		p := at.Value.(*planned)
		if seen++; seen > fewNodes && r.plan.Len() > manyPlanned || seen > aheadBlocks {
			return
		}
		if p.asked {
			at = at.Next()
			continue
		}
		before := at.Prev()
		switch {
		case !r.local(ctx, p):
			if !r.ask(p) {
				return
			}
		case p.end:
			r.remove(p)
		default:
			data, err := r.source.engine.local(ctx, p.cid)
			if r.follow(p, data, err); r.plan.Len() <= manyPlanned {
				seen--
			}
		}
		if at = r.nodes.Front(); before != nil {
			at = before.Next()
		}
	}
}

// askLeaves asks for the leaves that come before any node not followed yet, once half of the window is free.
func (r *readAhead) askLeaves(ctx context.Context) {
	s := r.source
	s.mu.Lock()
	free := s.aheadCount <= aheadBlocks/2 && s.aheadCharged <= aheadBytes/2
	s.mu.Unlock()
	for free && ctx.Err() == nil {
		at := r.plan.Front()
		if at == nil || at.Value.(*planned).node != nil {
			return
		}
		p := at.Value.(*planned)
		if r.local(ctx, p) {
			r.remove(p)
		} else if !r.ask(p) {
			return
		}
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

// ask has a block of the plan fetched. It returns false if the window is full.
func (r *readAhead) ask(p *planned) bool {
	s := r.source
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.asked[p.cid]
	if w == nil {
		if w = s.foresee(p); w == nil {
			return false
		}
	}
	if p.node == nil || p.end {
		r.remove(p)
		return true
	}
	p.asked = true
	select {
	case <-w.done:
		s.arrived = append(s.arrived, &wanted{data: w.data, err: w.err, places: []*planned{p}})
		wake(s.moved)
	default:
		w.places = append(w.places, p)
	}
	return true
}

// follow puts the links of a node that has arrived in its place.
func (r *readAhead) follow(p *planned, data []byte, err error) {
	defer r.remove(p)
	if err != nil {
		return
	}
	node, err := unixfs.DecodeNode(data)
	if err != nil {
		return
	}
	switch node.Kind {
	case unixfs.KindShard:
		r.followShard(p, node)
	case unixfs.KindDirectory:
		r.planEntries(p, node.Links)
	case unixfs.KindFile:
		if !r.shallow {
			r.planLinks(p, node.Links)
		}
	}
}

// followShard plans the shards below, and when no more are missing the entries of the directory by name.
func (r *readAhead) followShard(p *planned, node *unixfs.Node) {
	dir := p.shard
	if dir == nil {
		dir = &shardedDir{}
	} else {
		dir.missing--
	}
	digits := len(strconv.FormatInt(int64(node.Fanout-1), 16))
	for _, l := range node.Links {
		switch {
		case r.plan.Len()+len(dir.links) >= maxPlanned:
		case len(l.Name) > digits:
			l.Name = l.Name[digits:]
			dir.links = append(dir.links, l)
		default:
			dir.missing++
			r.insert(&planned{cid: l.Cid, size: l.TotalSizeBytes, shard: dir}, p)
		}
	}
	if dir.missing == 0 {
		r.planEntries(p, dir.links)
	}
}

// planEntries plans the entries of a directory by name.
func (r *readAhead) planEntries(p *planned, links []unixfs.Link) {
	links = slices.Clone(links)
	slices.SortFunc(links, func(a, b unixfs.Link) int { return cmp.Compare(a.Name, b.Name) })
	r.planLinks(p, links)
}

// planLinks plans links in their order.
func (r *readAhead) planLinks(p *planned, links []unixfs.Link) {
	for _, l := range links {
		if r.plan.Len() >= maxPlanned {
			return
		}
		if !r.shallow || l.Cid.Prefix().Codec != format.Raw {
			r.insert(&planned{cid: l.Cid, size: l.TotalSizeBytes, end: r.shallow}, p)
		}
	}
}
