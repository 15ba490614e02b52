package node

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data"
)

// startBare starts a node in a new home that follows no chain and knows no peer.
func startBare(tb testing.TB, edit ...func(*Config)) *Node {
	tb.Helper()
	home, cfg := Home(tb.TempDir()), testConfig()
	for _, f := range edit {
		f(&cfg)
	}
	_, err := Init(home, cfg, nil)
	require.NoError(tb, err)
	n, err := Start(tb.Context(), Options{Home: home, Config: cfg})
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, n.Close()) })
	return n
}

// treeFile is a file of a generated tree.
type treeFile struct {
	path       string
	body       []byte
	executable bool
}

// generatedTree returns n small files, ten to a directory and ten directories to a directory, in the order of a put.
func generatedTree(n int) []treeFile {
	files := make([]treeFile, n)
	for i := range files {
		files[i] = treeFile{
			path:       fmt.Sprintf("%04d/%04d/%05d", i/100, i/10, i),
			body:       bytes.Repeat(fmt.Appendf(nil, "file %d\n", i), 1+i%500),
			executable: i%7 == 0,
		}
	}
	return files
}

func newPut(tb testing.TB, e *data.Engine, edit ...func(*data.PutOptions)) *data.Put {
	tb.Helper()
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	o := data.PutOptions{
		Creator: manifest.Creator{Kind: manifest.Ed25519, Key: key.Public().(ed25519.PublicKey)},
		Sign:    func(_ context.Context, m []byte) ([]byte, error) { return ed25519.Sign(key, m), nil },
	}
	for _, f := range edit {
		f(&o)
	}
	p, err := e.NewPut(tb.Context(), o)
	require.NoError(tb, err)
	tb.Cleanup(p.Abort)
	return p
}

// putFiles puts files as one directory.
func putFiles(tb testing.TB, e *data.Engine, files []treeFile) *data.PutResult {
	tb.Helper()
	p := newPut(tb, e)
	require.NoError(tb, p.BeginDir("", data.FileInfo{}))
	open := map[string]bool{}
	for _, f := range files {
		parts := strings.Split(f.path, "/")
		for i := 1; i < len(parts); i++ {
			if dir := strings.Join(parts[:i], "/"); !open[dir] {
				open[dir] = true
				require.NoError(tb, p.BeginDir(dir, data.FileInfo{}))
			}
		}
		require.NoError(tb, p.BeginFile(f.path, data.FileInfo{Executable: f.executable}))
		_, err := p.Write(f.body)
		require.NoError(tb, err)
	}
	r, err := p.Finish()
	require.NoError(tb, err)
	return r
}

// putDir puts a directory of the disk.
func putDir(tb testing.TB, e *data.Engine, root string) *data.PutResult {
	tb.Helper()
	p := newPut(tb, e)
	require.NoError(tb, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case rel == ".":
			return p.BeginDir("", data.FileInfo{})
		case d.IsDir():
			return p.BeginDir(rel, data.FileInfo{})
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := p.BeginFile(rel, data.FileInfo{}); err != nil {
			return err
		}
		_, err = p.Write(body)
		return err
	}))
	r, err := p.Finish()
	require.NoError(tb, err)
	return r
}

// sameFiles is a Sink that compares files with what was put.
type sameFiles struct {
	t    *testing.T
	want []treeFile
	body []byte
	seen int
}

func (s *sameFiles) Entry(e data.Entry) error {
	s.check()
	if e.Kind == data.KindFile {
		require.Equal(s.t, s.want[s.seen].path, e.Path)
		require.Equal(s.t, s.want[s.seen].executable, e.Executable)
		s.seen++
	}
	return nil
}

func (s *sameFiles) Data(p []byte) error {
	s.body = append(s.body, p...)
	return nil
}

// check compares the bytes of the file that has ended.
func (s *sameFiles) check() {
	if s.seen > 0 && len(s.body) > 0 {
		require.True(s.t, bytes.Equal(s.want[s.seen-1].body, s.body), "the bytes of %s", s.want[s.seen-1].path)
	}
	s.body = s.body[:0]
}

// counterOf returns what a counter of a node stands at, over all its labels.
func counterOf(tb testing.TB, n *Node, name string) float64 {
	tb.Helper()
	families, err := n.registry.Gather()
	require.NoError(tb, err)
	total := 0.0
	for _, family := range families {
		if family.GetName() == name {
			for _, m := range family.Metric {
				total += m.Counter.GetValue()
			}
		}
	}
	return total
}

func TestTreeIsReadFromAnotherNodeInFewRequests(t *testing.T) {
	far, near := startBare(t), startBare(t)
	files := generatedTree(1000)
	root := putFiles(t, far.Engine(), files)
	require.NoError(t, near.Network().Connect(t.Context(), far.Network().AddrInfo()))
	got := &sameFiles{t: t, want: files}
	require.NoError(t, near.Engine().Get(t.Context(), root.Root, data.GetOptions{}, got))
	got.check()
	require.Len(t, files, got.seen)

	gets := counterOf(t, near, "ipdm_transfer_gets_total")
	require.Positive(t, gets)
	require.Less(t, gets, 100.0, "many blocks come with one request")
}

// TestSmallFilesCrossOnce: a node that reads a tree of small files from another has each pack sent once, though many of its
// blocks are asked for.
func TestSmallFilesCrossOnce(t *testing.T) {
	far, near := startBare(t), startBare(t)
	require.NoError(t, near.Network().Connect(t.Context(), far.Network().AddrInfo()))
	files := generatedTree(6000)
	source := rand.NewChaCha8([32]byte{3})
	for i := range files {
		files[i].body = make([]byte, 500+i%3000)
		_, _ = source.Read(files[i].body)
	}
	root := putFiles(t, far.Engine(), files)
	stats, err := far.store.Stats(t.Context())
	require.NoError(t, err)
	readAll(t, near, root, files)
	require.Less(t, counterOf(t, near, "ipdm_transfer_bytes_fetched_total"), 1.05*float64(stats.EnvelopeBytes))
	require.Less(t, counterOf(t, near, "ipdm_transfer_gets_total"), 30.0)
}
