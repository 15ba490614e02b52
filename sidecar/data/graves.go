package data

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// graves are the tombstones in memory, for readers to ask.
type graves struct {
	loading sync.Mutex
	byRoot  atomic.Pointer[map[format.Digest]*Tombstone] // nil until loaded; a map is not changed afterwards
}

// loadGraves reads the tombstones unless they are loaded.
func (e *Engine) loadGraves(ctx context.Context) error {
	if e.graves.byRoot.Load() != nil {
		return nil
	}
	e.graves.loading.Lock()
	defer e.graves.loading.Unlock()
	if e.graves.byRoot.Load() != nil {
		return nil
	}
	byRoot := map[format.Digest]*Tombstone{}
	err := e.eachTombstone(ctx, func(t *Tombstone) error {
		d, err := format.DigestOf(t.Root)
		byRoot[d] = t
		return err
	})
	if err != nil {
		return fmt.Errorf("failed to load tombstones: %w", err)
	}
	e.graves.byRoot.Store(&byRoot)
	return nil
}

// change adds and removes tombstones. Calls are serialised by e.pins, and come after loadGraves.
func (g *graves) change(buried *Tombstone, revived []format.Digest) {
	if buried == nil && len(revived) == 0 {
		return
	}
	byRoot := map[format.Digest]*Tombstone{}
	for d, t := range *g.byRoot.Load() {
		if !slices.Contains(revived, d) {
			byRoot[d] = t
		}
	}
	if buried != nil {
		if d, err := format.DigestOf(buried.Root); err == nil {
			byRoot[d] = buried
		}
	}
	g.byRoot.Store(&byRoot)
}

// tombstone returns the tombstone that forbids to read a root, or nil.
func (e *Engine) tombstone(ctx context.Context, root format.Digest) (*Tombstone, error) {
	if err := e.loadGraves(ctx); err != nil {
		return nil, err
	}
	t := (*e.graves.byRoot.Load())[root]
	if t == nil || t.Contained || !e.now().Before(t.Expires) {
		return nil, nil //nolint:nilnil // there is none
	}
	return t, nil
}

// expireTombstones drops the tombstones whose time is over.
func (e *Engine) expireTombstones(ctx context.Context) error {
	if err := e.loadGraves(ctx); err != nil {
		return err
	}
	e.pins.Lock()
	defer e.pins.Unlock()
	now := e.now()
	var expired []format.Digest
	for d, t := range *e.graves.byRoot.Load() {
		if !now.Before(t.Expires) {
			expired = append(expired, d)
		}
	}
	if len(expired) == 0 {
		return nil
	}
	return e.changePins(ctx, pinChange{revived: expired}, &store.Batch{})
}

// endTombstone drops the tombstone of a root, if there is one, since a deal needs it. The caller holds e.pins.
func (e *Engine) endTombstone(ctx context.Context, root cid.Cid) error {
	d, err := format.DigestOf(root)
	if err != nil {
		return err
	}
	if err := e.loadGraves(ctx); err != nil {
		return err
	}
	if _, ok := (*e.graves.byRoot.Load())[d]; !ok {
		return nil
	}
	return e.changePins(ctx, pinChange{revived: []format.Digest{d}}, &store.Batch{})
}

// Refuses tells whether a block is the root of deleted content, and so not to be served.
func (e *Engine) Refuses(ctx context.Context, block format.Digest) (bool, error) {
	t, err := e.tombstone(ctx, block)
	return t != nil, err
}

// checkRoot accepts what can be the root of content that may be read. It fails with ErrDeleted, or as format.DigestOf.
func (e *Engine) checkRoot(ctx context.Context, root cid.Cid) error {
	d, err := format.DigestOf(root)
	if err != nil {
		return err
	}
	t, err := e.tombstone(ctx, d)
	if err == nil && t != nil {
		err = fmt.Errorf("%w: at %s by %s", ErrDeleted, t.Deleted.UTC().Format(time.RFC3339), t.By)
	}
	return err
}

// foundGraves are the tombstones below a root.
type foundGraves struct {
	among *map[format.Digest]*Tombstone
	roots []format.Digest
}

// stale tells whether tombstones have come or gone since.
func (f foundGraves) stale(g *graves) bool { return f.among != g.byRoot.Load() }

// findGraves looks for tombstones of a root and everything below it, which is stored.
func (e *Engine) findGraves(ctx context.Context, root cid.Cid) (foundGraves, error) {
	if err := e.loadGraves(ctx); err != nil {
		return foundGraves{}, err
	}
	found := foundGraves{among: e.graves.byRoot.Load()}
	if len(*found.among) == 0 {
		return found, nil
	}
	err := unixfs.Walk(ctx, e.local, root, unixfs.WalkOptions{}, func(v unixfs.Visit) error {
		d, err := format.DigestOf(v.Cid)
		if _, ok := (*found.among)[d]; ok {
			found.roots = append(found.roots, d)
		}
		return err
	})
	if err != nil {
		return found, fmt.Errorf("failed to look for tombstones: %w", err)
	}
	return found, nil
}
