package data

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// Stats are the figures of everything stored.
type Stats struct {
	Manifests    uint64 // pinned
	ContentBytes uint64 // plain size of all pinned content, what is in several counted as often
	Store        store.Stats
}

// Stats returns the figures of everything stored.
func (e *Engine) Stats(ctx context.Context) (Stats, error) {
	var st Stats
	err := e.List(ctx, func(p Pin) error {
		st.Manifests++
		st.ContentBytes += p.Header.ContentSize
		return nil
	})
	if err == nil {
		st.Store, err = e.store.Stats(ctx)
	}
	if err != nil {
		return Stats{}, fmt.Errorf("failed to take stock: %w", err)
	}
	return st, nil
}

// Shared counts the distinct blocks of a root that other pinned roots have as well.
type Shared struct {
	Blocks uint64
	Bytes  uint64 // plain
}

// Shared counts exactly what a root shares with other pinned roots, for which it reads all their manifests. It fails as
// Stat does.
func (e *Engine) Shared(ctx context.Context, root cid.Cid) (Shared, error) {
	var s Shared
	unseen := map[format.Digest]uint32{}
	_, err := e.eachBlock(ctx, root, func(entry manifest.Entry) error {
		unseen[entry.Digest] = entry.Size
		return nil
	})
	if err != nil {
		return s, fmt.Errorf("failed to compare %s with others: %w", root, err)
	}
	err = e.List(ctx, func(p Pin) error {
		if p.Root.Equals(root) {
			return nil
		}
		err := e.eachEntry(ctx, p, func(entry manifest.Entry) error {
			if size, ok := unseen[entry.Digest]; ok {
				delete(unseen, entry.Digest)
				s.Blocks++
				s.Bytes += uint64(size)
			}
			return nil
		})
		if err == nil && len(unseen) == 0 {
			err = errEnough
		}
		return err
	})
	if err != nil && !errors.Is(err, errEnough) {
		return s, fmt.Errorf("failed to compare %s with others: %w", root, err)
	}
	return s, nil
}
