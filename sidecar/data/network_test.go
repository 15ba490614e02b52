package data_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/blockstore"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
)

// neighbour is a Fetcher that reads another engine's store, as Bitswap would.
type neighbour struct {
	blocks *blockstore.Blockstore
	forge  func(c cid.Cid, data []byte) []byte // nil to answer truly

	mu    sync.Mutex
	asked map[cid.Cid]int // guarded by mu
	calls int             // guarded by mu
}

func newNeighbour(e *data.Engine) *neighbour {
	return &neighbour{blocks: blockstore.New(e.Store(), nil), asked: map[cid.Cid]int{}}
}

func (n *neighbour) Fetch(ctx context.Context, cids []cid.Cid, got func(cid.Cid, []byte) error) error {
	n.mu.Lock()
	n.calls++
	for _, c := range cids {
		n.asked[c]++
	}
	n.mu.Unlock()
	for _, c := range cids {
		b, err := n.blocks.Get(ctx, c)
		if err != nil {
			return err
		}
		body := append([]byte(nil), b.RawData()...)
		if n.forge != nil {
			body = n.forge(c, body)
		}
		if err := got(c, body); err != nil {
			return err
		}
	}
	return nil
}

type layoutsOf map[cid.Cid][]cid.Cid

func (l layoutsOf) Layouts(_ context.Context, root cid.Cid) ([]cid.Cid, error) { return l[root], nil }

func TestGetThatOnlyPasses(t *testing.T) {
	far := newEngine(t, data.Options{})
	want := sorted(oddTree())
	r, err := putItems(t.Context(), far, putOptions(t), want)
	require.NoError(t, err)
	own := newNeighbour(far)
	near := newEngine(t, data.Options{Fetcher: own, Resolver: layoutsOf{r.Root: {r.Manifest}}})

	named := newNeighbour(far)
	require.Equal(t, want, getItems(t, near, r.Root, data.GetOptions{Fetcher: named, Passing: true}))
	require.Zero(t, own.calls, "the fetcher that was named is used alone")
	require.NotZero(t, named.calls)
	stats, err := near.Store().Stats(t.Context())
	require.NoError(t, err)
	require.Zero(t, stats.Encodings, "what is only read is not stored")

	require.ErrorIs(t, near.Get(t.Context(), r.Root, data.GetOptions{Fetcher: named, LocalOnly: true}, &collect{}), data.ErrMissing)
}

func TestGetFetchesWhatIsMissingAndKeepsIt(t *testing.T) {
	far := newEngine(t, data.Options{})
	want := sorted(oddTree())
	r, err := putItems(t.Context(), far, putOptions(t), want)
	require.NoError(t, err)
	n := newNeighbour(far)
	near := newEngine(t, data.Options{Fetcher: n})

	err = near.Get(t.Context(), r.Root, data.GetOptions{LocalOnly: true}, &collect{})
	require.ErrorIs(t, err, data.ErrMissing)
	require.Equal(t, want, getItems(t, near, r.Root, data.GetOptions{}))
	require.Equal(t, want, getItems(t, near, r.Root, data.GetOptions{LocalOnly: true}), "what was fetched is kept")

	var names []string
	require.NoError(t, near.ListPath(t.Context(), r.Root, "zdeep", true, func(e data.Entry) error {
		names = append(names, e.Path)
		return nil
	}))
	require.Equal(t, []string{"", "1", "4"}, names)
	err = near.ListPath(t.Context(), r.Root, "none", true, func(data.Entry) error { return nil })
	require.ErrorIs(t, err, unixfs.ErrNotFound)

	gc, err := near.GC(t.Context())
	require.NoError(t, err)
	require.Zero(t, gc.KeptEncodings, "what was fetched for a get is cache")
}

