package unixfs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
)

func TestReadRanges(t *testing.T) {
	m := newMemory()
	chunks := leaves(5, 400, 40)
	whole := bytes.Join(chunks, nil)
	f, err := unixfs.OpenFile(t.Context(), m.get, buildFile(t, m, chunks, unixfs.Attributes{}).Cid)
	require.NoError(t, err)
	require.EqualValues(t, len(whole), f.SizeBytes())
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, len(whole)).Draw(t, "from")
		to := rapid.IntRange(from, len(whole)).Draw(t, "to")
		var out bytes.Buffer
		require.NoError(t, f.CopyRange(context.Background(), &out, uint64(from), uint64(to)))
		require.True(t, bytes.Equal(whole[from:to], out.Bytes()))
	})
}

func TestRangeFetchesOnlyWhatItNeeds(t *testing.T) {
	m := newMemory()
	var chunks [][]byte
	for i := range unixfs.LinkWidth * 3 {
		chunks = append(chunks, fmt.Appendf(nil, "%010d", i))
	}
	f, err := unixfs.OpenFile(t.Context(), m.get, buildFile(t, m, chunks, unixfs.Attributes{}).Cid)
	require.NoError(t, err)
	m.gets = 0
	var got []unixfs.Leaf
	require.NoError(t, f.Leaves(t.Context(), 2005, 2021, func(l unixfs.Leaf) error {
		got = append(got, l)
		return nil
	}))
	require.Equal(t, 1, m.gets, "one interior node, no leaf")
	require.Len(t, got, 3)
	for i, l := range got {
		require.EqualValues(t, 2000+10*i, l.OffsetBytes)
		require.Equal(t, format.RawCID(format.Sum(chunks[200+i])), l.Cid)
		require.Equal(t, string(chunks[200+i])[max(0, 5-10*i):], string(l.Clip(chunks[200+i], 2005, 5000)))
	}
}

func TestRangeErrors(t *testing.T) {
	m := newMemory()
	f, err := unixfs.OpenFile(t.Context(), m.get, buildFile(t, m, leaves(1, 3, 9), unixfs.Attributes{}).Cid)
	require.NoError(t, err)
	none := func(unixfs.Leaf) error { return nil }
	require.ErrorIs(t, f.Leaves(t.Context(), 2, 1, none), unixfs.ErrRange)
	require.ErrorIs(t, f.Leaves(t.Context(), 0, f.SizeBytes()+1, none), unixfs.ErrRange)
	stop := errors.New("stop")
	require.Equal(t, stop, f.Leaves(t.Context(), 0, 1, func(unixfs.Leaf) error { return stop }))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, f.Leaves(cancelled, 0, 1, none), context.Canceled)
	clear(m.blocks)
	require.ErrorContains(t, f.CopyRange(t.Context(), &bytes.Buffer{}, 0, 1), "failed to get block")
}

// tree builds
//
//	/a.txt  /link -> a.txt  /empty  /sub/deep/run (executable)  /sub/big/<8000 entries>
func tree(t testing.TB, m *memory) (root cid.Cid, big []unixfs.Link) {
	file := func(attrs unixfs.Attributes, content ...string) unixfs.Link {
		var chunks [][]byte
		for _, c := range content {
			chunks = append(chunks, []byte(c))
		}
		return buildFile(t, m, chunks, attrs)
	}
	dir := func(links map[string]unixfs.Link) unixfs.Link {
		var list []unixfs.Link
		for name, l := range links {
			l.Name = name
			list = append(list, l)
		}
		return buildDir(t, m, list, unixfs.Attributes{})
	}
	link, err := unixfs.EncodeSymlink("a.txt", unixfs.Attributes{}, m.emit)
	require.NoError(t, err)
	bigDir := map[string]unixfs.Link{}
	for i := range 8000 {
		name := fmt.Sprintf("entry %d", i)
		l := file(unixfs.Attributes{}, fmt.Sprintf("content %d", i%100))
		bigDir[name] = l
		l.Name = name
		big = append(big, l)
	}
	return dir(map[string]unixfs.Link{
		"a.txt": file(unixfs.Attributes{}, "hello ", "world"),
		"link":  link,
		"empty": file(unixfs.Attributes{}),
		"sub": dir(map[string]unixfs.Link{
			"deep": dir(map[string]unixfs.Link{"run": file(unixfs.AttributesOf(0o711), "#!")}),
			"big":  dir(bigDir),
		}),
	}).Cid, big
}

