package unixfs_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"testing"
	"time"

	"github.com/ipfs/boxo/ipld/merkledag"
	boxofs "github.com/ipfs/boxo/ipld/unixfs"
	"github.com/ipfs/boxo/ipld/unixfs/importer/balanced"
	"github.com/ipfs/boxo/ipld/unixfs/importer/helpers"
	uio "github.com/ipfs/boxo/ipld/unixfs/io"
	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
)

func decodeBoxo(b blocks.Block) (ipld.Node, error) {
	if b.Cid().Prefix().Codec == cid.Raw {
		return merkledag.DecodeRawBlock(b)
	}
	return merkledag.DecodeProtobufBlock(b)
}

// boxoFile lays chunks out with boxo's balanced importer.
func boxoFile(t require.TestingT, m *memory, chunks [][]byte, mode fs.FileMode, mtime time.Time) ipld.Node {
	params := helpers.DagBuilderParams{
		Maxlinks: unixfs.LinkWidth, RawLeaves: true, CidBuilder: builder, Dagserv: boxoDAG{m},
		FileMode: mode, FileModTime: mtime,
	}
	db, err := params.New(&pieces{chunks: chunks})
	require.NoError(t, err)
	n, err := balanced.Layout(db)
	require.NoError(t, err)
	return n
}

func requireSameBlocks(t require.TestingT, want, got *memory) {
	require.Equal(t, len(want.blocks), len(got.blocks))
	for c, data := range want.blocks {
		require.True(t, bytes.Equal(data, got.blocks[c]), "block %s", c)
	}
}

func TestFileEqualsBoxo(t *testing.T) {
	const w = unixfs.LinkWidth
	for _, n := range []int{1, 2, 3, w - 1, w, w + 1, 2 * w, 2*w + 1, w*w - 1, w * w, w*w + 1, w*w + w + 1} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			chunks := leaves(uint64(n), n, 8)
			ours, theirs := newMemory(), newMemory()
			got := buildFile(t, ours, chunks, unixfs.Attributes{})
			want := boxoFile(t, theirs, chunks, 0, time.Time{})
			require.Equal(t, want.Cid(), got.Cid)
			size, err := want.Size()
			require.NoError(t, err)
			require.Equal(t, size, got.TotalSizeBytes)
			requireSameBlocks(t, theirs, ours)
		})
	}
}

func TestFileEqualsBoxoProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 700).Draw(t, "leaves")
		chunks := leaves(rapid.Uint64().Draw(t, "seed"), n, rapid.IntRange(1, 20).Draw(t, "leaf bytes"))
		mode := rapid.Uint32Range(0, 0o777).Draw(t, "mode")
		var mtime time.Time
		if rapid.Bool().Draw(t, "mtime") {
			mtime = time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		}
		ours, theirs := newMemory(), newMemory()
		got := buildFile(t, ours, chunks, unixfs.Attributes{Mode: mode, ModTime: mtime})
		want := boxoFile(t, theirs, chunks, fs.FileMode(mode), mtime)
		require.Equal(t, want.Cid(), got.Cid)
		// boxo stores a root without attributes as well; ours are all theirs.
		for c, data := range ours.blocks {
			require.True(t, bytes.Equal(theirs.blocks[c], data) || c == got.Cid)
		}
	})
}

func TestEmptyFileIsNodeNotRawLeaf(t *testing.T) {
	m := newMemory()
	l := buildFile(t, m, nil, unixfs.Attributes{})
	require.EqualValues(t, cid.DagProtobuf, l.Cid.Prefix().Codec)
	empty := boxofs.EmptyFileNode()
	require.NoError(t, empty.SetCidBuilder(builder))
	require.Equal(t, empty.Cid(), l.Cid)
	require.EqualValues(t, 6, l.TotalSizeBytes)
	require.Equal(t, []byte{0x0a, 0x04, 0x08, 0x02, 0x18, 0x00}, m.blocks[l.Cid])
}

