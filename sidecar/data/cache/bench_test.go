package cache_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/cache"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	"github.com/ipdm-network/ipdm/testutil/storetest"
)

// BenchmarkOpen reads blocks on all processors, from memory and from the store below.
func BenchmarkOpen(b *testing.B) {
	for _, size := range []int{256, 1 << 20} {
		below, err := pebblestore.Open(b.TempDir(), pebblestore.Options{})
		require.NoError(b, err)
		s, err := cache.New(below, 64<<20)
		require.NoError(b, err)
		var blocks []format.Block
		if size == 256 {
			pack, packed := storetest.Pack(b, 1, 4000, size)
			put(b, s, pack)
			blocks = packed
		} else {
			for i := range 16 {
				one, packed := storetest.Pack(b, uint64(i), 1, size)
				put(b, s, one)
				blocks = append(blocks, packed...)
			}
		}
		read(b, s, blocks...)
		for _, tc := range []struct {
			name  string
			store store.Store
		}{{"cache", s}, {"store", below}} {
			b.Run(fmt.Sprintf("%dB/%s", size, tc.name), func(b *testing.B) {
				b.ReportAllocs()
				b.RunParallel(func(pb *testing.PB) {
					for i := 0; pb.Next(); i++ {
						if _, err := tc.store.Open(b.Context(), blocks[i%len(blocks)].Digest); err != nil {
							b.Error(err)
							return
						}
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "blocks/s")
			})
		}
		require.NoError(b, s.Close())
	}
}
