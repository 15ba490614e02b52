package chunk

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	boxo "github.com/ipfs/boxo/chunker"
	"github.com/stretchr/testify/require"
	"lukechampine.com/blake3"
)

// A candidate cuts data and hands each chunk to use.
type candidate struct {
	name string
	run  func(data []byte, use func([]byte)) error
}

func candidates() []candidate {
	ours := func(p Params) func([]byte, func([]byte)) error {
		return func(data []byte, use func([]byte)) error {
			for len(data) > 0 {
				n := Cut(data, p)
				use(data[:n])
				data = data[n:]
			}
			return nil
		}
	}
	return []candidate{
		{"fastcdc-256-512-1024", ours(Default())},
		{"fastcdc-128-256-512", ours(Params{MinBytes: 128 << 10, TargetBytes: 256 << 10, MaxBytes: 512 << 10})},
		{"boxo-buzhash-128-512", func(data []byte, use func([]byte)) error {
			c := boxo.NewBuzhash(bytes.NewReader(data))
			for {
				chunk, err := c.NextBytes()
				if errors.Is(err, io.EOF) {
					return nil
				}
				if err != nil {
					return err
				}
				use(chunk)
			}
		}},
	}
}

// sourceTree is the Go toolchain's source as one stream of files, at most limit bytes of it.
func sourceTree(tb testing.TB, limit int) []byte {
	root := filepath.Join(runtime.GOROOT(), "src")
	var out []byte
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		if len(out) >= limit {
			return filepath.SkipAll
		}
		data, err := os.ReadFile(path)
		out = append(out, data...)
		return err
	})
	if err != nil || len(out) == 0 {
		tb.Skipf("the Go source tree is not readable: %v", err)
	}
	return out
}

// BenchmarkChunkers compares candidates on the same data: speed, average length, and after ten insertions of 100
// bytes the share of bytes whose chunks are new (less is better).
func BenchmarkChunkers(b *testing.B) {
	for _, set := range []struct {
		name string
		data []byte
	}{
		{"rnd", randomBytes(1, 64<<20)},
		{"src", sourceTree(b, 64<<20)},
	} {
		edited := edit(set.data)
		for _, c := range candidates() {
			b.Run(set.name+"/"+c.name, func(b *testing.B) {
				known := map[[32]byte]bool{}
				require.NoError(b, c.run(set.data, func(p []byte) { known[blake3.Sum256(p)] = true }))
				var fresh, chunks int
				require.NoError(b, c.run(edited, func(p []byte) {
					chunks++
					if !known[blake3.Sum256(p)] {
						fresh += len(p)
					}
				}))
				b.SetBytes(int64(len(set.data)))
				b.ReportAllocs()
				b.ResetTimer()
				for range b.N {
					require.NoError(b, c.run(set.data, func([]byte) {}))
				}
				b.ReportMetric(100*float64(fresh)/float64(len(edited)), "%new-after-edit")
				b.ReportMetric(float64(len(edited))/float64(chunks)/1024, "KiB/chunk")
			})
		}
	}
}

func edit(data []byte) []byte {
	var out []byte
	step := len(data) / 10
	for i := range 10 {
		out = append(out, data[i*step:(i+1)*step]...)
		out = append(out, bytes.Repeat([]byte{byte(i)}, 100)...)
	}
	return append(out, data[10*step:]...)
}
