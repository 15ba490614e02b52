package layout_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/layout"
)

const benchEncodings = 50_000

func BenchmarkBuild(b *testing.B) {
	encodings := madeUp(benchEncodings)
	m := format.CBORCID(format.Sum(nil))
	b.ReportAllocs()
	for b.Loop() {
		l := layout.NewBuilder(m, func(format.Block) error { return nil })
		for _, e := range encodings {
			if err := l.Append(e); err != nil {
				b.Fatal(err)
			}
		}
		_, err := l.Finish()
		require.NoError(b, err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchEncodings, "ns/encoding")
}

func BenchmarkRead(b *testing.B) {
	s := newSample(b, 1)
	r := s.layout(b, madeUp(benchEncodings), nil)
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range r.Encodings(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchEncodings, "ns/encoding")
}

func BenchmarkValidate(b *testing.B) {
	s := newSample(b, 20_000)
	r := s.layout(b, s.encodings, nil)
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, layout.Validate(b.Context(), r, s.manifest))
	}
}