func TestResolvePath(t *testing.T) {
	m := newMemory()
	root, big := tree(t, m)
	read := func(path string) string {
		l, err := unixfs.ResolvePath(t.Context(), m.get, root, path)
		require.NoError(t, err)
		f, err := unixfs.OpenFile(t.Context(), m.get, l.Cid)
		require.NoError(t, err)
		var out bytes.Buffer
		require.NoError(t, f.CopyRange(t.Context(), &out, 0, f.SizeBytes()))
		return out.String()
	}
	require.Equal(t, "hello world", read("a.txt"))
	require.Equal(t, "", read("/empty"))
	require.Equal(t, "#!", read("sub//deep/run/"))
	require.Equal(t, "content 77", read("sub/big/entry 7977"))
	for _, b := range big[:500] {
		l, err := unixfs.ResolvePath(t.Context(), m.get, root, "sub/big/"+b.Name)
		require.NoError(t, err)
		require.Equal(t, b, l)
	}
	l, err := unixfs.ResolvePath(t.Context(), m.get, root, "")
	require.NoError(t, err)
	require.Equal(t, root, l.Cid)

	for path, want := range map[string]error{
		"nope":             unixfs.ErrNotFound,
		"sub/big/nope":     unixfs.ErrNotFound,
		"sub/../a.txt":     unixfs.ErrNotFound,
		"a.txt/x":          unixfs.ErrNotDirectory,
		"link/x":           unixfs.ErrNotDirectory,
		"sub/deep/run/own": unixfs.ErrNotDirectory,
	} {
		_, err := unixfs.ResolvePath(t.Context(), m.get, root, path)
		require.ErrorIs(t, err, want, path)
	}
	l, err = unixfs.ResolvePath(t.Context(), m.get, root, "link")
	require.NoError(t, err)
	_, err = unixfs.OpenFile(t.Context(), m.get, l.Cid)
	require.ErrorIs(t, err, unixfs.ErrNotFile)
}

func TestListDir(t *testing.T) {
	m := newMemory()
	root, big := tree(t, m)
	list := func(path string) (out []unixfs.Link) {
		l, err := unixfs.ResolvePath(t.Context(), m.get, root, path)
		require.NoError(t, err)
		require.NoError(t, unixfs.ListDir(t.Context(), m.get, l.Cid, func(l unixfs.Link) error {
			out = append(out, l)
			return nil
		}))
		return out
	}
	var names []string
	for _, l := range list("") {
		names = append(names, l.Name)
	}
	require.Equal(t, []string{"a.txt", "empty", "link", "sub"}, names)
	byName := func(a, b unixfs.Link) int { return strings.Compare(a.Name, b.Name) }
	got := list("sub/big")
	slices.SortFunc(got, byName)
	slices.SortFunc(big, byName)
	require.Equal(t, big, got)
	err := unixfs.ListDir(t.Context(), m.get, format.RawCID(format.Sum([]byte("#!"))), nil)
	require.ErrorIs(t, err, unixfs.ErrNotDirectory)
	stop := errors.New("stop")
	require.Equal(t, stop, unixfs.ListDir(t.Context(), m.get, root, func(unixfs.Link) error { return stop }))
}

func TestWalkVisitsEachBlockOnceInOrder(t *testing.T) {
	m := newMemory()
	root, _ := tree(t, m)
	for _, opts := range []unixfs.WalkOptions{{}, {FetchLeaves: true}} {
		var order []cid.Cid
		at := map[cid.Cid]int{}
		m.gets = 0
		require.NoError(t, unixfs.Walk(t.Context(), m.get, root, opts, func(v unixfs.Visit) error {
			require.NotContains(t, at, v.Cid)
			require.EqualValues(t, len(m.blocks[v.Cid]), v.SizeBytes)
			require.Equal(t, v.Node == nil, v.Block == nil)
			at[v.Cid] = len(order)
			order = append(order, v.Cid)
			return nil
		}))
		require.Len(t, order, len(m.blocks), "every block written is reachable, and visited once")
		require.Equal(t, root, order[0])
		if opts.FetchLeaves {
			require.Equal(t, len(m.blocks), m.gets)
		} else {
			require.Less(t, m.gets, len(m.blocks)-100, "raw blocks are not fetched")
		}
		// Depth first: everything of a.txt comes before everything of sub.
		hello, run := format.RawCID(format.Sum([]byte("world"))), format.RawCID(format.Sum([]byte("#!")))
		require.Less(t, at[hello], at[run])
	}
	stop := errors.New("stop")
	require.Equal(t, stop, unixfs.Walk(t.Context(), m.get, root, unixfs.WalkOptions{}, func(unixfs.Visit) error { return stop }))
}

