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
