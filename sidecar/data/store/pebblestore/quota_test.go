package pebblestore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/testutil/storetest"
)

// TestQuota: beyond its quota a store takes no more encodings, and says so; what is stored stays, can be deleted, and
// its space used again.
func TestQuota(t *testing.T) {
	const quota = 2 << 20
	s, err := Open(t.TempDir(), Options{QuotaBytes: quota, SegmentBytes: 500_000, ReserveBytes: 1})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	var stored []store.Checked
	for i := range 100 {
		enc, _ := storetest.Pack(t, uint64(i), 2, 50_000)
		if _, err = store.PutEncoding(t.Context(), s, enc.Bytes()); err != nil {
			break
		}
		stored = append(stored, enc)
	}
	require.ErrorIs(t, err, store.ErrQuota)
	require.ErrorIs(t, err, store.ErrFull)
	require.Greater(t, len(stored), 10)
	stats, err := s.Stats(t.Context())
	require.NoError(t, err)
	require.LessOrEqual(t, stats.DiskBytes, uint64(quota))
	require.EqualValues(t, quota, stats.QuotaBytes)
	require.Less(t, stats.FreeBytes, uint64(100_000+1000), "too little for another one")

	var b store.Batch
	require.NoError(t, b.SetMeta([]byte("k"), []byte("v")))
	for _, enc := range stored[:len(stored)/2] {
		b.DeleteEncoding(enc.Digest())
	}
	require.NoError(t, s.Apply(t.Context(), &b, store.Durable), "what collecting garbage takes is always there")
	freed, err := s.Reclaim(t.Context())
	require.NoError(t, err)
	require.Greater(t, freed, uint64(500_000))
	again, blocks := storetest.Pack(t, 1000, 2, 50_000)
	_, err = store.PutEncoding(t.Context(), s, again.Bytes())
	require.NoError(t, err)
	got, err := s.Open(t.Context(), blocks[0].Digest)
	require.NoError(t, err)
	require.Equal(t, blocks[0].Data, got.Data)
}
