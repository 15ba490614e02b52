package data_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/sidecar/data"
)

// wall is a clock that is set by hand.
type wall struct{ now time.Time }

func (w *wall) read() time.Time { return w.now }

func newWall() *wall { return &wall{now: time.UnixMilli(1_700_000_000_000)} }

// update puts content as the new version of a manifest.
func update(t *testing.T, e *data.Engine, old cid.Cid, keep time.Duration, content string) *data.PutResult {
	t.Helper()
	opts := putOptions(t)
	opts.Supersedes, opts.KeepSuperseded = old, keep
	r, err := putItems(t.Context(), e, opts, []item{file("", []byte(content))})
	require.NoError(t, err)
	return r
}

// manifests returns the history of what is named, those that are not stored any more marked.
func manifests(t *testing.T, e *data.Engine, c cid.Cid) []string {
	t.Helper()
	versions, err := e.History(t.Context(), c)
	require.NoError(t, err)
	var out []string
	for _, v := range versions {
		text := v.Manifest.String()
		if v.Pin == nil {
			text += " gone"
		}
		out = append(out, text)
	}
	return out
}

func TestOldVersionIsReadUntilItsTimeIsOver(t *testing.T) {
	clock := newWall()
	e := newEngine(t, data.Options{Now: clock.read, KeepSuperseded: 48 * time.Hour})
	one := update(t, e, cid.Undef, 0, "one")
	clock.now = clock.now.Add(time.Hour)
	two := update(t, e, one.Manifest, 0, "two")
	three := update(t, e, two.Manifest, 3*time.Hour, "three")
	want := []string{three.Manifest.String(), two.Manifest.String(), one.Manifest.String()}
	for _, c := range []cid.Cid{one.Root, two.Root, three.Root, one.Manifest, three.Manifest} {
		require.Equal(t, want, manifests(t, e, c))
	}
	versions, err := e.History(t.Context(), one.Root)
	require.NoError(t, err)
	require.True(t, versions[0].KeepUntil.IsZero())
	require.Empty(t, versions[0].SupersededBy)
	require.True(t, versions[1].KeepUntil.Equal(clock.now.Add(3*time.Hour)))
	require.True(t, versions[2].KeepUntil.Equal(clock.now.Add(48*time.Hour)))
	require.Equal(t, []cid.Cid{two.Manifest}, versions[2].SupersededBy)

	clock.now = clock.now.Add(3*time.Hour - time.Millisecond)
	_, err = e.GC(t.Context())
	require.NoError(t, err)
	require.Equal(t, []item{file("", []byte("two"))}, getItems(t, e, two.Root, data.GetOptions{}))
	clock.now = clock.now.Add(time.Millisecond)
	_, err = e.GC(t.Context())
	require.NoError(t, err)
	require.ErrorIs(t, e.Get(t.Context(), two.Root, data.GetOptions{}, &collect{}), data.ErrMissing)
	require.Equal(t, []item{file("", []byte("one"))}, getItems(t, e, one.Root, data.GetOptions{}), "each version has its own time")
	require.Equal(t, []string{want[0], want[1] + " gone", want[2]}, manifests(t, e, three.Root))

	clock.now = clock.now.Add(48 * time.Hour)
	_, err = e.GC(t.Context())
	require.NoError(t, err)
	require.ErrorIs(t, e.Get(t.Context(), one.Root, data.GetOptions{}, &collect{}), data.ErrMissing)
	require.Equal(t, []item{file("", []byte("three"))}, getItems(t, e, three.Root, data.GetOptions{}))
	_, err = e.History(t.Context(), one.Root)
	require.ErrorIs(t, err, data.ErrNotPinned)
}

func TestKeepForever(t *testing.T) {
	clock := newWall()
	e := newEngine(t, data.Options{Now: clock.read})
	one := update(t, e, cid.Undef, 0, "one")
	update(t, e, one.Manifest, data.KeepForever, "two")
	clock.now = clock.now.Add(200 * 365 * 24 * time.Hour)
	_, err := e.GC(t.Context())
	require.NoError(t, err)
	require.Equal(t, []item{file("", []byte("one"))}, getItems(t, e, one.Root, data.GetOptions{}))
}

