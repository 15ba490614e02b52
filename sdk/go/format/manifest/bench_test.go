package manifest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
)

const benchEntries = 100_000

func BenchmarkBuild(b *testing.B) {
	entries := rawEntries(benchEntries)
	b.ReportAllocs()
	for b.Loop() {
		m := manifest.NewBuilder(func(format.Block) error { return nil })
		for _, e := range entries {
			if err := m.Append(e); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchEntries, "ns/entry")
}

func BenchmarkRead(b *testing.B) {
	c, store, _ := build(b, rawEntries(benchEntries), nil)
	b.ReportAllocs()
	for b.Loop() {
		r, err := manifest.Open(b.Context(), c, store.fetch)
		require.NoError(b, err)
		for _, err := range r.Entries(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchEntries, "ns/entry")
}
