package network_test

import (
	"fmt"
	"testing"

	"github.com/ipfs/boxo/bitswap"
	"github.com/ipfs/boxo/bitswap/network/bsnet"
	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"
)

// BenchmarkFetch moves random blocks between two nodes on loopback. Both ends
// share the machine, as in the comparison with Kubo.
func BenchmarkFetch(b *testing.B) {
	for _, transport := range []struct{ name, listen string }{
		{"quic", "/ip4/127.0.0.1/udp/0/quic-v1"},
		{"tcp", "/ip4/127.0.0.1/tcp/0"},
	} {
		for _, size := range []int{2 << 10, 64 << 10, 1 << 20, 2 << 20} {
			b.Run(fmt.Sprintf("%s/%dKiB", transport.name, size>>10), func(b *testing.B) {
				cfg := testConfig()
				cfg.Listen = []string{transport.listen}
				server, client := startPair(b, cfg)
				const totalBytes = 128 << 20
				count := min(totalBytes/size, 8192)
				cids := fill(b, server.store, repeat(size, count)...)
				b.SetBytes(int64(size * count))
				b.ReportAllocs()
				for b.Loop() {
					received := 0
					err := client.Fetch(b.Context(), cids, func(cid.Cid, []byte) error {
						received++
						return nil
					})
					require.NoError(b, err)
					require.Equal(b, count, received)
				}
			})
		}
	}
}

// BenchmarkPlainBitswap is the same work done by boxo with its defaults, which
// is what Kubo runs.
func BenchmarkPlainBitswap(b *testing.B) {
	for _, size := range []int{64 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("quic/%dKiB", size>>10), func(b *testing.B) {
			serverHost, clientHost := plainHost(b), plainHost(b)
			_, store := plainBitswap(b, serverHost)
			client := bitswap.New(b.Context(), bsnet.NewFromIpfsHost(clientHost), nil, newStore())
			b.Cleanup(func() { require.NoError(b, client.Close()) })
			require.NoError(b, clientHost.Connect(b.Context(), infoOf(serverHost)))
			const totalBytes = 128 << 20
			cids := fill(b, store, repeat(size, totalBytes/size)...)
			b.SetBytes(totalBytes)
			b.ReportAllocs()
			for b.Loop() {
				session := client.NewSession(b.Context())
				received := 0
				for rest := cids; len(rest) > 0; {
					batch := rest[:min(32, len(rest))]
					rest = rest[len(batch):]
					arriving, err := session.GetBlocks(b.Context(), batch)
					require.NoError(b, err)
					var last blocks.Block
					for last = range arriving {
						received++
					}
					require.NotNil(b, last)
				}
				require.Equal(b, len(cids), received)
			}
		})
	}
}
