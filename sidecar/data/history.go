package data

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// Version is a manifest in a history.
type Version struct {
	Manifest     cid.Cid
	Pin          *Pin      // nil if it is not pinned any more
	SupersededBy []cid.Cid // more than one where a history forks
	KeepUntil    time.Time // zero if it is kept until it is deleted

	generation int
}

// History returns the versions of a root or manifest that are known here: what it supersedes, what supersedes it, and so
// on, newest first. Two updates of one version are a fork, and both
// branches are in the history. It fails with ErrNotPinned.
func (e *Engine) History(ctx context.Context, rootOrManifest cid.Cid) ([]Version, error) {
	start, err := e.versionsOf(ctx, rootOrManifest)
	if err != nil {
		return nil, fmt.Errorf("failed to list the versions: %w", err)
	}
	all, err := e.supersessions(ctx)
	if err != nil {
		return nil, fmt.Errorf("failed to list the versions: %w", err)
	}
	newer, older := map[format.Digest][]supersession{}, map[format.Digest][]supersession{}
	for _, s := range all {
		newer[s.old] = append(newer[s.old], s)
		older[s.new] = append(older[s.new], s)
	}
	var versions []Version
	generations := generations{older: older, known: map[format.Digest]int{}}
	seen := map[format.Digest]bool{}
	for queue := start; len(queue) > 0; {
		d := queue[0]
		queue = queue[1:]
		if seen[d] {
			continue
		}
		seen[d] = true
		v, err := e.version(ctx, d, newer[d])
		if err != nil {
			return nil, fmt.Errorf("failed to list the versions: %w", err)
		}
		v.generation = generations.of(d)
		versions = append(versions, v)
		for _, s := range newer[d] {
			queue = append(queue, s.new)
		}
		for _, s := range older[d] {
			queue = append(queue, s.old)
		}
	}
	slices.SortStableFunc(versions, func(a, b Version) int {
		return cmp.Or(cmp.Compare(b.generation, a.generation), cmp.Compare(b.unixMilli(), a.unixMilli()))
	})
	return versions, nil
}

// generations counts how many versions are behind each: the clocks of creators may differ, so times do not order them. That
// a manifest names the digest of the one before rules cycles out; records that say otherwise are not followed in circles.
type generations struct {
	older map[format.Digest][]supersession
	known map[format.Digest]int
}

func (g *generations) of(d format.Digest) int {
	if n, ok := g.known[d]; ok {
		return n
	}
	g.known[d] = 0
	n := 0
	for _, s := range g.older[d] {
		n = max(n, g.of(s.old)+1)
	}
	g.known[d] = n
	return n
}

// versionsOf returns the manifests of a root, or the one named.
func (e *Engine) versionsOf(ctx context.Context, rootOrManifest cid.Cid) ([]format.Digest, error) {
	d, err := format.DigestOf(rootOrManifest)
	if err != nil {
		return nil, err
	}
	if rootOrManifest.Prefix().Codec == format.DagCBOR {
		if _, err := e.PinnedManifest(ctx, rootOrManifest); err != nil {
			return nil, err
		}
		return []format.Digest{d}, nil
	}
	pins, err := e.pinned(ctx, rootOrManifest)
	if err != nil {
		return nil, err
	}
	var found []format.Digest
	for _, p := range pins {
		d, err := format.DigestOf(p.Manifest)
		if err != nil {
			return nil, err
		}
		found = append(found, d)
	}
	return found, nil
}

// version describes one manifest of a history.
func (e *Engine) version(ctx context.Context, d format.Digest, newer []supersession) (Version, error) {
	v := Version{Manifest: format.CBORCID(d)}
	p, err := e.PinnedManifest(ctx, v.Manifest)
	switch {
	case err == nil:
		v.Pin = &p
	case !errors.Is(err, ErrNotPinned):
		return v, err
	}
	until := int64(0)
	for _, s := range newer {
		v.SupersededBy = append(v.SupersededBy, format.CBORCID(s.new))
		until = max(until, s.keepUntil)
	}
	if len(newer) > 0 && until != forever {
		v.KeepUntil = time.UnixMilli(until)
	}
	return v, nil
}

// unixMilli is the time of the manifest, 0 if it is not known.
func (v *Version) unixMilli() int64 {
	if v.Pin == nil {
		return 0
	}
	return v.Pin.Header.UnixMilli
}
