package data_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/blockstore"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
)

func deleted(t *testing.T, e *data.Engine) []cid.Cid {
	t.Helper()
	var roots []cid.Cid
	require.NoError(t, e.Deleted(t.Context(), func(d *data.Tombstone) error {
		roots = append(roots, d.Root)
		return nil
	}))
	return roots
}

func servedTo(t *testing.T, e *data.Engine, c cid.Cid) bool {
	t.Helper()
	has, err := blockstore.New(e.Store(), e).Has(t.Context(), c)
	require.NoError(t, err)
	return has
}

func TestDeletedRootIsNotRead(t *testing.T) {
	clock := newWall()
	e := newEngine(t, data.Options{Now: clock.read, CacheMaxBytes: 1 << 40})
	tree := smallTree(1)
	gone, err := putItems(t.Context(), e, putOptions(t), tree)
	require.NoError(t, err)
	kept, err := putItems(t.Context(), e, putOptions(t), smallTree(2)) // shares most files
	require.NoError(t, err)
	require.True(t, servedTo(t, e, gone.Root))

	d, err := e.Delete(t.Context(), gone.Root, "me")
	require.NoError(t, err)
	require.Equal(t, []cid.Cid{gone.Manifest}, d.Manifests)
	require.False(t, d.Contained)
	require.ErrorIs(t, e.Get(t.Context(), gone.Root, data.GetOptions{}, &collect{}), data.ErrDeleted)
	_, err = e.Stat(t.Context(), gone.Root)
	require.ErrorIs(t, err, data.ErrDeleted)
	err = e.ListPath(t.Context(), gone.Root, "", false, func(data.Entry) error { return nil })
	require.ErrorIs(t, err, data.ErrDeleted)
	require.False(t, servedTo(t, e, gone.Root))
	_, err = blockstore.New(e.Store(), e).Get(t.Context(), gone.Root)
	require.Error(t, err)
	require.Equal(t, []cid.Cid{gone.Root}, deleted(t, e))
	_, err = e.Delete(t.Context(), gone.Root, "me")
	require.ErrorIs(t, err, data.ErrNotPinned)

	r, err := e.Evict(t.Context(), 0)
	require.NoError(t, err)
	require.Positive(t, r.FreedBytes, "what was deleted goes, whatever room there is for cache")
	has, err := e.Store().Has(t.Context(), digestOf(t, gone.Manifest))
	require.NoError(t, err)
	require.False(t, has)
	require.Equal(t, smallTree(2), getItems(t, e, kept.Root, data.GetOptions{}), "what is shared stays")

	again, err := putItems(t.Context(), e, putOptions(t), tree)
	require.NoError(t, err)
	require.Equal(t, gone.Root, again.Root)
	require.Equal(t, tree, getItems(t, e, gone.Root, data.GetOptions{}))
	require.True(t, servedTo(t, e, gone.Root))
	require.Empty(t, deleted(t, e))
}

func TestTombstoneOutlivesTheEngineAndExpires(t *testing.T) {
	ctx, clock := t.Context(), newWall()
	s, err := pebblestore.Open("home", pebblestore.Options{FS: vfs.NewMem()})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	e := data.New(s, data.Options{Now: clock.read})
	r, err := putItems(ctx, e, putOptions(t), smallTree(1))
	require.NoError(t, err)
	d, err := e.Delete(ctx, r.Root, "me")
	require.NoError(t, err)
	e = data.New(s, data.Options{Now: clock.read})
	err = e.Get(ctx, r.Root, data.GetOptions{}, &collect{})
	require.ErrorIs(t, err, data.ErrDeleted)
	require.ErrorContains(t, err, "2023-11-14T22:13:20Z by me")

	clock.now = d.Expires
	require.Empty(t, deleted(t, e))
	require.NotErrorIs(t, e.Get(ctx, r.Root, data.GetOptions{}, &collect{}), data.ErrDeleted)
	for range 2 { // once with the tombstone in memory, once with none left
		_, err = e.GC(ctx)
		require.NoError(t, err)
		require.NoError(t, s.IterateMeta(ctx, []byte("tombstone/"), func(_, _ []byte) error {
			t.Error("an expired tombstone is left")
			return nil
		}))
		e = data.New(s, data.Options{Now: clock.read})
	}
}

