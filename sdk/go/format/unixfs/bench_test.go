package unixfs_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
)

func discard(uint64, format.Digest, []byte) error { return nil }

// BenchmarkFileBuilder lays out 174*174 leaves; bytes are those of the file if every leaf has 512 KiB.
func BenchmarkFileBuilder(b *testing.B) {
	const n = unixfs.LinkWidth * unixfs.LinkWidth
	builder := unixfs.NewFileBuilder(discard)
	b.SetBytes(n * 512 << 10)
	b.ReportAllocs()
	for range b.N {
		for i := range n {
			if err := builder.AddLeaf(format.Digest{byte(i), byte(i >> 8)}, 512<<10); err != nil {
				b.Fatal(err)
			}
		}
		_, err := builder.Finish(unixfs.Attributes{})
		require.NoError(b, err)
	}
}

func BenchmarkDirBuilder(b *testing.B) {
	for _, n := range []int{10, 1000, 20_000} {
		links := entries(n, func(i int) string { return fmt.Sprintf("file-%06d.go", i) })
		b.Run(fmt.Sprintf("%d entries", n), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				var d unixfs.DirBuilder
				for _, l := range links {
					if err := d.Add(l.Name, l); err != nil {
						b.Fatal(err)
					}
				}
				_, err := d.Finish(unixfs.Attributes{}, discard)
				require.NoError(b, err)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/entry")
		})
	}
}

// BenchmarkDirBuilderBoxo is boxo's directory of the same entries, for the ratio.
func BenchmarkDirBuilderBoxo(b *testing.B) {
	for _, n := range []int{10, 1000, 20_000} {
		links := entries(n, func(i int) string { return fmt.Sprintf("file-%06d.go", i) })
		b.Run(fmt.Sprintf("%d entries", n), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				boxoDir(b, newMemory(), links)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/entry")
		})
	}
}

func BenchmarkDecodeNode(b *testing.B) {
	m := newMemory()
	root := buildFile(b, m, leaves(1, unixfs.LinkWidth, 9), unixfs.Attributes{})
	block := m.blocks[root.Cid]
	b.SetBytes(int64(len(block)))
	b.ReportAllocs()
	for range b.N {
		if _, err := unixfs.DecodeNode(block); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWalk walks 20,000 files in one directory, leaves not fetched.
func BenchmarkWalk(b *testing.B) {
	m := newMemory()
	links := entries(20_000, func(i int) string { return fmt.Sprintf("file-%06d.go", i) })
	root := buildDir(b, m, links, unixfs.Attributes{})
	b.ReportAllocs()
	for range b.N {
		err := unixfs.Walk(b.Context(), m.get, root.Cid, unixfs.WalkOptions{}, func(unixfs.Visit) error { return nil })
		require.NoError(b, err)
	}
}
