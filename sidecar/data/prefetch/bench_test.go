package prefetch_test

import "testing"

// BenchmarkSequentialServe serves a file from end to end, block by block, from a store whose reads take 10 ms.
func BenchmarkSequentialServe(b *testing.B) {
	const n = 64
	for name, guess := range map[string]bool{"with": true, "without": false} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(n * leafBytes)
			for b.Loop() {
				b.StopTimer()
				w := newWorld(b, guess, stageBytes)
				c := w.pin(b, 1, n, leafBytes, 1)
				b.StartTimer()
				for _, block := range c.blocks {
					w.get(b, block)
				}
				b.StopTimer()
				w.close(b)
				b.StartTimer()
			}
		})
	}
}

// BenchmarkTell is what serving a block costs more.
func BenchmarkTell(b *testing.B) {
	w := newWorld(b, true, stageBytes)
	defer w.close(b)
	c := w.pin(b, 1, 1000, 100, 1)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			w.prefetch.ServedBlock(c.blocks[i%len(c.blocks)].Digest)
		}
	})
}