func TestDeletedRootInsideAnotherIsRead(t *testing.T) {
	e := newEngine(t, data.Options{})
	inner := []item{dir(""), file("a", randomBytes(1, 5000)), file("b", randomBytes(2, 6000))}
	outer := []item{dir(""), dir("in"), file("in/a", randomBytes(1, 5000)), file("in/b", randomBytes(2, 6000)), file("z", randomBytes(3, 10))}
	in, err := putItems(t.Context(), e, putOptions(t), inner)
	require.NoError(t, err)
	out, err := putItems(t.Context(), e, putOptions(t), outer)
	require.NoError(t, err)

	d, err := e.Delete(t.Context(), in.Root, "me")
	require.NoError(t, err)
	require.True(t, d.Contained)
	_, err = e.GC(t.Context())
	require.NoError(t, err)
	require.True(t, servedTo(t, e, in.Root))
	require.Equal(t, inner, getItems(t, e, in.Root, data.GetOptions{}))
	require.Equal(t, outer, getItems(t, e, out.Root, data.GetOptions{}))

	// The other way round: what was deleted is put as a part of something else.
	_, err = e.Delete(t.Context(), out.Root, "me")
	require.NoError(t, err)
	_, err = putItems(t.Context(), e, putOptions(t), inner)
	require.NoError(t, err)
	d, err = e.Delete(t.Context(), in.Root, "me")
	require.NoError(t, err)
	require.False(t, d.Contained)
	require.False(t, servedTo(t, e, in.Root))
	_, err = putItems(t.Context(), e, putOptions(t), outer)
	require.NoError(t, err)
	require.True(t, servedTo(t, e, in.Root))
	require.Empty(t, deleted(t, e))
}

func TestDealsForbidToDelete(t *testing.T) {
	e := newEngine(t, data.Options{})
	r, err := putItems(t.Context(), e, putOptions(t), smallTree(1))
	require.NoError(t, err)
	l, err := e.MakeLayout(t.Context(), r.Manifest)
	require.NoError(t, err)
	require.NoError(t, e.HoldLayout(t.Context(), l.Cid, "deal/7"))
	_, err = e.Delete(t.Context(), r.Root, "me")
	require.ErrorIs(t, err, data.ErrHeld)
	require.ErrorContains(t, err, "deal/7")
	require.Equal(t, smallTree(1), getItems(t, e, r.Root, data.GetOptions{}))
	require.NoError(t, e.ReleaseLayout(t.Context(), l.Cid, "deal/7"))
	_, err = e.Delete(t.Context(), r.Root, "me")
	require.NoError(t, err, "a draft is no deal")
}

func TestADealEndsATombstone(t *testing.T) {
	far := newEngine(t, data.Options{})
	r, err := putItems(t.Context(), far, putOptions(t), smallTree(1))
	require.NoError(t, err)
	l, err := far.MakeLayout(t.Context(), r.Manifest)
	require.NoError(t, err)

	e := newEngine(t, data.Options{})
	_, err = putItems(t.Context(), e, putOptions(t), smallTree(1))
	require.NoError(t, err)
	_, err = e.Delete(t.Context(), r.Root, "me")
	require.NoError(t, err)
	_, err = e.FetchLayout(t.Context(), l.Cid, data.FetchLayoutOptions{Fetcher: newNeighbour(far), Holder: "deal/7"})
	require.NoError(t, err)
	require.True(t, servedTo(t, e, r.Root), "a provider serves what it is paid for")
	require.Equal(t, smallTree(1), getItems(t, e, r.Root, data.GetOptions{}))
}

// TestCollectionOfDeletedContentGoesOn: a collection that ends early leaves the manifest that tells what else is to go.
func TestCollectionOfDeletedContentGoesOn(t *testing.T) {
	e := newEngine(t, data.Options{CacheMaxBytes: 1 << 40})
	r, err := putItems(t.Context(), e, putOptions(t), []item{file("", randomBytes(1, 100<<20))})
	require.NoError(t, err)
	_, err = e.Delete(t.Context(), r.Root, "me")
	require.NoError(t, err)
	before, err := e.Store().Stats(t.Context())
	require.NoError(t, err)
	interrupted := data.New(&dying{Store: e.Store(), left: 1}, data.Options{CacheMaxBytes: 1 << 40})
	_, err = interrupted.Evict(t.Context(), 0)
	require.ErrorIs(t, err, context.Canceled)
	half, err := e.Store().Stats(t.Context())
	require.NoError(t, err)
	require.Less(t, half.Encodings, before.Encodings)
	require.NotZero(t, half.Encodings)
	_, err = e.Evict(t.Context(), 0)
	require.NoError(t, err)
	after, err := e.Store().Stats(t.Context())
	require.NoError(t, err)
	require.Zero(t, after.Encodings)
}

