package decoded

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/testutil/storetest"
)

// TestTheCacheKeepsToItsLimit: what is used stays, what is not goes, and no block of what is gone is found.
func TestTheCacheKeepsToItsLimit(t *testing.T) {
	const limit = 100_000
	c := New(limit)
	decoded := func(number uint64) *Encoding {
		enc, _ := storetest.Pack(t, number, 10, 200)
		plain, err := enc.Header().Decode(nil)
		require.NoError(t, err)
		return &Encoding{Number: number, Plain: plain, Entries: enc.Header().Entries}
	}
	favourite := decoded(0)
	c.Add(favourite)
	var others []*Encoding
	for number := range uint64(200) {
		d := decoded(number + 1)
		others = append(others, d)
		c.Add(d)
		for i := range favourite.Entries {
			b, ok := c.Block(&favourite.Entries[i].Digest)
			require.True(t, ok)
			require.Equal(t, favourite.at(i), b)
		}
		require.LessOrEqual(t, c.used, int64(limit))
	}
	kept, found := 0, 0
	for _, d := range others {
		_, whole := c.byNum[d.Number]
		for i := range d.Entries {
			_, ok := c.Block(&d.Entries[i].Digest)
			require.False(t, ok && !whole)
			if whole {
				kept++
				_, ok = c.Get(d.Number, i) // a slot may be short, the encoding is there
				require.True(t, ok)
			}
			if _, ok = c.Block(&d.Entries[i].Digest); ok {
				found++
			}
		}
	}
	require.Greater(t, kept, 200)
	require.Greater(t, found, kept*9/10)
	c.Remove(0)
	_, ok := c.Block(&favourite.Entries[0].Digest)
	require.False(t, ok)
	_, ok = c.Get(0, 0)
	require.False(t, ok)
}
