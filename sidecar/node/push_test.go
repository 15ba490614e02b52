package node

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
)

// putRandom puts a file of random bytes.
func putRandom(t *testing.T, e *data.Engine, seed byte, sizeBytes int) (*data.PutResult, []byte) {
	t.Helper()
	body := make([]byte, sizeBytes)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(body)
	p := newPut(t, e)
	require.NoError(t, p.BeginFile("", data.FileInfo{}))
	_, err := p.Write(body)
	require.NoError(t, err)
	r, err := p.Finish()
	require.NoError(t, err)
	return r, body
}

// content is a Sink that keeps the bytes of a file.
type content struct{ bytes.Buffer }

func (c *content) Entry(data.Entry) error { return nil }

func (c *content) Data(p []byte) error {
	_, err := c.Write(p)
	return err
}

func offerOf(r *data.PutResult) transfer.Offer {
	return transfer.Offer{Root: r.Root, Manifest: r.Manifest}
}

func TestPushedContentIsKept(t *testing.T) {
	from := startBare(t)
	to := startBare(t, func(c *Config) { c.Network.AcceptPutsFrom = []string{from.Network().ID().String()} })
	require.NoError(t, from.Network().Connect(t.Context(), to.Network().AddrInfo()))
	client, target := from.fetcher.client, to.Network().ID()
	first, body := putRandom(t, from.Engine(), 1, 5<<20)

	result, err := client.Put(t.Context(), target, offerOf(first), nil)
	require.NoError(t, err)
	require.Equal(t, transfer.PutResult{ReceivedBytes: result.ReceivedBytes}, result)
	require.GreaterOrEqual(t, result.ReceivedBytes, uint64(len(body)))
	_, err = to.Engine().GC(t.Context())
	require.NoError(t, err)
	var got content
	require.NoError(t, to.Engine().Get(t.Context(), first.Root, data.GetOptions{LocalOnly: true}, &got))
	require.True(t, bytes.Equal(body, got.Bytes()))
	_, err = to.Engine().PinnedManifest(t.Context(), first.Manifest)
	require.NoError(t, err)

	again, err := client.Put(t.Context(), target, offerOf(first), nil)
	require.NoError(t, err)
	require.Equal(t, transfer.PutResult{Existing: true}, again, "nothing is sent twice")

	// What is there of a root that was pushed in part is not sent again.
	longer, longerBody := putRandom(t, from.Engine(), 1, 6<<20)
	update := offerOf(longer)
	update.Replaced = first.Root
	rest, err := client.Put(t.Context(), target, update, nil)
	require.NoError(t, err)
	require.Less(t, rest.ReceivedBytes, uint64(len(longerBody)-len(body))+2<<20)
	pins, err := to.Engine().Pins(t.Context(), first.Root)
	require.NoError(t, err)
	require.Empty(t, pins, "the new root takes the place of the old one")
	_, err = to.Engine().GC(t.Context())
	require.NoError(t, err)
	got.Reset()
	require.NoError(t, to.Engine().Get(t.Context(), longer.Root, data.GetOptions{LocalOnly: true}, &got))
	require.True(t, bytes.Equal(longerBody, got.Bytes()))

	removed, err := client.Delete(t.Context(), target, longer.Root)
	require.NoError(t, err)
	require.Equal(t, 1, removed)
	_, err = client.Delete(t.Context(), target, longer.Root)
	require.ErrorIs(t, err, transfer.ErrNotFound)
	gc, err := to.Engine().GC(t.Context())
	require.NoError(t, err)
	require.Zero(t, gc.KeptEncodings)
}

// TestAPeerGivesUpOnlyWhatIsKeptForItAlone: not what the node's own user put, before or after, nor what others have pushed too.
func TestAPeerGivesUpOnlyWhatIsKeptForItAlone(t *testing.T) {
	one, two := startBare(t), startBare(t)
	to := startBare(t, func(c *Config) {
		c.Network.AcceptPutsFrom = []string{one.Network().ID().String(), two.Network().ID().String()}
	})
	target := to.Network().ID()
	for _, n := range []*Node{one, two} {
		require.NoError(t, n.Network().Connect(t.Context(), to.Network().AddrInfo()))
	}
	require.NoError(t, two.Network().Connect(t.Context(), one.Network().AddrInfo()))
	push := func(from *Node, r, replaced *data.PutResult) error {
		o := offerOf(r)
		if replaced != nil {
			o.Replaced = replaced.Root
		}
		_, err := from.fetcher.client.Put(t.Context(), target, o, nil)
		return err
	}
	remove := func(from *Node, r *data.PutResult) error {
		_, err := from.fetcher.client.Delete(t.Context(), target, r.Root)
		return err
	}
	requireKept := func(r *data.PutResult) {
		t.Helper()
		_, err := to.Engine().PinnedManifest(t.Context(), r.Manifest)
		require.NoError(t, err)
	}

	own, _ := putRandom(t, to.Engine(), 1, 100_000)
	fresh, _ := putRandom(t, one.Engine(), 2, 100_000)
	require.ErrorIs(t, remove(one, own), transfer.ErrNotAllowed)
	require.ErrorIs(t, push(one, fresh, own), transfer.ErrNotAllowed, "nor is it replaced")
	requireKept(own)

	same, _ := putRandom(t, one.Engine(), 1, 100_000) // with a manifest of its own
	require.NoError(t, push(one, same, nil))
	require.NoError(t, remove(one, same))
	requireKept(own)
	require.NoError(t, to.Engine().Get(t.Context(), own.Root, data.GetOptions{LocalOnly: true}, &content{}))

	require.NoError(t, push(one, fresh, nil))
	require.ErrorIs(t, remove(two, fresh), transfer.ErrNotAllowed)
	requireKept(fresh)
	_, err := two.Engine().Adopt(t.Context(), fresh.Root, fresh.Manifest, data.AdoptOptions{})
	require.NoError(t, err)
	require.NoError(t, push(two, fresh, nil))
	require.ErrorIs(t, remove(one, fresh), transfer.ErrNotAllowed, "another relies on it")
	require.ErrorIs(t, remove(two, fresh), transfer.ErrNotAllowed)
	requireKept(fresh)

	third, _ := putRandom(t, one.Engine(), 3, 100_000)
	require.NoError(t, push(one, third, nil))
	local, _ := putRandom(t, to.Engine(), 3, 100_000)
	require.Equal(t, third.Manifest, local.Manifest)
	require.ErrorIs(t, remove(one, third), transfer.ErrNotAllowed, "the node's user wants it too")
	requireKept(third)

	fourth, _ := putRandom(t, one.Engine(), 4, 100_000)
	require.NoError(t, push(one, fourth, nil))
	require.NoError(t, remove(one, fourth))
	require.NoError(t, push(one, fourth, nil), "and anew")
	require.NoError(t, remove(one, fourth))
}