// TestBoxoReadsOurFiles covers the roots that boxo's importer does not make: empty files and single chunks with a mode.
func TestBoxoReadsOurFiles(t *testing.T) {
	for _, n := range []int{0, 1, 2, 175} {
		for _, mode := range []uint32{0, unixfs.ExecutableMode} {
			t.Run(fmt.Sprintf("%d leaves mode %o", n, mode), func(t *testing.T) {
				m := newMemory()
				chunks := leaves(1, n, 100)
				l := buildFile(t, m, chunks, unixfs.Attributes{Mode: mode})
				root, err := boxoDAG{m}.Get(t.Context(), l.Cid)
				require.NoError(t, err)
				r, err := uio.NewDagReader(t.Context(), root, boxoDAG{m})
				require.NoError(t, err)
				data, err := io.ReadAll(r)
				require.NoError(t, err)
				require.Equal(t, string(bytes.Join(chunks, nil)), string(data))
				require.EqualValues(t, len(data), r.Size())
				if mode != 0 {
					require.EqualValues(t, mode, r.Mode())
				}
			})
		}
	}
}

// boxoDir adds entries to a boxo directory that turns itself into a HAMT.
func boxoDir(t require.TestingT, m *memory, entries []unixfs.Link, opts ...uio.DirectoryOption) ipld.Node {
	dir, err := uio.NewDirectory(boxoDAG{m}, append(opts, uio.WithCidBuilder(builder))...)
	require.NoError(t, err)
	for _, e := range entries {
		require.NoError(t, dir.AddChild(context.Background(), e.Name, stub{e}))
	}
	n, err := dir.GetNode()
	require.NoError(t, err)
	require.NoError(t, boxoDAG{m}.Add(context.Background(), n))
	return n
}

// stub is a node of which boxo asks the CID and size only.
type stub struct{ link unixfs.Link }

func (s stub) Cid() cid.Cid                                       { return s.link.Cid }
func (s stub) Size() (uint64, error)                              { return s.link.TotalSizeBytes, nil }
func (s stub) RawData() []byte                                    { return nil }
func (s stub) String() string                                     { return s.link.Name }
func (s stub) Loggable() map[string]any                           { return nil }
func (s stub) Links() []*ipld.Link                                { return nil }
func (s stub) Stat() (*ipld.NodeStat, error)                      { return &ipld.NodeStat{}, nil }
func (s stub) Copy() ipld.Node                                    { return s }
func (s stub) Tree(string, int) []string                          { return nil }
func (s stub) Resolve([]string) (any, []string, error)            { return nil, nil, nil }
func (s stub) ResolveLink([]string) (*ipld.Link, []string, error) { return nil, nil, nil }

func entries(n int, name func(i int) string) []unixfs.Link {
	out := make([]unixfs.Link, n)
	for i := range out {
		out[i] = unixfs.Link{Name: name(i), Cid: someCID(i), TotalSizeBytes: uint64(i * 37)}
	}
	return out
}

func buildDir(t require.TestingT, m *memory, links []unixfs.Link, attrs unixfs.Attributes) unixfs.Link {
	var b unixfs.DirBuilder
	for i := range links {
		l := links[len(links)-1-i] // any order will do
		require.NoError(t, b.Add(l.Name, unixfs.Link{Cid: l.Cid, TotalSizeBytes: l.TotalSizeBytes}))
	}
	require.Equal(t, len(links), b.Len())
	l, err := b.Finish(attrs, m.emit)
	require.NoError(t, err)
	require.Zero(t, b.Len())
	return l
}

func TestDirectoryEqualsBoxo(t *testing.T) {
	plain := func(i int) string { return fmt.Sprintf("file-%06d.go", i) }
	odd := func(i int) string { return fmt.Sprintf("\xff \n%c%d\\", rune(i%2000+0x100), i) }
	// Names of 28 bytes make 64 bytes an entry: 4096 entries are the threshold exactly.
	wide := func(i int) string { return fmt.Sprintf("%028d", i) }
	for _, tc := range []struct {
		n     int
		name  func(int) string
		nodes int // 0: any number above 1
	}{
		{0, plain, 1},
		{1, plain, 1},
		{10, plain, 1},
		{10, odd, 1},
		{5000, plain, 1},
		{5000, wide, 0},
		{4096, wide, 1},
		{4097, wide, 0},
		{20000, plain, 0},
		{20000, odd, 0},
	} {
		t.Run(fmt.Sprintf("%d like %q", tc.n, tc.name(1)), func(t *testing.T) {
			links := entries(tc.n, tc.name)
			ours, theirs := newMemory(), newMemory()
			got := buildDir(t, ours, links, unixfs.Attributes{})
			want := boxoDir(t, theirs, links)
			require.Equal(t, want.Cid(), got.Cid)
			size, err := want.Size()
			require.NoError(t, err)
			require.Equal(t, size, got.TotalSizeBytes)
			if tc.nodes != 0 {
				require.Len(t, ours.blocks, tc.nodes)
			} else {
				require.Greater(t, len(ours.blocks), 1)
			}
			for c, data := range ours.blocks {
				require.Equal(t, theirs.blocks[c], data)
			}
		})
	}
}

