package data_test

import (
	"context"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/blockstore"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
)

func digestOf(t *testing.T, c cid.Cid) format.Digest {
	t.Helper()
	d, err := format.DigestOf(c)
	require.NoError(t, err)
	return d
}

func heatOf(t *testing.T, e *data.Engine, c cid.Cid) float64 {
	t.Helper()
	return e.Heat().Heat(digestOf(t, c))
}

func TestReadsAreCounted(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	e := newEngine(t, data.Options{Now: func() time.Time { return now }})
	r, err := putItems(t.Context(), e, putOptions(t), []item{file("", []byte("often read"))})
	require.NoError(t, err)
	stored := heatOf(t, e, r.Root)
	_, err = e.Verify(t.Context(), r.Root, func(data.VerifyProgress) error { return nil })
	require.NoError(t, err)
	_, err = e.GC(t.Context())
	require.NoError(t, err)
	require.InDelta(t, stored, heatOf(t, e, r.Root), 1e-9, "maintenance is no access")

	getItems(t, e, r.Root, data.GetOptions{})
	once := heatOf(t, e, r.Root) - stored
	require.GreaterOrEqual(t, once, 1.0)
	getItems(t, e, r.Root, data.GetOptions{})
	twice := stored + 2*once
	require.InDelta(t, twice, heatOf(t, e, r.Root), 1e-9)

	served := blockstore.New(e.Store(), e)
	_, err = served.Get(t.Context(), r.Root)
	require.NoError(t, err)
	require.InDelta(t, twice+1, heatOf(t, e, r.Root), 1e-9)
	_, err = served.Has(t.Context(), r.Root)
	require.NoError(t, err)
	_, err = served.Get(t.Context(), format.RawCID(format.Sum([]byte("not stored"))))
	require.Error(t, err)
	require.InDelta(t, twice+1, heatOf(t, e, r.Root), 1e-9)
}

// TestRootsAreToldOf: a get tells of its root, a put does not.
func TestRootsAreToldOf(t *testing.T) {
	var opened []cid.Cid
	e := newEngine(t, data.Options{Opened: func(root cid.Cid) { opened = append(opened, root) }})
	r, err := putItems(t.Context(), e, putOptions(t), []item{file("", []byte("often read"))})
	require.NoError(t, err)
	require.Empty(t, opened)
	getItems(t, e, r.Root, data.GetOptions{})
	require.Equal(t, []cid.Cid{r.Root}, opened)
}

func TestHeatOutlivesTheEngine(t *testing.T) {
	ctx, fs := context.Background(), vfs.NewMem()
	open := func() *pebblestore.Store {
		s, err := pebblestore.Open("home", pebblestore.Options{FS: fs})
		require.NoError(t, err)
		return s
	}
	s := open()
	e := data.New(s, data.Options{})
	require.NoError(t, e.LoadHeat(ctx), "a new store has no history")
	r, err := putItems(ctx, e, putOptions(t), []item{file("", []byte("often read"))})
	require.NoError(t, err)
	getItems(t, e, r.Root, data.GetOptions{})
	root, next := digestOf(t, r.Root), format.Sum([]byte("next"))
	e.Successors().Opened(root)
	e.Successors().Followed(root, next)
	require.NoError(t, e.SaveHeat(ctx))
	require.NoError(t, s.Sync(ctx))
	require.NoError(t, s.Close())

	s = open()
	defer func() { require.NoError(t, s.Close()) }()
	e = data.New(s, data.Options{})
	require.Zero(t, heatOf(t, e, r.Root))
	require.NoError(t, e.LoadHeat(ctx))
	require.Equal(t, []format.Digest{next}, e.Successors().Likely(root, 0.9, 0.9))
	require.Greater(t, heatOf(t, e, r.Root), 0.5)

	var damaged store.Batch
	require.NoError(t, damaged.SetMeta([]byte("heat"), []byte("damaged")))
	require.NoError(t, s.Apply(ctx, &damaged, store.Durable))
	require.NoError(t, data.New(s, data.Options{}).LoadHeat(ctx), "a damaged history is no reason not to start")
}
