package data

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const tombstonePrefix = "tombstone/" // + digest of the root -> Tombstone

// tombstoneTTL is how long a deletion is remembered.
const tombstoneTTL = 30 * 24 * time.Hour

const (
	tombstoneVersion      = 1
	tombstoneHeader       = 1 + 1 + 8 + 8 + 8 + 2 + 1
	flagContained         = 1
	maxDeleterBytes       = 128
	maxTombstoneManifests = math.MaxUint16
)

// Tombstone is the record of a deletion.
type Tombstone struct {
	Root      cid.Cid
	Manifests []cid.Cid // those that were pinned
	Deleted   time.Time
	Expires   time.Time // when it is forgotten
	By        string    // who deleted it, at most 128 bytes
	// Contained tells that another pinned root contains this one, which can therefore still be read.
	Contained bool
}

func tombstoneKey(root format.Digest) []byte { return metaKeyOf(tombstonePrefix, root[:]) }

// addTo adds the record to a batch: version, flags, codec of the root, times of deletion and expiry in unix milliseconds,
// number of manifests, length of By, the manifests' digests, By. Numbers are big endian.
func (t *Tombstone) addTo(batch *store.Batch) error {
	root, err := format.DigestOf(t.Root)
	if err != nil {
		return err
	}
	value := []byte{tombstoneVersion, 0}
	if t.Contained {
		value[1] |= flagContained
	}
	value = binary.BigEndian.AppendUint64(value, t.Root.Prefix().Codec)
	value = binary.BigEndian.AppendUint64(value, uint64(t.Deleted.UnixMilli()))
	value = binary.BigEndian.AppendUint64(value, uint64(t.Expires.UnixMilli()))
	value = binary.BigEndian.AppendUint16(value, uint16(len(t.Manifests)))
	value = append(value, byte(len(t.By)))
	for _, m := range t.Manifests {
		d, err := format.DigestOf(m)
		if err != nil {
			return err
		}
		value = append(value, d[:]...)
	}
	return batch.SetMeta(tombstoneKey(root), append(value, t.By...))
}

// decodeTombstone reads the record of a root. It fails with store.ErrCorrupt.
func decodeTombstone(root format.Digest, value []byte) (*Tombstone, error) {
	if len(value) < tombstoneHeader || value[0] != tombstoneVersion || value[1]&^flagContained != 0 {
		return nil, fmt.Errorf("%w: tombstone of %d bytes", store.ErrCorrupt, len(value))
	}
	codec := binary.BigEndian.Uint64(value[2:])
	deleted, expires := binary.BigEndian.Uint64(value[10:]), binary.BigEndian.Uint64(value[18:])
	manifests, by := int(binary.BigEndian.Uint16(value[26:])), int(value[28])
	tail := value[tombstoneHeader:]
	if (codec != format.Raw && codec != format.DagPB) || deleted > math.MaxInt64 || expires > math.MaxInt64 ||
		by > maxDeleterBytes || len(tail) != manifests*format.DigestSize+by {
		return nil, fmt.Errorf("%w: tombstone of %d bytes", store.ErrCorrupt, len(value))
	}
	t := &Tombstone{
		Root:      format.BlockCID(codec, root),
		Deleted:   time.UnixMilli(int64(deleted)),
		Expires:   time.UnixMilli(int64(expires)),
		By:        string(tail[manifests*format.DigestSize:]),
		Contained: value[1]&flagContained != 0,
	}
	for i := range manifests {
		t.Manifests = append(t.Manifests, format.CBORCID(format.Digest(tail[i*format.DigestSize:][:format.DigestSize])))
	}
	return t, nil
}

// Deleted calls yield for every tombstone that has not expired, ordered by root, until it fails.
func (e *Engine) Deleted(ctx context.Context, yield func(*Tombstone) error) error {
	now := e.now()
	return e.eachTombstone(ctx, func(t *Tombstone) error {
		if !now.Before(t.Expires) {
			return nil
		}
		return yield(t)
	})
}

func (e *Engine) eachTombstone(ctx context.Context, yield func(*Tombstone) error) error {
	return e.store.IterateMeta(ctx, []byte(tombstonePrefix), func(key, value []byte) error {
		root, err := format.DigestFromBytes(key[len(tombstonePrefix):])
		if err != nil {
			return fmt.Errorf("%w: tombstone key: %w", store.ErrCorrupt, err)
		}
		t, err := decodeTombstone(root, value)
		if err != nil {
			return err
		}
		return yield(t)
	})
}