func TestConcurrentUpdatesFork(t *testing.T) {
	clock := newWall()
	e := newEngine(t, data.Options{Now: clock.read})
	one := update(t, e, cid.Undef, 0, "one")
	var updates errgroup.Group
	var forks [4]*data.PutResult
	for i := range forks {
		updates.Go(func() error {
			opts := putOptions(t)
			opts.Supersedes, opts.KeepSuperseded = one.Manifest, time.Duration(i+1)*time.Hour
			var err error
			forks[i], err = putItems(t.Context(), e, opts, []item{file("", fmt.Appendf(nil, "fork %d", i))})
			return err
		})
	}
	require.NoError(t, updates.Wait())
	versions, err := e.History(t.Context(), forks[0].Root)
	require.NoError(t, err)
	require.Len(t, versions, 5)
	last := versions[4]
	require.Equal(t, one.Manifest, last.Manifest, "the common version is the oldest")
	require.Len(t, last.SupersededBy, 4)
	for _, f := range forks {
		require.Contains(t, last.SupersededBy, f.Manifest)
	}
	clock.now = clock.now.Add(4*time.Hour - time.Millisecond)
	_, err = e.GC(t.Context())
	require.NoError(t, err)
	require.Equal(t, []item{file("", []byte("one"))}, getItems(t, e, one.Root, data.GetOptions{}), "the longest time counts")
}

func TestUpdateWithoutAChangeIsNoVersion(t *testing.T) {
	e := newEngine(t, data.Options{})
	one := update(t, e, cid.Undef, 0, "one")
	again := update(t, e, one.Manifest, 0, "one")
	require.True(t, again.Existing)
	require.Equal(t, one.Manifest, again.Manifest)
	require.Len(t, manifests(t, e, one.Root), 1)
	two := update(t, e, one.Manifest, 0, "two")
	require.Equal(t, two.Manifest, update(t, e, one.Manifest, 0, "two").Manifest, "nor is the same update twice")
	require.Len(t, manifests(t, e, one.Root), 2)
}

func TestPuttingAnOldVersionAgainKeepsIt(t *testing.T) {
	clock := newWall()
	e := newEngine(t, data.Options{Now: clock.read})
	one := update(t, e, cid.Undef, 0, "one")
	update(t, e, one.Manifest, time.Hour, "two")
	require.Equal(t, one.Manifest, update(t, e, cid.Undef, 0, "one").Manifest)
	clock.now = clock.now.Add(2 * time.Hour)
	_, err := e.GC(t.Context())
	require.NoError(t, err)
	require.Equal(t, []item{file("", []byte("one"))}, getItems(t, e, one.Root, data.GetOptions{}))
}

func TestDeletingTheNewVersionKeepsTheOld(t *testing.T) {
	clock := newWall()
	e := newEngine(t, data.Options{Now: clock.read})
	one := update(t, e, cid.Undef, 0, "one")
	two := update(t, e, one.Manifest, time.Hour, "two")
	_, err := e.Delete(t.Context(), two.Root, "me")
	require.NoError(t, err)
	clock.now = clock.now.Add(2 * time.Hour)
	_, err = e.GC(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{one.Manifest.String()}, manifests(t, e, one.Root))
	require.Equal(t, []item{file("", []byte("one"))}, getItems(t, e, one.Root, data.GetOptions{}))
}

// TestInsertedByteStoresLittle: a byte more in the middle of a large file changes a few blocks only.
func TestInsertedByteStoresLittle(t *testing.T) {
	e := newEngine(t, data.Options{})
	content := randomBytes(7, 100<<20)
	one, err := putItems(t.Context(), e, putOptions(t), []item{file("", content)})
	require.NoError(t, err)
	require.Equal(t, one.Blocks, one.NewBlocks)
	require.Equal(t, one.SizeBytes, one.NewBytes)
	edited := slices.Concat(content[:50<<20], []byte("!"), content[50<<20:])
	opts := putOptions(t)
	opts.Supersedes = one.Manifest
	two, err := putItems(t.Context(), e, opts, []item{file("", edited)})
	require.NoError(t, err)
	require.LessOrEqual(t, two.NewBlocks, uint64(3))
	require.Positive(t, two.NewBlocks)
	require.LessOrEqual(t, two.NewBytes, uint64(3<<20))
	require.Less(t, two.AddedBytes, uint64(4<<20))
	require.Greater(t, two.StoredBytes, uint64(99<<20))
	got := getItems(t, e, two.Root, data.GetOptions{})
	require.True(t, bytes.Equal(edited, got[0].body))
}
