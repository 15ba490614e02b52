package format_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	zeebo "github.com/zeebo/blake3"
	lukechampine "lukechampine.com/blake3"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// FuzzSum: whichever library Sum uses for a length, both agree with it.
func FuzzSum(f *testing.F) {
	for _, n := range []int{0, 1, 64, 1023, 1024, 1025, 2048, 8192, 8193} {
		f.Add(bytes.Repeat([]byte{byte(n)}, n), uint16(1))
	}
	f.Add([]byte("some more chunks"), uint16(2000))
	f.Fuzz(func(t *testing.T, piece []byte, times uint16) {
		data := bytes.Repeat(piece, min(int(times), 1<<20/(len(piece)+1)))
		got := format.Sum(data)
		require.Equal(t, format.Digest(lukechampine.Sum256(data)), got)
		require.Equal(t, format.Digest(zeebo.Sum256(data)), got)
	})
}

// BenchmarkSum compares Sum with the two libraries it chooses from.
func BenchmarkSum(b *testing.B) {
	for _, n := range []int{256, 1 << 10, 2 << 10, 64 << 10, 1 << 20} {
		data := bytes.Repeat([]byte("0123456789abcdef"), n/16)
		for _, lib := range []struct {
			name string
			sum  func([]byte)
		}{
			{"Sum", func(p []byte) { format.Sum(p) }},
			{"lukechampine", func(p []byte) { lukechampine.Sum256(p) }},
			{"zeebo", func(p []byte) { zeebo.Sum256(p) }},
		} {
			b.Run(fmt.Sprintf("%d/%s", n, lib.name), func(b *testing.B) {
				b.SetBytes(int64(n))
				b.ReportAllocs()
				for b.Loop() {
					lib.sum(data)
				}
			})
		}
	}
}