// Delete removes all pins of a root and leaves a tombstone that says who did, durably. From then on the root is neither
// read nor served, unless another pinned root contains it; the next collection deletes what nothing else keeps. Putting
// the content again ends the tombstone, as time does. It fails with ErrNotPinned, and with ErrHeld while a deal needs the
// content.
func (e *Engine) Delete(ctx context.Context, root cid.Cid, by string) (*Tombstone, error) {
	t, err := e.bury(ctx, root, by)
	if err != nil {
		return nil, fmt.Errorf("failed to delete %s: %w", root, err)
	}
	return t, nil
}

func (e *Engine) bury(ctx context.Context, root cid.Cid, by string) (*Tombstone, error) {
	if len(by) > maxDeleterBytes {
		return nil, fmt.Errorf("%w: name of %d bytes", ErrOptions, len(by))
	}
	if err := e.loadGraves(ctx); err != nil {
		return nil, err
	}
	e.pins.Lock()
	defer e.pins.Unlock()
	e.holds.Lock() // no deal begins to need it meanwhile
	defer e.holds.Unlock()
	pins, err := e.pinned(ctx, root)
	if err != nil {
		return nil, err
	}
	now := e.now()
	t := &Tombstone{Root: root, Deleted: now, Expires: now.Add(tombstoneTTL), By: by}
	for _, p := range pins {
		holders, err := e.holdersOf(ctx, p.Manifest)
		if err != nil {
			return nil, err
		}
		if len(holders) > 0 {
			return nil, fmt.Errorf("%w: %s", ErrHeld, strings.Join(holders, ", "))
		}
		if len(t.Manifests) < maxTombstoneManifests {
			t.Manifests = append(t.Manifests, p.Manifest)
		}
	}
	if t.Contained, err = e.contained(ctx, root, pins[0].Header); err != nil {
		return nil, err
	}
	var batch store.Batch
	if err := e.withdraw(pins, &batch); err != nil {
		return nil, err
	}
	if err := e.changePins(ctx, pinChange{remove: pins, buried: t}, &batch); err != nil {
		return nil, err
	}
	return t, nil
}

// withdraw adds to batch that pins replace nothing any more: what they superseded is kept.
func (e *Engine) withdraw(pins []Pin, batch *store.Batch) error {
	for _, p := range pins {
		if !p.Header.Supersedes.Defined() {
			continue
		}
		old, err := format.DigestOf(p.Header.Supersedes)
		if err != nil {
			return err
		}
		d, err := format.DigestOf(p.Manifest)
		if err != nil {
			return err
		}
		if err := batch.DeleteMeta(supersededKey(old, d)); err != nil {
			return err
		}
	}
	return nil
}

// holdersOf returns who holds layouts of a manifest, drafts left out. The caller holds e.holds.
func (e *Engine) holdersOf(ctx context.Context, manifestCID cid.Cid) ([]string, error) {
	m, err := format.DigestOf(manifestCID)
	if err != nil {
		return nil, err
	}
	var holders []string
	prefix := metaKeyOf(layoutOfPrefix, m[:])
	err = e.store.IterateMeta(ctx, prefix, func(key, _ []byte) error {
		holds := metaKeyOf(holdPrefix, key[len(prefix):])
		return e.store.IterateMeta(ctx, holds, func(key, _ []byte) error {
			if holder := string(key[len(holds):]); holder != DraftHolder && !slices.Contains(holders, holder) {
				holders = append(holders, holder)
			}
			return nil
		})
	})
	return holders, err
}

// contained tells whether the manifest of another pinned root lists this one. It reads those that are large enough.
func (e *Engine) contained(ctx context.Context, root cid.Cid, h *manifest.Header) (bool, error) {
	d, err := format.DigestOf(root)
	if err != nil {
		return false, err
	}
	err = e.List(ctx, func(p Pin) error {
		if p.Root.Equals(root) || p.Header.ContentSize < h.ContentSize || p.Header.Entries <= h.Entries {
			return nil
		}
		r, err := manifest.Open(ctx, p.Manifest, e.local)
		if err != nil {
			return unreadable(err)
		}
		for entry, err := range r.Entries(ctx) {
			if err != nil {
				return unreadable(err)
			}
			if entry.Digest == d {
				return errEnough
			}
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return true, nil
	}
	return false, err
}

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
