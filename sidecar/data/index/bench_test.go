package index_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data/index"
)

// manyPins returns pins of n manifests with 3 tags each: one of 10 values, one of 1000, and one of its own.
func manyPins(n int) pins {
	all := make(pins, n)
	for i := range all {
		all[i] = newPin(i, manifest.Meta{
			Creator: owner(byte(i % 100)), UnixMilli: int64(i) * 977 % 1_000_000_007, ContentSize: uint64(i*7919) % (1 << 30),
			ContentType: fmt.Sprintf("type/%d", i%20),
			Tags:        []string{fmt.Sprintf("few=%d", i%10), fmt.Sprintf("id=%d", i), fmt.Sprintf("many=%d", i%1000)},
		})
	}
	return all
}

// BenchmarkSearch asks 10^5 manifests for pages of 20.
func BenchmarkSearch(b *testing.B) {
	x := newIndex(b, manyPins(100_000))
	for _, c := range []struct{ name, source string }{
		{"tag of 100", "tag:many=7"},
		{"tag of 10000", "tag:few=3"},
		{"two tags", "tag:few=3 AND tag:many=13"},
		{"one of 100000", "tag:id=777"},
		{"range by size", "size>1MiB AND size<900MiB ORDER BY size"},
		{"tag and range by time", "tag:few=3 AND size>500MiB ORDER BY time DESC"},
		{"tag sorted by type", "tag:few=3 ORDER BY type"},
		{"union", "tag:many=1 OR tag:many=2 OR owner=owner5"},
		{"scan without a match", "NOT tag:id^=\"\""},
	} {
		q := parse(b, c.source)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			examined := 0
			for b.Loop() {
				page, err := x.Search(b.Context(), q, 20, nil)
				require.NoError(b, err)
				examined = page.Examined
			}
			b.ReportMetric(float64(examined), "examined")
		})
	}
}

// BenchmarkLoad fills an index from 10^5 pins with 3 tags each, and from 15625 with 64 each, 10^6 tags together.
func BenchmarkLoad(b *testing.B) {
	tagged := make(pins, 15_625)
	for i := range tagged {
		tags := make([]string, 64)
		for j := range tags {
			tags[j] = fmt.Sprintf("key%02d=%d", j, i*64+j)
		}
		tagged[i] = newPin(i, manifest.Meta{Creator: owner(1), UnixMilli: int64(i), Tags: tags})
	}
	for _, c := range []struct {
		name string
		pins pins
	}{{"100000 manifests", manyPins(100_000)}, {"1000000 tags", tagged}} {
		b.Run(c.name, func(b *testing.B) {
			var before, after runtime.MemStats
			var x *index.Index
			for b.Loop() {
				runtime.KeepAlive(x) // the one before, which is garbage from here on
				runtime.GC()
				runtime.ReadMemStats(&before)
				x = newIndex(b, c.pins)
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB-kept")
			runtime.KeepAlive(x)
		})
	}
}

// BenchmarkPinned adds manifests with 3 tags to an index of 10^5.
func BenchmarkPinned(b *testing.B) {
	all := manyPins(100_000)
	x := newIndex(b, all)
	b.ReportAllocs()
	n := len(all)
	for b.Loop() {
		x.Pinned(newPin(n, all[n%len(all)].Header.Meta))
		n++
	}
}
