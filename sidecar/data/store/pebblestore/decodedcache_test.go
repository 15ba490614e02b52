package pebblestore

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/testutil/storetest"
)

// TestDecodedCacheKeepsToItsLimit: what is used stays, what is not goes, and no block of what is gone is found.
func TestDecodedCacheKeepsToItsLimit(t *testing.T) {
	const limit = 100_000
	c := newDecodedCache(limit)
	decoded := func(number uint64) *decodedEncoding {
		enc, _ := storetest.Pack(t, number, 10, 200)
		plain, err := enc.Header().Decode(nil)
		require.NoError(t, err)
		return &decodedEncoding{number: number, plain: plain, entries: enc.Header().Entries}
	}
	favourite := decoded(0)
	c.add(favourite)
	var others []*decodedEncoding
	for number := range uint64(200) {
		d := decoded(number + 1)
		others = append(others, d)
		c.add(d)
		for i := range favourite.entries {
			b, ok := c.block(&favourite.entries[i].Digest)
			require.True(t, ok)
			require.Equal(t, favourite.at(i), b)
		}
		require.LessOrEqual(t, c.used, int64(limit))
	}
	kept, found := 0, 0
	for _, d := range others {
		_, whole := c.byNum[d.number]
		for i := range d.entries {
			_, ok := c.block(&d.entries[i].Digest)
			require.False(t, ok && !whole)
			if whole {
				kept++
				_, ok = c.get(d.number, i) // a slot may be short, the encoding is there
				require.True(t, ok)
			}
			if _, ok = c.block(&d.entries[i].Digest); ok {
				found++
			}
		}
	}
	require.Greater(t, kept, 200)
	require.Greater(t, found, kept*9/10)
	c.remove(0)
	_, ok := c.block(&favourite.entries[0].Digest)
	require.False(t, ok)
	_, ok = c.get(0, 0)
	require.False(t, ok)
}
