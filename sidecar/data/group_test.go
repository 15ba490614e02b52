package data_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
)

// duo is a group of two as the one sees it: everything belongs to the other, an engine.
type duo struct {
	other *data.Engine // nil if it sends nothing

	mu    sync.Mutex
	calls int // guarded by mu
}

func (d *duo) Owners(_ cid.Cid, blocks []transfer.Want) []peer.ID {
	owners := make([]peer.ID, len(blocks))
	for i := range owners {
		owners[i] = "other"
	}
	return owners
}

func (d *duo) FetchThrough(ctx context.Context, _ peer.ID, root cid.Cid, blocks []transfer.Want, cut bool, got transfer.Got) error {
	d.mu.Lock()
	d.calls++
	d.mu.Unlock()
	if d.other == nil {
		return nil
	}
	due := map[cid.Cid]bool{}
	var cids []cid.Cid
	for _, b := range blocks {
		due[b.Cid] = true
		cids = append(cids, b.Cid)
	}
	var mu sync.Mutex // guards due
	send := func(enc store.Checked) error {
		checked, plain, err := store.Decode(enc.Bytes())
		if err != nil {
			return err
		}
		mu.Lock()
		for _, e := range checked.Header().Entries {
			delete(due, format.BlockCID(e.Codec, e.Digest))
		}
		mu.Unlock()
		return got(checked, plain)
	}
	if err := d.other.FetchFor(ctx, root, cids, cut, send); err != nil {
		return err
	}
	// As a server does, for what was there.
	for _, c := range cids {
		digest, err := format.DigestOf(c)
		if err != nil || !due[c] {
			continue
		}
		b, err := d.other.Store().Open(ctx, digest)
		if err != nil {
			continue
		}
		enc, err := store.Encode(envelope.None, 0, []format.Block{b})
		if err != nil {
			return err
		}
		if err := send(enc); err != nil {
			return err
		}
	}
	return nil
}

func encodings(t *testing.T, e *data.Engine) uint64 {
	t.Helper()
	stats, err := e.Store().Stats(t.Context())
	require.NoError(t, err)
	return stats.Encodings
}

func TestWhatBelongsToAnotherMemberIsReadAndNotStored(t *testing.T) {
	far := newEngine(t, data.Options{})
	want := sorted(oddTree())
	r, err := putItems(t.Context(), far, putOptions(t), want)
	require.NoError(t, err)
	other, own := newEngine(t, data.Options{Fetcher: newNeighbour(far)}), newNeighbour(far)
	near := newEngine(t, data.Options{Fetcher: own, Group: &duo{other: other}})
	require.NoError(t, near.ListPath(t.Context(), r.Root, "", false, func(data.Entry) error { return nil }))
	require.Equal(t, want, getItems(t, near, r.Root, data.GetOptions{}))
	require.Zero(t, own.calls)
	require.Zero(t, encodings(t, near))
	require.Equal(t, want, getItems(t, other, r.Root, data.GetOptions{LocalOnly: true}), "the other keeps it")
	gc, err := other.GC(t.Context())
	require.NoError(t, err)
	require.Zero(t, gc.KeptEncodings, "as cache")
}

func TestWhatAMemberDoesNotSendIsFetchedAndKept(t *testing.T) {
	far := newEngine(t, data.Options{})
	want := sorted(oddTree())
	r, err := putItems(t.Context(), far, putOptions(t), want)
	require.NoError(t, err)
	group := &duo{}
	near := newEngine(t, data.Options{Fetcher: newNeighbour(far), Group: group})
	require.Equal(t, want, getItems(t, near, r.Root, data.GetOptions{}))
	require.Equal(t, want, getItems(t, near, r.Root, data.GetOptions{LocalOnly: true}))
	require.Equal(t, 1, group.calls, "who sends nothing is not asked again")
}

