package proof

import (
	"context"
	"testing"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
)

// benchmarkUnit is a deal of 64 Ki encodings of 1 MiB, all with the same bytes.
func benchmarkUnit(b *testing.B, count uint32) (*mapSource, []Challenge) {
	const leafCount, size = 1 << 16, 1 << 20
	source := newSource()
	encoding := sampleBytes(1, size)
	digest := format.Sum(encoding)
	leaves := make([]commitment.Leaf, leafCount)
	for i := range leaves {
		leaves[i] = commitment.Leaf{Digest: digest, Offset: uint64(i) * size, Length: size}
	}
	tree, err := commitment.NewTree(leaves)
	if err != nil {
		b.Fatal(err)
	}
	source.trees[tree.CommD()], source.encodings[digest] = tree, encoding
	return source, challengesOver([]*commitment.Tree{tree}, Seed([32]byte{1}, sampleChain, sampleProvider, 1), count)
}

func benchmarkVerify(b *testing.B, count uint32) {
	source, challenges := benchmarkUnit(b, count)
	wp, _, err := Prove(context.Background(), ClassOpen, 1, challenges, source)
	if err != nil {
		b.Fatal(err)
	}
	encoded, err := wp.MarshalBinary()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		wp, err := DecodeWindowProof(encoded)
		if err != nil {
			b.Fatal(err)
		}
		if missing, err := Verify(wp, 1, challenges); err != nil || len(missing) != 0 {
			b.Fatal(missing, err)
		}
	}
	b.ReportMetric(float64(len(encoded)), "proof-bytes")
}

// BenchmarkVerifyWindowProof16 is what the chain does for most proofs: decoding included.
func BenchmarkVerifyWindowProof16(b *testing.B) { benchmarkVerify(b, MinOpenings) }

// BenchmarkVerifyWindowProof128 is the largest window proof.
func BenchmarkVerifyWindowProof128(b *testing.B) { benchmarkVerify(b, MaxOpenings) }

// BenchmarkProve16 is the provider's work for a window, reading from memory.
func BenchmarkProve16(b *testing.B) {
	source, challenges := benchmarkUnit(b, MinOpenings)
	b.ReportAllocs()
	for b.Loop() {
		if _, missing, err := Prove(context.Background(), ClassOpen, 1, challenges, source); err != nil || len(missing) != 0 {
			b.Fatal(missing, err)
		}
	}
}
