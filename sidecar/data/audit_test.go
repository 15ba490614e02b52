package data_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
)

// auditOf returns what an audit found and says.
func auditOf(t *testing.T, e *data.Engine) (data.AuditResult, []string) {
	t.Helper()
	var problems []string
	r, err := e.Audit(t.Context(), func(text string) error {
		problems = append(problems, text)
		return nil
	})
	require.NoError(t, err)
	return r, problems
}

func TestAuditCountsWhatACollectionDeletes(t *testing.T) {
	e := newEngine(t, data.Options{})
	kept, err := putItems(t.Context(), e, putOptions(t), smallTree(1))
	require.NoError(t, err)
	layout, err := e.MakeLayout(t.Context(), kept.Manifest)
	require.NoError(t, err)
	gone, err := putItems(t.Context(), e, putOptions(t), []item{file("", randomBytes(1, 2<<20))})
	require.NoError(t, err)
	r, problems := auditOf(t, e)
	require.Empty(t, problems)
	require.Equal(t, data.AuditResult{Pins: 2, Layouts: 1, Encodings: r.Encodings}, r)

	_, err = e.Unpin(t.Context(), gone.Root)
	require.NoError(t, err)
	r, _ = auditOf(t, e)
	require.NotZero(t, r.Orphans)
	require.Greater(t, r.OrphanBytes, uint64(2<<20))
	collected, err := e.GC(t.Context())
	require.NoError(t, err)
	require.Equal(t, r.Orphans, collected.DeletedEncodings)
	require.Equal(t, r.OrphanBytes, collected.FreedBytes)
	r, problems = auditOf(t, e)
	require.Empty(t, problems)
	require.Zero(t, r.Orphans)

	// One encoding after the other: each is missed by the pin, the layout, or both.
	var all []store.Encoding
	require.NoError(t, e.Store().IterateEncodings(t.Context(), func(enc store.Encoding) error {
		all = append(all, enc)
		return nil
	}))
	for _, enc := range all {
		body, err := e.Store().Encoding(t.Context(), enc.Digest)
		require.NoError(t, err)
		var b store.Batch
		b.DeleteEncoding(enc.Digest)
		require.NoError(t, e.Store().Apply(t.Context(), &b, store.Lazy))
		r, problems = auditOf(t, e)
		require.NotZero(t, r.IncompletePins+r.IncompleteLayouts)
		require.NotEmpty(t, problems)
		_, err = store.PutEncoding(t.Context(), e.Store(), body)
		require.NoError(t, err)
	}
	_, problems = auditOf(t, e)
	require.Empty(t, problems)
	require.NoError(t, e.ReleaseLayout(t.Context(), layout.Cid, data.DraftHolder))
	r, _ = auditOf(t, e)
	require.Zero(t, r.Layouts)
}

// TestRecover: manifests and layouts are found among the blocks of a store that has lost its metadata.
func TestRecover(t *testing.T) {
	home := t.TempDir()
	s, err := pebblestore.Open(home, pebblestore.Options{})
	require.NoError(t, err)
	e := data.New(s, data.Options{})
	whole, err := putItems(t.Context(), e, putOptions(t), smallTree(1))
	require.NoError(t, err)
	_, err = e.MakeLayout(t.Context(), whole.Manifest)
	require.NoError(t, err)
	body := randomBytes(77, 900_000)
	torn, err := putItems(t.Context(), e, putOptions(t), []item{file("", body)})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	flip(t, home, body[:100])
	for range 2 { // the first removes what is damaged, the second all metadata
		_, err = pebblestore.Fsck(t.Context(), home, pebblestore.Options{}, pebblestore.FsckOptions{Repair: true})
		require.NoError(t, err)
		require.NoError(t, os.RemoveAll(filepath.Join(home, "index")))
	}
	r, err := pebblestore.Fsck(t.Context(), home, pebblestore.Options{}, pebblestore.FsckOptions{Repair: true})
	require.NoError(t, err)
	require.True(t, r.MetaLost)

	s, err = pebblestore.Open(home, pebblestore.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	e = data.New(s, data.Options{})
	recovered := func(own manifest.Creator) map[string]data.Recovered {
		found := map[string]data.Recovered{}
		require.NoError(t, e.Recover(t.Context(), own, func(r data.Recovered) error {
			found[r.Root.String()] = r
			return nil
		}))
		return found
	}
	found := recovered(manifest.Creator{})
	require.Len(t, found, 2)
	require.True(t, found[whole.Root.String()].Pinned)
	require.False(t, found[torn.Root.String()].Pinned, "someone else's, and incomplete")
	require.NotZero(t, found[torn.Root.String()].Missing)
	require.Equal(t, smallTree(1), getItems(t, e, whole.Root, data.GetOptions{LocalOnly: true}))
	a, problems := auditOf(t, e)
	require.Empty(t, problems)
	require.EqualValues(t, 1, a.Pins)
	require.EqualValues(t, 1, a.Layouts)

	found = recovered(putOptions(t).Creator)
	require.Len(t, found, 1, "what is pinned is not found again")
	require.True(t, found[torn.Root.String()].Pinned, "one's own is kept, so that it can be healed")
	a, problems = auditOf(t, e)
	require.Len(t, problems, 1)
	require.EqualValues(t, 1, a.IncompletePins)
	_, err = putItems(t.Context(), e, putOptions(t), []item{file("", body)})
	require.NoError(t, err)
	_, problems = auditOf(t, e)
	require.Empty(t, problems)
}
