package blake3lanes_test

import (
	"fmt"
	"testing"

	"github.com/zeebo/blake3"

	"github.com/ipdm-network/ipdm/sdk/go/format/internal/blake3lanes"
)

// BenchmarkSum compares hashing a message with the library that does so where the package is not Wide.
func BenchmarkSum(b *testing.B) {
	if !blake3lanes.Wide {
		b.Skip("this processor has no AVX-512")
	}
	for _, n := range []int{4 << 10, 8 << 10, 16 << 10, 64 << 10, 1 << 20} {
		message := make([]byte, n)
		b.Run(fmt.Sprintf("%d/lanes", n), func(b *testing.B) {
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				blake3lanes.Sum(message)
			}
		})
		b.Run(fmt.Sprintf("%d/zeebo", n), func(b *testing.B) {
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				blake3.Sum256(message)
			}
		})
	}
}
