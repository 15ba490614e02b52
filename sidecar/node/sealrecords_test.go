package node

import (
	"bytes"
	"crypto/rand"
	"testing"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
)

func TestSealRecordsStayUntilTheyAreLetGo(t *testing.T) {
	s, err := pebblestore.Open(t.TempDir(), pebblestore.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	engine := data.New(s, data.Options{})
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	require.NoError(t, err)
	r := NewSealRecords(engine, key)

	records := make([]byte, 3<<20) // more than a block
	_, err = rand.Read(records)
	require.NoError(t, err)
	first, err := r.Put(t.Context(), 7, records)
	require.NoError(t, err)
	again, err := r.Put(t.Context(), 7, records)
	require.NoError(t, err)
	require.Equal(t, first, again)
	second, err := r.Put(t.Context(), 8, []byte("small"))
	require.NoError(t, err)
	_, err = engine.GC(t.Context())
	require.NoError(t, err)
	got, err := r.Get(t.Context(), first)
	require.NoError(t, err)
	require.True(t, bytes.Equal(records, got))
	list, err := r.List(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.Contains(t, list[7], first)
	require.Contains(t, list[8], second)

	require.NoError(t, r.Release(t.Context(), first))
	require.NoError(t, r.Release(t.Context(), first), "letting go twice is fine")
	_, err = engine.GC(t.Context())
	require.NoError(t, err)
	_, err = r.Get(t.Context(), first)
	require.ErrorIs(t, err, sectors.ErrNoRecords)
	list, err = r.List(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 1)
}
