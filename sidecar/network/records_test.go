package network

import (
	"fmt"
	"testing"

	ds "github.com/ipfs/go-datastore"
	"github.com/ipfs/go-datastore/query"
	"github.com/stretchr/testify/require"
)

func recordKey(about, by int) ds.Key { return ds.NewKey(fmt.Sprintf("/providers/%d/%d", about, by)) }

func TestRecordsPutGetDelete(t *testing.T) {
	s := newRecordStore(10, 5)
	ctx := t.Context()
	require.NoError(t, s.Put(ctx, recordKey(1, 1), []byte("x")))
	require.NoError(t, s.Put(ctx, recordKey(1, 1), []byte("yz")))
	value, err := s.Get(ctx, recordKey(1, 1))
	require.NoError(t, err)
	require.Equal(t, []byte("yz"), value)
	size, err := s.GetSize(ctx, recordKey(1, 1))
	require.NoError(t, err)
	require.Equal(t, 2, size)
	require.NoError(t, s.Delete(ctx, recordKey(1, 1)))
	require.NoError(t, s.Delete(ctx, recordKey(1, 1)))
	has, err := s.Has(ctx, recordKey(1, 1))
	require.NoError(t, err)
	require.False(t, has)
	_, err = s.Get(ctx, recordKey(1, 1))
	require.ErrorIs(t, err, ds.ErrNotFound)
	require.Zero(t, s.count)
}

func TestRecordsAreQueriedByKeyAndInFull(t *testing.T) {
	s := newRecordStore(100, 10)
	for about := range 3 {
		for by := range 4 {
			require.NoError(t, s.Put(t.Context(), recordKey(about, by), nil))
		}
	}
	for prefix, want := range map[string]int{"/providers/1": 4, "/providers": 12, "/providers/7": 0} {
		results, err := s.Query(t.Context(), query.Query{Prefix: prefix})
		require.NoError(t, err)
		entries, err := results.Rest()
		require.NoError(t, err)
		require.Len(t, entries, want, prefix)
	}
}

func TestRecordsStayWithinTheirLimits(t *testing.T) {
	s := newRecordStore(50, 7)
	for i := range 1000 {
		newest := recordKey(i%13, i)
		require.NoError(t, s.Put(t.Context(), newest, nil))
		has, err := s.Has(t.Context(), newest)
		require.NoError(t, err)
		require.True(t, has, "a newcomer always gets in")
		require.LessOrEqual(t, s.count, 50)
	}
	total := 0
	for _, set := range s.sets {
		require.LessOrEqual(t, len(set), 7)
		require.NotEmpty(t, set)
		total += len(set)
	}
	require.Equal(t, s.count, total)
}

func TestRecordBatchCommits(t *testing.T) {
	s := newRecordStore(10, 10)
	b, err := s.Batch(t.Context())
	require.NoError(t, err)
	require.NoError(t, b.Put(t.Context(), recordKey(1, 1), nil))
	require.NoError(t, b.Put(t.Context(), recordKey(1, 2), nil))
	require.NoError(t, b.Delete(t.Context(), recordKey(1, 2)))
	require.NoError(t, b.Commit(t.Context()))
	require.Equal(t, 1, s.count)
}
