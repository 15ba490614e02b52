package pebblestore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/testutil/storetest"
)

// TestSegmentBeingWrittenIsNotReclaimed: an open segment whose envelopes are all deleted is no garbage yet, since the next
// envelope is appended to it.
func TestSegmentBeingWrittenIsNotReclaimed(t *testing.T) {
	s, err := Open(t.TempDir(), Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	end := &request{endSeg: true}
	require.NoError(t, s.submit(t.Context(), end))

	gone, _ := storetest.Pack(t, 1, 5, 20_000)
	var b store.Batch
	b.PutEncoding(gone)
	b.DeleteEncoding(gone.Digest())
	require.NoError(t, s.Apply(t.Context(), &b, store.Durable))
	require.Empty(t, s.garbage(end.nextSeg))

	later := &request{endSeg: true}
	require.NoError(t, s.submit(t.Context(), later))
	require.Len(t, s.garbage(later.nextSeg), 1)
}