func TestAttributesOf(t *testing.T) {
	require.Equal(t, unixfs.Attributes{}, unixfs.AttributesOf(0o644))
	require.Equal(t, unixfs.Attributes{}, unixfs.AttributesOf(fs.ModeDir|0o755))
	for _, mode := range []fs.FileMode{0o755, 0o700, 0o744, 0o645, fs.ModeSetuid | 0o755} {
		require.Equal(t, unixfs.Attributes{Mode: 0o755}, unixfs.AttributesOf(mode))
	}
}

// TestExecutableSharesItsChunk is why a single chunk with a mode is linked to and not inlined.
func TestExecutableSharesItsChunk(t *testing.T) {
	m := newMemory()
	chunk := [][]byte{[]byte("#!/bin/sh\n")}
	plain := buildFile(t, m, chunk, unixfs.Attributes{})
	require.EqualValues(t, cid.Raw, plain.Cid.Prefix().Codec)
	run := buildFile(t, m, chunk, unixfs.Attributes{Mode: 0o755})
	n, err := unixfs.Load(t.Context(), m.get, run.Cid)
	require.NoError(t, err)
	require.EqualValues(t, 0o755, n.Perm())
	require.Len(t, n.Links, 1)
	require.Equal(t, plain.Cid, n.Links[0].Cid)
	require.EqualValues(t, len(chunk[0]), n.FileSizeBytes)
}

func TestBuilderErrors(t *testing.T) {
	m := newMemory()
	b := unixfs.NewFileBuilder(m.emit)
	require.ErrorIs(t, b.AddLeaf(format.Digest{1}, 0), unixfs.ErrInvalidSize)
	require.ErrorIs(t, b.AddLeaf(format.Digest{1}, -1), unixfs.ErrInvalidSize)
	require.ErrorIs(t, b.AddLeaf(format.Digest{1}, unixfs.MaxLeafBytes+1), unixfs.ErrInvalidSize)
	_, err := b.Finish(unixfs.Attributes{Mode: 0o10000})
	require.ErrorIs(t, err, unixfs.ErrInvalidNode)

	full := errors.New("disk full")
	broken := unixfs.NewFileBuilder(func(uint64, format.Digest, []byte) error { return full })
	for range 2 {
		require.NoError(t, broken.AddLeaf(format.Digest{1}, 1))
	}
	_, err = broken.Finish(unixfs.Attributes{})
	require.ErrorIs(t, err, full)
	require.Zero(t, broken.SizeBytes(), "ready for another file")

	var d unixfs.DirBuilder
	for _, name := range []string{"", ".", "..", "a/b", "/", "a\x00b", strings.Repeat("n", unixfs.MaxNameBytes+1)} {
		require.ErrorIs(t, d.Add(name, unixfs.Link{Cid: someCID(1)}), unixfs.ErrInvalidName, "%q", name)
	}
	require.Error(t, d.Add("undefined", unixfs.Link{}))
	require.NoError(t, d.Add("same", unixfs.Link{Cid: someCID(1)}))
	require.NoError(t, d.Add("same", unixfs.Link{Cid: someCID(2)}))
	_, err = d.Finish(unixfs.Attributes{}, m.emit)
	require.ErrorIs(t, err, unixfs.ErrDuplicateName)

	for i := range 8000 {
		require.NoError(t, d.Add(fmt.Sprint(i%7999), unixfs.Link{Cid: someCID(i)}))
	}
	_, err = d.Finish(unixfs.Attributes{}, m.emit)
	require.ErrorIs(t, err, unixfs.ErrDuplicateName, "in a HAMT")

	for _, target := range []string{"", strings.Repeat("x", unixfs.MaxSymlinkBytes+1)} {
		_, err = unixfs.EncodeSymlink(target, unixfs.Attributes{}, m.emit)
		require.ErrorIs(t, err, unixfs.ErrInvalidSize)
	}
	require.Empty(t, m.blocks, "nothing was emitted")
}