// TestWhatIsToBeKeptIsNotLeftToAnotherMember: the group is for reading.
func TestWhatIsToBeKeptIsNotLeftToAnotherMember(t *testing.T) {
	far := newEngine(t, data.Options{})
	want := sorted(oddTree())
	r, err := putItems(t.Context(), far, putOptions(t), want)
	require.NoError(t, err)
	l, err := far.MakeLayout(t.Context(), r.Manifest)
	require.NoError(t, err)
	for name, keep := range map[string]func(e *data.Engine) error{
		"a push": func(e *data.Engine) error {
			_, err := e.Adopt(t.Context(), r.Root, r.Manifest, data.AdoptOptions{})
			return err
		},
		"a deal": func(e *data.Engine) error {
			_, err := e.FetchLayout(t.Context(), l.Cid, data.FetchLayoutOptions{Holder: "deal/1"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			group := &duo{other: far}
			near := newEngine(t, data.Options{Fetcher: newNeighbour(far), Group: group})
			require.NoError(t, keep(near))
			require.Zero(t, group.calls)
			_, err := near.GC(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, getItems(t, near, r.Root, data.GetOptions{LocalOnly: true}))
		})
	}
}

func TestNamedNodesAreAskedAndNotTheGroup(t *testing.T) {
	far := newEngine(t, data.Options{})
	want := sorted(oddTree())
	r, err := putItems(t.Context(), far, putOptions(t), want)
	require.NoError(t, err)
	group := &duo{other: far}
	near := newEngine(t, data.Options{Fetcher: newNeighbour(far), Group: group})
	require.Equal(t, want, getItems(t, near, r.Root, data.GetOptions{Fetcher: newNeighbour(far)}))
	require.Zero(t, group.calls)
}

// TestGroupDoesNotFetchTheEncodingsOfADeal: they would be stored by every member that reads.
func TestGroupDoesNotFetchTheEncodingsOfADeal(t *testing.T) {
	far := newEngine(t, data.Options{})
	want := sorted(oddTree())
	r, err := putItems(t.Context(), far, putOptions(t), want)
	require.NoError(t, err)
	l, err := far.MakeLayout(t.Context(), r.Manifest)
	require.NoError(t, err)
	near := newEngine(t, data.Options{
		Fetcher: newNeighbour(far), Resolver: layoutsOf{r.Root: {l.Cid}}, Group: &duo{other: newEngine(t, data.Options{Fetcher: newNeighbour(far)})},
	})
	require.Equal(t, want, getItems(t, near, r.Root, data.GetOptions{}))
	require.Zero(t, encodings(t, near))
}

// TestMembersThatReadAtOnceHaveABlockFetchedOnce: however many ask for the same blocks, each comes from outside once.
func TestMembersThatReadAtOnceHaveABlockFetchedOnce(t *testing.T) {
	far := newEngine(t, data.Options{})
	want := sorted(oddTree())
	r, err := putItems(t.Context(), far, putOptions(t), want)
	require.NoError(t, err)
	outside := newNeighbour(far)
	other := newEngine(t, data.Options{Fetcher: outside})
	var readers errgroup.Group
	for range 4 {
		near := newEngine(t, data.Options{Fetcher: newNeighbour(far), Group: &duo{other: other}})
		readers.Go(func() error { return near.Get(t.Context(), r.Root, data.GetOptions{}, &collect{}) })
	}
	require.NoError(t, readers.Wait())
	for c, times := range outside.asked {
		require.Equal(t, 1, times, c)
	}
	require.Equal(t, want, getItems(t, other, r.Root, data.GetOptions{LocalOnly: true}))
}

func TestDeletedContentIsNotFetchedForMembers(t *testing.T) {
	far := newEngine(t, data.Options{})
	r, err := putItems(t.Context(), far, putOptions(t), sorted(oddTree()))
	require.NoError(t, err)
	e := newEngine(t, data.Options{Fetcher: newNeighbour(far)})
	_, err = e.Adopt(t.Context(), r.Root, r.Manifest, data.AdoptOptions{})
	require.NoError(t, err)
	_, err = e.Delete(t.Context(), r.Root, "test")
	require.NoError(t, err)
	got := func(store.Checked) error { return nil }
	require.ErrorIs(t, e.FetchFor(t.Context(), r.Root, []cid.Cid{r.Root}, false, got), data.ErrDeleted)
	alone := newEngine(t, data.Options{})
	require.ErrorIs(t, alone.FetchFor(t.Context(), r.Root, []cid.Cid{format.RawCID(format.Sum(nil))}, false, got), data.ErrMissing)
}

// announced is an EncodingFetcher that has nothing but the root until that is asked for, as when who has the rest is found by
// the root alone.
type announced struct {
	*neighbour
	root cid.Cid

	mu    sync.Mutex
	found bool // guarded by mu
}

func (a *announced) Fetch(ctx context.Context, cids []cid.Cid, got func(cid.Cid, []byte) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.found = a.found || slices.Contains(cids, a.root); !a.found {
		return errors.New("nobody announces it")
	}
	return a.neighbour.Fetch(ctx, cids, got)
}

func (a *announced) FetchBlocks(context.Context, []transfer.Want, bool, transfer.Got) error {
	return nil
}

func (a *announced) FetchEncodings(context.Context, []cid.Cid, transfer.Got) error { return nil }

func TestBlocksAreLookedForWhereTheRootIs(t *testing.T) {
	far := newEngine(t, data.Options{})
	body := randomBytes(1, 3<<20)
	r, err := putItems(t.Context(), far, putOptions(t), []item{dir(""), file("a", body[:900_000]), file("b", body[900_000:])})
	require.NoError(t, err)
	var leaf data.Entry
	require.NoError(t, far.ListPath(t.Context(), r.Root, "b", true, func(e data.Entry) error {
		leaf = e
		return nil
	}))
	member := newEngine(t, data.Options{Fetcher: &announced{neighbour: newNeighbour(far), root: r.Root}})
	var blocks []format.Digest
	got := func(enc store.Checked) error {
		for _, e := range enc.Header().Entries {
			blocks = append(blocks, e.Digest)
		}
		return nil
	}
	require.NoError(t, member.FetchFor(t.Context(), r.Root, []cid.Cid{leaf.Cid}, false, got))
	digest, err := format.DigestOf(leaf.Cid)
	require.NoError(t, err)
	require.Equal(t, []format.Digest{digest}, blocks)
}
