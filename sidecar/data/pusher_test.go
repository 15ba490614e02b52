package data_test

import (
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data"
)

// TestAPushedVersionStaysForThoseWhoAlsoPushIt: a version that its pusher has superseded, and would have expire, is kept when
// somebody else has it kept meanwhile, in whatever order.
func TestAPushedVersionStaysForThoseWhoAlsoPushIt(t *testing.T) {
	for name, other := range map[string]string{"another peer": "B", "the node's own user": ""} {
		for _, deleted := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				clock := newWall()
				from := newEngine(t, data.Options{Now: clock.read})
				to := newEngine(t, data.Options{Now: clock.read, KeepSuperseded: time.Hour})
				adopt := func(r *data.PutResult, by string) {
					t.Helper()
					_, err := to.Adopt(t.Context(), r.Root, r.Manifest, data.AdoptOptions{By: by, Fetcher: newNeighbour(from)})
					require.NoError(t, err)
				}
				one := update(t, from, cid.Undef, 0, "one")
				two := update(t, from, one.Manifest, 0, "two")
				adopt(one, "A")
				adopt(two, "A")
				if deleted {
					removed, err := to.UnpinPushed(t.Context(), one.Root, "A")
					require.NoError(t, err)
					require.Equal(t, 1, removed)
				}
				adopt(one, other)
				clock.now = clock.now.Add(2 * time.Hour)
				_, err := to.GC(t.Context())
				require.NoError(t, err)
				_, err = to.PinnedManifest(t.Context(), one.Manifest)
				require.NoError(t, err)
			})
		}
	}
}

// TestAPushedVersionExpires: its pusher alone has kept it.
func TestAPushedVersionExpires(t *testing.T) {
	clock := newWall()
	from := newEngine(t, data.Options{Now: clock.read})
	to := newEngine(t, data.Options{Now: clock.read, KeepSuperseded: time.Hour})
	one := update(t, from, cid.Undef, 0, "one")
	two := update(t, from, one.Manifest, 0, "two")
	for _, r := range []*data.PutResult{one, one, two, one} { // repeated pushes of its own change nothing
		_, err := to.Adopt(t.Context(), r.Root, r.Manifest, data.AdoptOptions{By: "A", Fetcher: newNeighbour(from)})
		require.NoError(t, err)
	}
	clock.now = clock.now.Add(2 * time.Hour)
	_, err := to.GC(t.Context())
	require.NoError(t, err)
	_, err = to.PinnedManifest(t.Context(), one.Manifest)
	require.ErrorIs(t, err, data.ErrNotPinned)
}

// TestAReplacementMayBeRepeated: the answer to a push may be lost.
func TestAReplacementMayBeRepeated(t *testing.T) {
	from, to := newEngine(t, data.Options{Now: newWall().read}), newEngine(t, data.Options{}) // so that manifests differ
	old := update(t, to, cid.Undef, 0, "old")                                                 // with a manifest of the node's own user
	theirs := update(t, from, cid.Undef, 0, "old")
	fresh := update(t, from, cid.Undef, 0, "new")
	push := func(r *data.PutResult, replaced cid.Cid) error {
		_, err := to.Adopt(t.Context(), r.Root, r.Manifest, data.AdoptOptions{By: "A", Replaced: replaced, Fetcher: newNeighbour(from)})
		return err
	}
	require.ErrorIs(t, push(fresh, old.Root), data.ErrNotPusher)
	require.NoError(t, push(theirs, cid.Undef))
	require.NoError(t, push(fresh, old.Root))
	require.NoError(t, push(fresh, old.Root))
	pins, err := to.Pins(t.Context(), old.Root)
	require.NoError(t, err)
	require.Len(t, pins, 1)
	require.Equal(t, old.Manifest, pins[0].Manifest)
}

// TestWhatAPeerGivesUpIsCache: the node may have it for others.
func TestWhatAPeerGivesUpIsCache(t *testing.T) {
	from, to := newEngine(t, data.Options{}), newEngine(t, data.Options{})
	r := update(t, from, cid.Undef, 0, "content")
	_, err := to.Adopt(t.Context(), r.Root, r.Manifest, data.AdoptOptions{By: "A", Fetcher: newNeighbour(from)})
	require.NoError(t, err)
	_, err = to.UnpinPushed(t.Context(), r.Root, "B")
	require.ErrorIs(t, err, data.ErrNotPusher)
	_, err = to.UnpinPushed(t.Context(), r.Root, "A")
	require.NoError(t, err)
	require.Equal(t, []item{file("", []byte("content"))}, getItems(t, to, r.Root, data.GetOptions{LocalOnly: true}))
	_, err = to.UnpinPushed(t.Context(), r.Root, "A")
	require.ErrorIs(t, err, data.ErrNotPinned)
}
