package pebblestore

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/testutil/storetest"
)

// BenchmarkPutSmallBlocks stores packs of 256-byte blocks, hashed and indexed, with one sync for each 4 MiB.
func BenchmarkPutSmallBlocks(b *testing.B) {
	s, err := Open(b.TempDir(), Options{})
	require.NoError(b, err)
	defer func() { require.NoError(b, s.Close()) }()
	const perPack, packs = 2000, 8
	data := make([]byte, perPack*packs*256)
	rng := rand.NewChaCha8([32]byte{})
	b.ReportAllocs()
	b.SetBytes(256)
	for n := 0; n < b.N; {
		b.StopTimer()
		_, _ = rng.Read(data)
		b.StartTimer()
		var batch store.Batch
		for rest := data; len(rest) > 0; {
			blocks := make([]format.Block, perPack)
			for i := range blocks {
				blocks[i] = format.NewBlock(format.Raw, rest[:256:256])
				rest = rest[256:]
			}
			enc, err := store.Encode(envelope.None, 0, blocks)
			require.NoError(b, err)
			batch.PutEncoding(enc)
			n += perPack
		}
		require.NoError(b, s.Apply(b.Context(), &batch, store.Durable))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "blocks/s")
}

// BenchmarkOpenSmallBlocks reads 256-byte blocks that are in the cache of decoded packs, 64 MiB of them in random order, on
// all cores.
func BenchmarkOpenSmallBlocks(b *testing.B) {
	s, err := Open(b.TempDir(), Options{DecodedCacheBytes: 256 << 20})
	require.NoError(b, err)
	defer func() { require.NoError(b, s.Close()) }()
	var blocks []format.Block
	for seed := range uint64(64) {
		enc, some := storetest.Pack(b, seed, 4096, 256)
		_, err = store.PutEncoding(b.Context(), s, enc.Bytes())
		require.NoError(b, err)
		blocks = append(blocks, some...)
	}
	for _, block := range blocks {
		_, err := s.Open(b.Context(), block.Digest)
		require.NoError(b, err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		rng := rand.New(rand.NewPCG(rand.Uint64(), 1))
		for pb.Next() {
			if _, err := s.Open(b.Context(), blocks[rng.IntN(len(blocks))].Digest); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "blocks/s")
}
