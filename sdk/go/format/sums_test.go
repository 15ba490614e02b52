package format_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

func TestSumsAreThoseOfOneAfterTheOther(t *testing.T) {
	random := rand.NewChaCha8([32]byte{2})
	rng := rand.New(random)
	var s format.Sums
	for range 300 {
		messages := make([][]byte, rng.IntN(200))
		digests := make([]format.Digest, len(messages))
		most := 1 + rng.IntN(2500)
		for i := range messages {
			messages[i] = make([]byte, rng.IntN(most))
			_, _ = random.Read(messages[i])
			s.Add(&digests[i], messages[i])
		}
		s.Flush()
		for i, m := range messages {
			require.Equal(t, format.Sum(m), digests[i], "%d bytes", len(m))
		}
	}
}

func FuzzSums(f *testing.F) {
	f.Add([]byte("a message"), uint8(9), uint8(3))
	f.Add(bytes.Repeat([]byte{7}, 1024), uint8(8), uint8(64))
	f.Fuzz(func(t *testing.T, data []byte, count, less uint8) {
		digests := make([]format.Digest, count)
		message := func(i int) []byte { return data[:max(0, len(data)-i*int(less)/8)] }
		var s format.Sums
		for i := range digests {
			s.Add(&digests[i], message(i))
		}
		s.Flush()
		for i, d := range digests {
			require.Equal(t, format.Sum(message(i)), d)
		}
	})
}

// BenchmarkSums compares hashing short messages side by side with one after the other.
func BenchmarkSums(b *testing.B) {
	const count = 64
	for _, n := range []int{65, 256, 1 << 10} {
		data := bytes.Repeat([]byte{1}, n)
		digests := make([]format.Digest, count)
		b.Run("side by side/"+fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(count * n))
			b.ReportAllocs()
			for b.Loop() {
				var s format.Sums
				for i := range digests {
					s.Add(&digests[i], data)
				}
				s.Flush()
			}
		})
		b.Run("one by one/"+fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(count * n))
			b.ReportAllocs()
			for b.Loop() {
				for i := range digests {
					digests[i] = format.Sum(data)
				}
			}
		})
	}
}