func TestForgedBlocksAreRefused(t *testing.T) {
	far := newEngine(t, data.Options{})
	r, err := putItems(t.Context(), far, putOptions(t), sorted(oddTree()))
	require.NoError(t, err)
	for name, forge := range map[string]func(cid.Cid, []byte) []byte{
		"bit flipped": func(_ cid.Cid, b []byte) []byte { b[len(b)/2] ^= 4; return b },
		"truncated":   func(_ cid.Cid, b []byte) []byte { return b[:len(b)-1] },
		"oversize":    func(_ cid.Cid, b []byte) []byte { return make([]byte, format.MaxBlockSize+1) },
	} {
		t.Run(name, func(t *testing.T) {
			n := newNeighbour(far)
			n.forge = forge
			near := newEngine(t, data.Options{Fetcher: n})
			var c collect
			err := near.Get(t.Context(), r.Root, data.GetOptions{}, &c)
			require.ErrorIs(t, err, data.ErrMissing)
			require.Empty(t, c.items)
			stats, err := near.Store().Stats(t.Context())
			require.NoError(t, err)
			require.Zero(t, stats.Encodings)
		})
	}
}

func TestLayoutIsFetchedProvenAndKept(t *testing.T) {
	far := newEngine(t, data.Options{})
	want := sorted(oddTree())
	r, err := putItems(t.Context(), far, putOptions(t), want)
	require.NoError(t, err)
	l, err := far.MakeLayout(t.Context(), r.Manifest)
	require.NoError(t, err)
	again, err := far.MakeLayout(t.Context(), r.Manifest)
	require.NoError(t, err)
	require.Equal(t, l, again)

	n := newNeighbour(far)
	near := newEngine(t, data.Options{Fetcher: n})
	_, err = near.FetchLayout(t.Context(), l.Cid, data.FetchLayoutOptions{SizeBytes: l.SizeBytes + 1})
	require.ErrorIs(t, err, data.ErrMismatch)
	_, err = near.FetchLayout(t.Context(), l.Cid, data.FetchLayoutOptions{Root: r.Manifest})
	require.ErrorIs(t, err, data.ErrMismatch)
	_, err = near.FetchLayout(t.Context(), l.Cid, data.FetchLayoutOptions{MaxBytes: 10})
	require.ErrorIs(t, err, data.ErrTooLarge)
	require.ErrorIs(t, near.HoldLayout(t.Context(), l.Cid, "deal/1"), data.ErrNoLayout)

	got, err := near.FetchLayout(t.Context(), l.Cid, data.FetchLayoutOptions{
		Root: r.Root, SizeBytes: l.SizeBytes, MaxBytes: l.SizeBytes, Holder: "deal/1",
	})
	require.NoError(t, err)
	require.Equal(t, l, got)
	commD, size, err := near.RecomputeCommD(t.Context(), l.Cid)
	require.NoError(t, err)
	require.Equal(t, l.CommD, commD)
	require.Equal(t, l.SizeBytes, size)

	gc, err := near.GC(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, getItems(t, near, r.Root, data.GetOptions{LocalOnly: true}), "%+v", gc)
	tree, err := near.ProofSource().Tree(t.Context(), l.CommD)
	require.NoError(t, err)
	require.Equal(t, l.SizeBytes, tree.TotalLength())
	for i := range tree.LeafCount() {
		leaf, err := tree.Leaf(i)
		require.NoError(t, err)
		body, err := near.ProofSource().Encoding(t.Context(), leaf.Digest)
		require.NoError(t, err)
		require.Len(t, body, int(leaf.Length))
	}

	// A second holder outlasts the first.
	require.NoError(t, near.HoldLayout(t.Context(), l.Cid, "deal/2"))
	require.NoError(t, near.ReleaseLayout(t.Context(), l.Cid, "deal/1"))
	_, err = near.GC(t.Context())
	require.NoError(t, err)
	_, _, err = near.RecomputeCommD(t.Context(), l.Cid)
	require.NoError(t, err)
	require.NoError(t, near.ReleaseLayout(t.Context(), l.Cid, "deal/2"))
	gc, err = near.GC(t.Context())
	require.NoError(t, err)
	require.Zero(t, gc.KeptEncodings)
	_, err = near.ProofSource().Tree(t.Context(), l.CommD)
	require.ErrorIs(t, err, data.ErrNoLayout)
}

