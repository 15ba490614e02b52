package data_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
)

// TestQuotaStopsPutsAndNotGets: over its quota a node refuses puts, still fetches and reads what others have without
// keeping it, and takes puts again after something was removed.
func TestQuotaStopsPutsAndNotGets(t *testing.T) {
	far := newEngine(t, data.Options{})
	theirs := []item{file("", randomBytes(9, 3<<20))}
	there, err := putItems(t.Context(), far, putOptions(t), theirs)
	require.NoError(t, err)

	s, err := pebblestore.Open(t.TempDir(), pebblestore.Options{QuotaBytes: 5 << 20, ReserveBytes: 1})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	e := data.New(s, data.Options{Fetcher: newNeighbour(far)})
	first, err := putItems(t.Context(), e, putOptions(t), []item{file("", randomBytes(1, 3<<20))})
	require.NoError(t, err)
	_, err = putItems(t.Context(), e, putOptions(t), []item{file("", randomBytes(2, 3<<20))})
	require.ErrorIs(t, err, store.ErrQuota)

	require.Equal(t, theirs, getItems(t, e, there.Root, data.GetOptions{}), "a get does not need room")
	stats, err := s.Stats(t.Context())
	require.NoError(t, err)
	require.LessOrEqual(t, stats.DiskBytes, stats.QuotaBytes)
	require.Equal(t, []item{file("", randomBytes(1, 3<<20))}, getItems(t, e, first.Root, data.GetOptions{LocalOnly: true}))

	_, err = e.GC(t.Context()) // the torn put, and what was kept of the get
	require.NoError(t, err)
	_, err = e.Unpin(t.Context(), first.Root)
	require.NoError(t, err)
	_, err = e.GC(t.Context())
	require.NoError(t, err)
	_, err = putItems(t.Context(), e, putOptions(t), []item{file("", randomBytes(2, 3<<20))})
	require.NoError(t, err)
}
