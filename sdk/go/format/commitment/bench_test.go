package commitment

import (
	"testing"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// BenchmarkVerifyOpenings16 verifies the openings of one window proof: 16 of the largest encodings among a million.
func BenchmarkVerifyOpenings16(b *testing.B) {
	tree, encoding := wideTree(b, 1<<20, MaxLeafLength)
	var openings [16]*Opening
	var offsets [16]uint64
	size := 0
	for i := range openings {
		offsets[i] = tree.TotalLength() / 16 * uint64(i)
		leaf, chunk, err := tree.Find(offsets[i])
		if err != nil {
			b.Fatal(err)
		}
		if openings[i], err = Open(tree, leaf, chunk, encoding); err != nil {
			b.Fatal(err)
		}
		bytes, err := openings[i].MarshalBinary()
		if err != nil {
			b.Fatal(err)
		}
		size += len(bytes)
	}
	b.ReportAllocs()
	for b.Loop() {
		for i, o := range openings {
			if err := Verify(tree.CommD(), tree.TotalLength(), offsets[i], o); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(size), "proof-bytes")
}

func BenchmarkOpen(b *testing.B) {
	tree, encoding := wideTree(b, 1000, 1<<20)
	b.SetBytes(1 << 20)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Open(tree, 500, 777, encoding); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBuilder(b *testing.B) {
	digest := format.Sum(nil)
	var builder Builder
	b.ReportAllocs()
	for b.Loop() {
		if err := builder.Add(Leaf{digest, builder.TotalLength(), 1 << 19}); err != nil {
			b.Fatal(err)
		}
	}
}
