package prefetch

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
)

// numbered returns n entries that differ from those of other seeds.
func numbered(seed, first, n int) []manifest.Entry {
	entries := make([]manifest.Entry, n)
	for i := range entries {
		var d format.Digest
		binary.BigEndian.PutUint32(d[:], uint32(seed))
		binary.BigEndian.PutUint32(d[4:], uint32(first+i))
		entries[i] = manifest.Entry{Codec: format.Raw, Digest: d, Size: 1}
	}
	return entries
}

// TestKnownIsBounded: however much is opened, the pages not used for longest go, and what is left is found where it lies.
func TestKnownIsBounded(t *testing.T) {
	k := newKnown()
	loads := 0
	long := &sequence{start: format.Digest{255}, root: true}
	long.load = func(_ context.Context, page int) ([]manifest.Entry, error) {
		if loads++; page >= 40 {
			return nil, errors.New("behind the end")
		}
		return numbered(1<<30, page*manifest.EntriesPerPage, manifest.EntriesPerPage), nil
	}
	first, err := long.load(t.Context(), 0)
	require.NoError(t, err)
	k.add(long, first)
	for position := range 40 * manifest.EntriesPerPage {
		e, ok := k.entry(t.Context(), long, position)
		require.True(t, ok)
		at, ok := k.find(e.Digest)
		require.True(t, ok)
		require.Equal(t, position, at.position())
	}
	require.Equal(t, 40, loads, "each page is read once by who goes from page to page")
	_, ok := k.entry(t.Context(), long, 40*manifest.EntriesPerPage)
	require.False(t, ok)
	require.LessOrEqual(t, k.entries, maxKnown)
	require.Len(t, k.places, k.entries)

	for seed := range 5000 {
		k.add(&sequence{start: numbered(seed, 0, 1)[0].Digest, root: true}, numbered(seed, 0, 20))
		_, ok := k.find(numbered(0, 0, 1)[0].Digest)
		require.True(t, ok, "what is used stays")
	}
	require.Equal(t, maxPages, k.order.Len())
	require.Len(t, k.sequences, maxPages)
	require.Len(t, k.places, 20*maxPages)
	require.Equal(t, 20*maxPages, k.entries)
	_, ok = k.find(first[0].Digest)
	require.False(t, ok)
}

// TestSharedBlocksAreFound: a block of two manifests is found in the one opened last, and forgotten with that.
func TestSharedBlocksAreFound(t *testing.T) {
	k := newKnown()
	shared := numbered(1, 0, 10)
	a, b := &sequence{start: format.Digest{1}, root: true}, &sequence{start: format.Digest{2}, root: true}
	k.add(a, shared)
	k.add(b, append(numbered(2, 0, 3), shared...))
	at, ok := k.find(shared[4].Digest)
	require.True(t, ok)
	require.Equal(t, b, at.page.sequence)
	require.Equal(t, 7, at.position())
	k.add(&sequence{start: format.Digest{3}}, shared)
	at, _ = k.find(shared[4].Digest)
	require.Equal(t, b, at.page.sequence, "links move nothing that a manifest lists")
	k.forget(a.pages[0])
	_, ok = k.find(shared[4].Digest)
	require.True(t, ok)
	k.forget(b.pages[0])
	_, ok = k.find(shared[4].Digest)
	require.False(t, ok)
	require.NotContains(t, k.sequences, b.start)
}
