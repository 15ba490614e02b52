package follow_test

import (
	"testing"
	"time"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow"
)

// BenchmarkCatchUp follows blocks, or logs, from the first one on: how many a second are read, stored and pinned.
func BenchmarkCatchUp(b *testing.B) {
	for _, kind := range []string{follow.EthereumBlocks, follow.EthereumLogs} {
		b.Run(kind, func(b *testing.B) {
			chain, w := newFakeChain(b, uint64(b.N)), newWorld(b)
			cfg := blocks(chain)
			if kind == follow.EthereumLogs {
				cfg = logs(chain)
			}
			cfg.BatchChanges, cfg.BatchInterval = 1000, 10*time.Millisecond
			b.ResetTimer()
			f, stop := w.follow(cfg)
			w.at(f, uint64(b.N))
			stop()
			b.ReportMetric(float64(f.List()[0].Changes)/b.Elapsed().Seconds(), "changes/s")
		})
	}
}
