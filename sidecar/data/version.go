package data

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const supersededPrefix = "superseded/" // + manifest digest + digest of the manifest that replaces it -> supersededRecord

// KeepForever as PutOptions.KeepSuperseded keeps the superseded version until it is deleted.
const KeepForever time.Duration = -1

// defaultKeepSuperseded is how long a superseded version is kept unless the engine or the put says otherwise.
const defaultKeepSuperseded = 30 * 24 * time.Hour

const supersededVersion = 1

// forever is the time of a version that is kept until it is deleted.
const forever = math.MaxInt64

// appendSuperseded appends the value of a superseded record: a version byte and the time until which the old version is
// kept, in unix milliseconds, big endian.
func appendSuperseded(dst []byte, keepUntil int64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, supersededVersion), uint64(keepUntil))
}

// decodeSuperseded reads what appendSuperseded writes. It fails with store.ErrCorrupt.
func decodeSuperseded(value []byte) (keepUntil int64, err error) {
	if len(value) != 9 || value[0] != supersededVersion || value[1] > math.MaxInt8 {
		return 0, fmt.Errorf("%w: superseded record of %d bytes", store.ErrCorrupt, len(value))
	}
	return int64(binary.BigEndian.Uint64(value[1:])), nil
}

// supersession says that one manifest replaces another.
type supersession struct {
	old, new  format.Digest
	keepUntil int64 // unix milliseconds until which the old one is kept
}

func supersededKey(old, successor format.Digest) []byte {
	return metaKeyOf(supersededPrefix, old[:], successor[:])
}

// supersessions returns every recorded supersession, by the old manifest.
func (e *Engine) supersessions(ctx context.Context) ([]supersession, error) {
	var all []supersession
	err := e.store.IterateMeta(ctx, []byte(supersededPrefix), func(key, value []byte) error {
		tail := key[len(supersededPrefix):]
		if len(tail) != 2*format.DigestSize {
			return fmt.Errorf("%w: superseded key of %d bytes", store.ErrCorrupt, len(key))
		}
		until, err := decodeSuperseded(value)
		if err != nil {
			return err
		}
		all = append(all, supersession{format.Digest(tail[:format.DigestSize]), format.Digest(tail[format.DigestSize:]), until})
		return nil
	})
	return all, err
}

// supersede adds the record that p replaces an older manifest to batch.
func (e *Engine) supersede(p Pin, keep time.Duration, batch *store.Batch) error {
	old, err := format.DigestOf(p.Header.Supersedes)
	if err != nil {
		return err
	}
	successor, err := format.DigestOf(p.Manifest)
	if err != nil {
		return err
	}
	if keep == 0 {
		keep = e.keepSuperseded
	}
	until := int64(forever)
	if keep > 0 {
		until = e.now().Add(keep).UnixMilli()
	}
	return batch.SetMeta(supersededKey(old, successor), appendSuperseded(nil, until))
}

// expireSuperseded unpins the superseded versions whose time is over. Of a version that several others replace the
// longest time counts.
func (e *Engine) expireSuperseded(ctx context.Context) error {
	e.pins.Lock()
	defer e.pins.Unlock()
	all, err := e.supersessions(ctx)
	if err != nil {
		return err
	}
	now := e.now().UnixMilli()
	var batch store.Batch
	var expired []Pin
	for len(all) > 0 {
		old, until, n := all[0].old, int64(0), 0
		for n < len(all) && all[n].old == old {
			until = max(until, all[n].keepUntil)
			n++
		}
		records := all[:n]
		all = all[n:]
		if until > now {
			continue
		}
		switch p, err := e.PinnedManifest(ctx, format.CBORCID(old)); {
		case err == nil:
			expired = append(expired, p)
		case errors.Is(err, ErrNotPinned):
			if err := e.forgetSupersessions(ctx, records, &batch); err != nil {
				return err
			}
		default:
			return err
		}
	}
	if len(expired) == 0 && batch.Empty() {
		return nil
	}
	for _, p := range expired {
		e.log.Info("a superseded version is kept no longer", "root", p.Root, "manifest", p.Manifest)
	}
	return e.changePins(ctx, pinChange{remove: expired}, &batch)
}

// keepAgain adds to batch that a superseded version is kept until it is deleted: it was put again.
func (e *Engine) keepAgain(ctx context.Context, p Pin, batch *store.Batch) error {
	d, err := format.DigestOf(p.Manifest)
	if err != nil {
		return err
	}
	return e.store.IterateMeta(ctx, metaKeyOf(supersededPrefix, d[:]), func(key, _ []byte) error {
		return batch.SetMeta(bytes.Clone(key), appendSuperseded(nil, forever))
	})
}

// forgetSupersessions drops the records of which neither side is pinned.
func (e *Engine) forgetSupersessions(ctx context.Context, records []supersession, batch *store.Batch) error {
	for _, r := range records {
		_, err := e.PinnedManifest(ctx, format.CBORCID(r.new))
		if err == nil {
			continue // a history goes through it
		}
		if !errors.Is(err, ErrNotPinned) {
			return err
		}
		if err := batch.DeleteMeta(supersededKey(r.old, r.new)); err != nil {
			return err
		}
	}
	return nil
}

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
	pins, err := e.Pins(ctx, rootOrManifest)
	if err != nil {
		return nil, err
	}
	if len(pins) == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNotPinned, rootOrManifest)
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