// TestAPushSupersedesOnlyWhatThePeerPushed: a manifest that says it replaces one of the node's own does not have that one go.
func TestAPushSupersedesOnlyWhatThePeerPushed(t *testing.T) {
	from := startBare(t)
	to := startBare(t, func(c *Config) { c.Network.AcceptPutsFrom = []string{from.Network().ID().String()} })
	require.NoError(t, from.Network().Connect(t.Context(), to.Network().AddrInfo()))
	own, _ := putRandom(t, to.Engine(), 1, 100_000)
	pushed, _ := putRandom(t, from.Engine(), 2, 100_000)
	_, err := from.fetcher.client.Put(t.Context(), to.Network().ID(), offerOf(pushed), nil)
	require.NoError(t, err)
	for _, old := range []*data.PutResult{own, pushed} {
		successor := newPut(t, from.Engine(), func(o *data.PutOptions) { o.Supersedes = old.Manifest })
		require.NoError(t, successor.BeginFile("", data.FileInfo{}))
		_, err := successor.Write([]byte(old.Root.String()))
		require.NoError(t, err)
		result, err := successor.Finish()
		require.NoError(t, err)
		_, err = from.fetcher.client.Put(t.Context(), to.Network().ID(), offerOf(result), nil)
		require.NoError(t, err)
	}
	history := func(r *data.PutResult) int {
		versions, err := to.Engine().History(t.Context(), r.Manifest)
		require.NoError(t, err)
		return len(versions)
	}
	require.Equal(t, 1, history(own))
	require.Equal(t, 2, history(pushed))
}

func TestPushesOfStrangersAreRefused(t *testing.T) {
	from, to := startBare(t), startBare(t)
	require.NoError(t, from.Network().Connect(t.Context(), to.Network().AddrInfo()))
	client, target := from.fetcher.client, to.Network().ID()
	mine, _ := putRandom(t, from.Engine(), 1, 100_000)
	theirs, _ := putRandom(t, to.Engine(), 2, 100_000)
	_, err := client.Put(t.Context(), target, offerOf(mine), nil)
	require.ErrorIs(t, err, transfer.ErrNotAllowed)
	update := offerOf(mine)
	update.Replaced = theirs.Root
	_, err = client.Put(t.Context(), target, update, nil)
	require.ErrorIs(t, err, transfer.ErrNotAllowed)
	_, err = client.Delete(t.Context(), target, theirs.Root)
	require.ErrorIs(t, err, transfer.ErrNotAllowed)
	_, err = to.Engine().PinnedManifest(t.Context(), theirs.Manifest)
	require.NoError(t, err)
	found, _, err := client.Query(t.Context(), target, "", 1, nil)
	require.NoError(t, err)
	require.Len(t, found, 1, "what is pinned can be asked for by anyone")
}

func TestOffersThatAreNotWhatTheySayAreRefused(t *testing.T) {
	from := startBare(t)
	to := startBare(t, func(c *Config) { c.Network.AcceptPutsFrom = []string{from.Network().ID().String()} })
	require.NoError(t, from.Network().Connect(t.Context(), to.Network().AddrInfo()))
	one, _ := putRandom(t, from.Engine(), 1, 100_000)
	other, _ := putRandom(t, from.Engine(), 2, 100_000)
	_, err := from.fetcher.client.Put(t.Context(), to.Network().ID(), transfer.Offer{Root: one.Root, Manifest: other.Manifest}, nil)
	require.ErrorIs(t, err, transfer.ErrInvalid)
	_, err = from.fetcher.client.Put(t.Context(), to.Network().ID(), transfer.Offer{Root: one.Root, Manifest: one.Root}, nil)
	require.ErrorIs(t, err, transfer.ErrInvalid)
	require.NoError(t, to.Engine().List(t.Context(), func(p data.Pin) error {
		t.Errorf("%s is pinned", p.Root)
		return nil
	}))
}

func TestDeletedContentIsNotSent(t *testing.T) {
	from, to := startBare(t), startBare(t)
	require.NoError(t, to.Network().Connect(t.Context(), from.Network().AddrInfo()))
	put, _ := putRandom(t, from.Engine(), 1, 100_000)
	sent := func() (got int) {
		wants := []transfer.Want{{Cid: put.Root}}
		require.NoError(t, to.fetcher.client.FetchBlocks(t.Context(), wants, false, func(store.Checked, []byte) error {
			got++
			return nil
		}))
		return got
	}
	require.Equal(t, 1, sent())
	_, err := from.Engine().Delete(t.Context(), put.Root, "test")
	require.NoError(t, err)
	require.Zero(t, sent())
}