// dying is a store that takes a number of changes and then no more.
type dying struct {
	store.Store
	left int
}

func (d *dying) Apply(ctx context.Context, b *store.Batch, how store.Durability) error {
	if d.left == 0 {
		return context.Canceled
	}
	d.left--
	return d.Store.Apply(ctx, b, how)
}

// TestEvictionLeavesNodesToTheEnd: directories and manifests stay when files go that are read more for their size.
func TestEvictionLeavesNodesToTheEnd(t *testing.T) {
	e := newEngine(t, data.Options{CacheMaxBytes: 200_000})
	items := []item{dir("")}
	for i := range uint64(8) {
		items = append(items, file(fmt.Sprintf("f%d", i), randomBytes(i, 100_000)))
	}
	r, err := putItems(t.Context(), e, putOptions(t), items)
	require.NoError(t, err)
	_, err = e.Unpin(t.Context(), r.Root)
	require.NoError(t, err)
	for i := range uint64(8) {
		for range 300 { // three for each thousand bytes, where the put alone has made it about one for nodes
			e.Touch(format.Sum(randomBytes(i, 100_000)))
		}
	}
	got, err := e.Evict(t.Context(), 0)
	require.NoError(t, err)
	require.NotZero(t, got.DeletedEncodings)
	for _, c := range []cid.Cid{r.Root, r.Manifest} {
		d, err := format.DigestOf(c)
		require.NoError(t, err)
		has, err := e.Store().Has(t.Context(), d)
		require.NoError(t, err)
		require.True(t, has, c)
	}
}

func TestEvictionTakesTheColdestFirst(t *testing.T) {
	clock := newWall()
	s, err := pebblestore.Open("home", pebblestore.Options{FS: vfs.NewMem()})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	e := data.New(s, data.Options{Now: clock.read, CacheMaxBytes: 1_800_000})
	var roots []cid.Cid
	for i := range uint64(4) {
		r, err := putItems(t.Context(), e, putOptions(t), []item{file("", randomBytes(i, 500_000))})
		require.NoError(t, err)
		roots = append(roots, r.Root)
	}
	pinned, err := putItems(t.Context(), e, putOptions(t), []item{file("", randomBytes(9, 3_000_000))})
	require.NoError(t, err)
	for _, root := range roots {
		_, err := e.Unpin(t.Context(), root)
		require.NoError(t, err)
	}
	for _, root := range []cid.Cid{roots[0], roots[0], roots[2]} {
		getItems(t, e, root, data.GetOptions{})
	}
	stored := func() []bool {
		var out []bool
		for _, root := range roots {
			out = append(out, e.Get(t.Context(), root, data.GetOptions{LocalOnly: true}, &collect{}) == nil)
		}
		return out
	}
	// None of the three collections reads what it keeps, and stored only what is to be kept in the end.
	r, err := e.Evict(t.Context(), 0)
	require.NoError(t, err)
	require.InDelta(t, 1_500_000, float64(r.CachedBytes), 20_000, "the oldest of what was never read went")
	r, err = e.Evict(t.Context(), 0)
	require.NoError(t, err)
	require.Zero(t, r.DeletedEncodings, "there is room")
	r, err = e.Evict(t.Context(), 600_000)
	require.NoError(t, err)
	require.Greater(t, r.FreedBytes, uint64(600_000))
	require.Equal(t, []bool{true, false, false, false}, stored(), "the one that is read most is left")
	_, err = e.GC(t.Context())
	require.NoError(t, err)
	require.Equal(t, []bool{false, false, false, false}, stored())
	require.Len(t, getItems(t, e, pinned.Root, data.GetOptions{}), 1)
}