func TestDirectoryAttributesEqualBoxo(t *testing.T) {
	mtime := time.Unix(1_700_000_000, 123_000_000)
	for _, n := range []int{3, 8000} {
		links := entries(n, func(i int) string { return fmt.Sprintf("n%d", i) })
		ours, theirs := newMemory(), newMemory()
		got := buildDir(t, ours, links, unixfs.Attributes{Mode: 0o750, ModTime: mtime})
		want := boxoDir(t, theirs, links, uio.WithStat(0o750, mtime))
		require.Equal(t, want.Cid(), got.Cid)
		root, err := unixfs.Load(t.Context(), ours.get, got.Cid)
		require.NoError(t, err)
		require.EqualValues(t, 0o750, root.Perm())
		require.True(t, mtime.Equal(root.ModTime))
	}
}

func TestSymlinkEqualsBoxo(t *testing.T) {
	m := newMemory()
	l, err := unixfs.EncodeSymlink("../some where", unixfs.Attributes{}, m.emit)
	require.NoError(t, err)
	data, err := boxofs.SymlinkData("../some where")
	require.NoError(t, err)
	want := merkledag.NodeWithData(data)
	require.NoError(t, want.SetCidBuilder(builder))
	require.Equal(t, want.Cid(), l.Cid)
	n, err := unixfs.Load(t.Context(), m.get, l.Cid)
	require.NoError(t, err)
	require.Equal(t, unixfs.KindSymlink, n.Kind)
	require.Equal(t, "../some where", string(n.Data))
}

// TestDecodeAgreesWithBoxo decodes what boxo made, with inline leaves and CIDv0 as well.
func TestDecodeAgreesWithBoxo(t *testing.T) {
	m := newMemory()
	params := helpers.DagBuilderParams{Maxlinks: 5, Dagserv: boxoDAG{m}, FileMode: fs.ModeSetuid | 0o755, FileModTime: time.Unix(-5, 9)}
	chunks := leaves(4, 33, 50)
	db, err := params.New(&pieces{chunks: chunks})
	require.NoError(t, err)
	root, err := balanced.Layout(db)
	require.NoError(t, err)
	f, err := unixfs.OpenFile(t.Context(), m.get, root.Cid())
	require.NoError(t, err)
	require.EqualValues(t, 0o4755, f.Root().Mode)
	require.EqualValues(t, 0o755, f.Root().Perm())
	require.True(t, time.Unix(-5, 9).Equal(f.Root().ModTime))
	var out bytes.Buffer
	require.NoError(t, f.CopyRange(t.Context(), &out, 0, f.SizeBytes()))
	require.Equal(t, bytes.Join(chunks, nil), out.Bytes())
}

// TestReadsHAMTsOfOtherWidths lists and searches HAMTs that others chose another fanout for.
func TestReadsHAMTsOfOtherWidths(t *testing.T) {
	for _, fanout := range []int{8, 16, 64, 256, 1024} {
		t.Run(fmt.Sprint(fanout), func(t *testing.T) {
			m := newMemory()
			links := entries(600, func(i int) string { return fmt.Sprintf("name %d", i) })
			dir, err := uio.NewHAMTDirectory(boxoDAG{m}, 0, uio.WithCidBuilder(builder), uio.WithMaxHAMTFanout(fanout))
			require.NoError(t, err)
			for _, e := range links {
				require.NoError(t, dir.AddChild(t.Context(), e.Name, stub{e}))
			}
			n, err := dir.GetNode()
			require.NoError(t, err)
			var got []unixfs.Link
			require.NoError(t, unixfs.ListDir(t.Context(), m.get, n.Cid(), func(l unixfs.Link) error {
				got = append(got, l)
				return nil
			}))
			require.ElementsMatch(t, links, got)
			root, err := unixfs.Load(t.Context(), m.get, n.Cid())
			require.NoError(t, err)
			for _, want := range links {
				l, err := unixfs.Lookup(t.Context(), m.get, root, want.Name)
				require.NoError(t, err)
				require.Equal(t, want, l)
			}
			_, err = unixfs.Lookup(t.Context(), m.get, root, "name 600")
			require.ErrorIs(t, err, unixfs.ErrNotFound)
		})
	}
}