// TestLostLayoutIsFetchedAgain: a provider whose disk lost its segments finds out, and heals by fetching again.
func TestLostLayoutIsFetchedAgain(t *testing.T) {
	far := newEngine(t, data.Options{})
	r, err := putItems(t.Context(), far, putOptions(t), sorted(oddTree()))
	require.NoError(t, err)
	l, err := far.MakeLayout(t.Context(), r.Manifest)
	require.NoError(t, err)
	home := t.TempDir()
	s, err := pebblestore.Open(home, pebblestore.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	near := data.New(s, data.Options{Fetcher: newNeighbour(far)})
	_, err = near.FetchLayout(t.Context(), l.Cid, data.FetchLayoutOptions{Holder: "deal/1"})
	require.NoError(t, err)

	segments, err := filepath.Glob(filepath.Join(home, "segments", "*.seg"))
	require.NoError(t, err)
	for _, path := range segments {
		require.NoError(t, os.Remove(path))
	}
	_, _, err = near.RecomputeCommD(t.Context(), l.Cid)
	require.ErrorIs(t, err, store.ErrCorrupt)
	_, err = near.GC(t.Context())
	require.ErrorIs(t, err, data.ErrMissing, "what to keep is not known")

	_, err = near.FetchLayout(t.Context(), l.Cid, data.FetchLayoutOptions{Holder: "deal/1"})
	require.NoError(t, err)
	commD, _, err := near.RecomputeCommD(t.Context(), l.Cid)
	require.NoError(t, err)
	require.Equal(t, l.CommD, commD)
	_, err = near.GC(t.Context())
	require.NoError(t, err)
	_, _, err = near.RecomputeCommD(t.Context(), l.Cid)
	require.NoError(t, err)
}

func TestGetPrefersTheEncodingsOfADeal(t *testing.T) {
	far := newEngine(t, data.Options{})
	want := sorted(oddTree())
	r, err := putItems(t.Context(), far, putOptions(t), want)
	require.NoError(t, err)
	l, err := far.MakeLayout(t.Context(), r.Manifest)
	require.NoError(t, err)
	n := newNeighbour(far)
	near := newEngine(t, data.Options{Fetcher: n, Resolver: layoutsOf{r.Root: {l.Cid}}})
	require.Equal(t, want, getItems(t, near, r.Root, data.GetOptions{}))
	require.NotContains(t, n.asked, r.Root, "no block was asked for that an encoding holds")

	// A layout that is not to be had leaves the blocks to be fetched.
	lost := format.CBORCID(format.Sum([]byte("lost")))
	near = newEngine(t, data.Options{Fetcher: n, Resolver: layoutsOf{r.Root: {lost}}})
	require.Equal(t, want, getItems(t, near, r.Root, data.GetOptions{}))
}

func TestForgedEncodingsAreRefused(t *testing.T) {
	far := newEngine(t, data.Options{})
	r, err := putItems(t.Context(), far, putOptions(t), sorted(oddTree()))
	require.NoError(t, err)
	l, err := far.MakeLayout(t.Context(), r.Manifest)
	require.NoError(t, err)
	n := newNeighbour(far)
	n.forge = func(c cid.Cid, b []byte) []byte {
		if string(b[:4]) == "IPDE" {
			b[len(b)-1] ^= 1
		}
		return b
	}
	near := newEngine(t, data.Options{Fetcher: n})
	_, err = near.FetchLayout(t.Context(), l.Cid, data.FetchLayoutOptions{Holder: "x"})
	require.ErrorIs(t, err, data.ErrMismatch)
	require.ErrorIs(t, near.HoldLayout(t.Context(), l.Cid, "x"), data.ErrNoLayout)
}

// failing is a Sink that gives up.
type failing struct{ err error }

func (f failing) Entry(data.Entry) error { return nil }
func (f failing) Data([]byte) error      { return f.err }

func TestGetEndsWhenTheSinkFails(t *testing.T) {
	e := newEngine(t, data.Options{})
	r, err := putItems(t.Context(), e, putOptions(t), []item{file("", randomBytes(1, 60<<20))})
	require.NoError(t, err)
	gone := errors.New("the reader is gone")
	require.ErrorIs(t, e.Get(t.Context(), r.Root, data.GetOptions{}, failing{gone}), gone)
}

func TestGetOfAPartFetchesThatPartOnly(t *testing.T) {
	far := newEngine(t, data.Options{})
	wanted := file("wanted", randomBytes(1, 3<<20))
	r, err := putItems(t.Context(), far, putOptions(t), []item{dir(""), file("other", randomBytes(2, 20<<20)), wanted})
	require.NoError(t, err)
	l, err := far.MakeLayout(t.Context(), r.Manifest)
	require.NoError(t, err)
	for name, read := range map[string]func(e *data.Engine){
		"a path": func(e *data.Engine) {
			got := getItems(t, e, r.Root, data.GetOptions{Path: "wanted"})
			require.Equal(t, wanted.body, got[0].body)
		},
		"a range": func(e *data.Engine) {
			got := getItems(t, e, r.Root, data.GetOptions{Path: "wanted", Range: &data.Range{First: 1 << 20, Last: 1<<20 + 9}})
			require.Equal(t, wanted.body[1<<20:1<<20+10], got[0].body)
		},
		"a listing": func(e *data.Engine) {
			require.NoError(t, e.ListPath(t.Context(), r.Root, "", false, func(data.Entry) error { return nil }))
		},
	} {
		t.Run(name, func(t *testing.T) {
			near := newEngine(t, data.Options{Fetcher: newNeighbour(far), Resolver: layoutsOf{r.Root: {l.Cid}}})
			read(near)
			stats, err := near.Store().Stats(t.Context())
			require.NoError(t, err)
			require.Less(t, stats.PlainBytes, uint64(6<<20), "the other file stays where it is")
		})
	}
}

func TestGetWithoutRoomToKeepWhatItFetches(t *testing.T) {
	far := newEngine(t, data.Options{})
	want := sorted(oddTree())
	r, err := putItems(t.Context(), far, putOptions(t), want)
	require.NoError(t, err)
	l, err := far.MakeLayout(t.Context(), r.Manifest)
	require.NoError(t, err)
	full, err := pebblestore.Open(t.TempDir(), pebblestore.Options{ReserveBytes: 1 << 62})
	require.NoError(t, err)
	defer func() { require.NoError(t, full.Close()) }()
	for _, resolver := range []data.Resolver{nil, layoutsOf{r.Root: {l.Cid}}} {
		near := data.New(full, data.Options{Fetcher: newNeighbour(far), Resolver: resolver})
		require.Equal(t, want, getItems(t, near, r.Root, data.GetOptions{}))
	}
	_, err = data.New(full, data.Options{Fetcher: newNeighbour(far)}).
		FetchLayout(t.Context(), l.Cid, data.FetchLayoutOptions{Holder: "x"})
	require.ErrorIs(t, err, store.ErrFull, "what is to be held has to be kept")
}

func TestDamageIsToldWhenNobodyElseHasTheBlock(t *testing.T) {
	home := t.TempDir()
	s, err := pebblestore.Open(home, pebblestore.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	body := randomBytes(1, 900_000)
	empty := newNeighbour(newEngine(t, data.Options{}))
	e := data.New(s, data.Options{Fetcher: empty})
	r, err := putItems(t.Context(), e, putOptions(t), []item{file("", body)})
	require.NoError(t, err)
	flip(t, home, body[:100])
	var c collect
	err = e.Get(t.Context(), r.Root, data.GetOptions{}, &c)
	require.ErrorIs(t, err, store.ErrCorrupt)
	require.ErrorIs(t, err, data.ErrMissing)
}
