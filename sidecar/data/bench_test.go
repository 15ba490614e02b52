package data_test

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
)

// putPath puts a file or tree of the disk, in the order a client sends it.
func putPath(ctx context.Context, e *data.Engine, root string, opts data.PutOptions) (*data.PutResult, error) {
	p, err := e.NewPut(ctx, opts)
	if err != nil {
		return nil, err
	}
	defer p.Abort()
	buf := make([]byte, 256<<10)
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if rel == "." {
			rel = ""
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		switch {
		case d.IsDir():
			return p.BeginDir(rel, data.FileInfo{})
		case d.Type()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return p.Symlink(rel, target, data.FileInfo{})
		}
		if err := p.BeginFile(rel, data.FileInfo{Executable: info.Mode()&0o111 != 0}); err != nil {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.CopyBuffer(struct{ io.Writer }{p}, struct{ io.Reader }{f}, buf)
		return err
	})
	if err != nil {
		return nil, err
	}
	return p.Finish()
}

// BenchmarkPutTree puts the Go toolchain's source into a new store, every byte durable at the end.
func BenchmarkPutTree(b *testing.B) {
	root := filepath.Join(runtime.GOROOT(), "src")
	for _, effort := range []compress.Effort{compress.Fast, compress.Balanced, compress.Dense} {
		b.Run(effort.String(), func(b *testing.B) {
			b.ReportAllocs()
			var plain, stored uint64
			for b.Loop() {
				b.StopTimer()
				s, err := pebblestore.Open(b.TempDir(), pebblestore.Options{})
				require.NoError(b, err)
				e := data.New(s, data.Options{})
				b.StartTimer()
				opts := putOptions(b)
				opts.Effort = effort
				r, err := putPath(b.Context(), e, root, opts)
				require.NoError(b, err)
				b.StopTimer()
				stats, err := s.Stats(b.Context())
				require.NoError(b, err)
				plain, stored = r.SizeBytes, stats.DiskBytes
				require.NoError(b, s.Close())
				b.StartTimer()
			}
			b.SetBytes(int64(plain))
			b.ReportMetric(100*float64(stored)/float64(plain), "stored-%")
		})
	}
}

// discard is a Sink that counts bytes.
type discard struct{ bytes int64 }

func (*discard) Entry(data.Entry) error { return nil }

func (d *discard) Data(p []byte) error {
	d.bytes += int64(len(p))
	return nil
}

// BenchmarkGetLocal reads what is stored: the Go toolchain's source as a tree, and 128 MiB as one file.
func BenchmarkGetLocal(b *testing.B) {
	e := newEngine(b, data.Options{})
	tree, err := putPath(b.Context(), e, filepath.Join(runtime.GOROOT(), "src"), putOptions(b))
	require.NoError(b, err)
	random, err := putItems(b.Context(), e, putOptions(b), []item{file("", randomBytes(1, 128<<20))})
	require.NoError(b, err)
	for name, root := range map[string]*data.PutResult{"tree": tree, "rnd": random} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(root.SizeBytes))
			for b.Loop() {
				var d discard
				require.NoError(b, e.Get(b.Context(), root.Root, data.GetOptions{}, &d))
				require.EqualValues(b, root.SizeBytes, d.bytes)
			}
		})
	}
}

// BenchmarkPutAgain puts a tree that is stored already.
func BenchmarkPutAgain(b *testing.B) {
	e := newEngine(b, data.Options{})
	root := filepath.Join(runtime.GOROOT(), "src")
	first, err := putPath(b.Context(), e, root, putOptions(b))
	require.NoError(b, err)
	b.ReportAllocs()
	b.SetBytes(int64(first.SizeBytes))
	for b.Loop() {
		r, err := putPath(b.Context(), e, root, putOptions(b))
		require.NoError(b, err)
		require.Zero(b, r.NewBlocks)
	}
}
