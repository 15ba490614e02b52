package data_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// item is a file, directory or link of a test tree.
type item struct {
	path   string
	kind   data.EntryKind
	exec   bool
	target string
	body   []byte
}

// collect is a Sink that keeps everything.
type collect struct{ items []item }

func (c *collect) Entry(e data.Entry) error {
	c.items = append(c.items, item{path: e.Path, kind: e.Kind, exec: e.Executable, target: e.Target})
	return nil
}

func (c *collect) Data(p []byte) error {
	last := &c.items[len(c.items)-1]
	last.body = append(last.body, p...)
	return nil
}

func feed(p *data.Put, items []item) error {
	for _, it := range items {
		var err error
		switch it.kind {
		case data.KindDirectory:
			err = p.BeginDir(it.path, data.FileInfo{})
		case data.KindSymlink:
			err = p.Symlink(it.path, it.target, data.FileInfo{})
		default:
			if err = p.BeginFile(it.path, data.FileInfo{Executable: it.exec}); err == nil {
				for rest := it.body; len(rest) > 0 && err == nil; {
					n := min(len(rest), 100_000)
					_, err = p.Write(rest[:n])
					rest = rest[n:]
				}
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func putItems(ctx context.Context, e *data.Engine, opts data.PutOptions, items []item) (*data.PutResult, error) {
	p, err := e.NewPut(ctx, opts)
	if err != nil {
		return nil, err
	}
	defer p.Abort()
	if err := feed(p, items); err != nil {
		return nil, err
	}
	return p.Finish()
}

func getItems(tb testing.TB, e *data.Engine, root cid.Cid, o data.GetOptions) []item {
	tb.Helper()
	var c collect
	require.NoError(tb, e.Get(context.Background(), root, o, &c))
	return c.items
}

func randomBytes(seed uint64, n int) []byte {
	b := make([]byte, n)
	var key [32]byte
	key[0], key[1], key[2] = byte(seed), byte(seed>>8), byte(seed>>16)
	_, _ = rand.NewChaCha8(key).Read(b)
	return b
}

func text(seed uint64, n int) []byte {
	line := fmt.Sprintf("line of file %d: the quick brown fox jumps over the lazy dog\n", seed)
	return bytes.Repeat([]byte(line), n/len(line)+1)[:n]
}

func dir(path string) item               { return item{path: path, kind: data.KindDirectory} }
func file(path string, body []byte) item { return item{path: path, kind: data.KindFile, body: body} }

func link(path, target string) item {
	return item{path: path, kind: data.KindSymlink, target: target}
}

// oddTree has every kind of thing that a tree can hold.
func oddTree() []item {
	exec := file("bin/run", []byte("#!/bin/sh\n"))
	exec.exec = true
	return []item{
		dir(""), file(".hidden", []byte("dot")), file("a b\nc", []byte("newline in the name")),
		dir("bin"), exec, file("bin/tool", text(1, 3000)),
		dir("empty"), file("empty-file", nil),
		link("loop", "loop"), link("loop2", "../.."), file("big", nil), file("utf8-\xff\xfe", []byte("not utf-8")), file("é", []byte("x")),
		dir("zdeep"), dir("zdeep/1"), dir("zdeep/1/2"), file("zdeep/1/2/3", text(3, 70_000)),
		file("zdeep/4", randomBytes(4, 2_500_000)),
	}
}

// sorted puts items in depth-first order with siblings by name.
func sorted(items []item) []item {
	slices.SortFunc(items, func(a, b item) int {
		if a.path == "" || b.path == "" {
			return cmp.Compare(len(a.path), len(b.path))
		}
		return slices.Compare(strings.Split(a.path, "/"), strings.Split(b.path, "/"))
	})
	return items
}

func TestTreeReadsBackAsItWasPut(t *testing.T) {
	for _, effort := range []compress.Effort{compress.Fast, compress.Balanced, compress.Dense} {
		e := newEngine(t, data.Options{})
		opts := putOptions(t)
		opts.Effort = effort
		want := sorted(oddTree())
		r, err := putItems(t.Context(), e, opts, want)
		require.NoError(t, err)
		require.EqualValues(t, 10, r.Files)
		require.Equal(t, want, getItems(t, e, r.Root, data.GetOptions{}))
		require.Equal(t, r.Blocks, r.NewBlocks)

		var c collect
		require.NoError(t, e.Get(t.Context(), r.Root, data.GetOptions{Path: "zdeep/1"}, &c))
		require.Equal(t, []string{"", "2", "2/3"}, []string{c.items[0].path, c.items[1].path, c.items[2].path})

		again, err := putItems(t.Context(), e, opts, want)
		require.NoError(t, err)
		require.Equal(t, r.Root, again.Root)
		require.Equal(t, r.Manifest, again.Manifest, "an equal manifest is not made twice")
		require.Zero(t, again.NewBlocks)
		require.True(t, again.Existing)

		opts.Tags = []string{"k=v"}
		tagged, err := putItems(t.Context(), e, opts, want)
		require.NoError(t, err)
		require.NotEqual(t, r.Manifest, tagged.Manifest)

		st, err := e.Stat(t.Context(), r.Root)
		require.NoError(t, err)
		require.Equal(t, data.KindDirectory, st.Kind)
		require.Len(t, st.Pins, 2)
		require.Zero(t, st.Missing)
		require.Equal(t, r.Blocks, st.Blocks)
		require.Equal(t, r.SizeBytes, st.SizeBytes)
	}
}

func TestSingleFileRoots(t *testing.T) {
	e := newEngine(t, data.Options{})
	for _, size := range []int{0, 1, 65_535, 65_536, 262_144, 1 << 20, 1<<20 + 1, 5_000_000} {
		body := randomBytes(uint64(size), size)
		r, err := putItems(t.Context(), e, putOptions(t), []item{file("", body)})
		require.NoError(t, err)
		got := getItems(t, e, r.Root, data.GetOptions{})
		require.Len(t, got, 1)
		require.True(t, bytes.Equal(body, got[0].body), size)
		if size == 0 {
			require.EqualValues(t, format.DagPB, r.Root.Prefix().Codec, "an empty file is never a raw leaf")
			continue
		}
		for _, rng := range []data.Range{{0, 0}, {int64(size) - 1, -1}, {int64(size) / 3, int64(size) / 2}, {0, 1 << 40}} {
			got := getItems(t, e, r.Root, data.GetOptions{Range: &rng})
			last := rng.Last
			if last < 0 || last >= int64(size) {
				last = int64(size) - 1
			}
			require.True(t, bytes.Equal(body[rng.First:last+1], got[0].body), "%v of %d", rng, size)
		}
		err = e.Get(t.Context(), r.Root, data.GetOptions{Range: &data.Range{First: int64(size), Last: -1}}, &collect{})
		require.ErrorIs(t, err, unixfs.ErrRange)
	}
}

func TestRandomTreesReadBack(t *testing.T) {
	e := newEngine(t, data.Options{})
	rapid.Check(t, func(rt *rapid.T) {
		items := map[string]item{"": dir("")}
		dirs := []string{""}
		for i := range rapid.IntRange(0, 40).Draw(rt, "items") {
			name := rapid.StringMatching(`[a-c .\-]{0,2}[d-f\x80é]{1,3}`).Draw(rt, "name")
			parent := dirs[rapid.IntRange(0, len(dirs)-1).Draw(rt, "parent")]
			path := strings.TrimPrefix(parent+"/"+name, "/")
			if _, taken := items[path]; taken {
				continue
			}
			switch rapid.IntRange(0, 3).Draw(rt, "kind") {
			case 0:
				items[path] = dir(path)
				dirs = append(dirs, path)
			case 1:
				items[path] = link(path, name)
			default:
				f := file(path, text(uint64(i%3), rapid.SampledFrom([]int{0, 1, 500, 65_536, 300_000}).Draw(rt, "size")))
				if len(f.body) == 0 {
					f.body = nil
				}
				f.exec = rapid.Bool().Draw(rt, "exec")
				items[path] = f
			}
		}
		var list []item
		for _, it := range items {
			list = append(list, it)
		}
		list = sorted(list)
		r, err := putItems(context.Background(), e, putOptions(t), list)
		require.NoError(rt, err)
		require.Equal(rt, list, getItems(t, e, r.Root, data.GetOptions{}))
	})
}

func TestDirectoryOfManyEntries(t *testing.T) {
	e := newEngine(t, data.Options{})
	items := []item{dir("")}
	for i := range 20_000 {
		items = append(items, file(fmt.Sprintf("entry-%05d", i), []byte(fmt.Sprint(i%7000))))
	}
	r, err := putItems(t.Context(), e, putOptions(t), items)
	require.NoError(t, err)
	require.EqualValues(t, 7000, r.Blocks)
	require.EqualValues(t, 20_000, r.Files)
	require.Equal(t, items, getItems(t, e, r.Root, data.GetOptions{}))
}

func TestItemsThatAreRefused(t *testing.T) {
	e := newEngine(t, data.Options{})
	for name, tc := range map[string]struct {
		items []item
		want  error
	}{
		"parent":           {[]item{file("../x", nil)}, data.ErrPath},
		"absolute":         {[]item{file("/x", nil)}, data.ErrPath},
		"empty part":       {[]item{dir("a"), file("a//b", nil)}, data.ErrPath},
		"dot":              {[]item{file("./b", nil)}, data.ErrPath},
		"nul":              {[]item{file("a\x00b", nil)}, data.ErrPath},
		"long name":        {[]item{file(strings.Repeat("n", 5000), nil)}, data.ErrPath},
		"empty target":     {[]item{link("l", "")}, data.ErrPath},
		"twice":            {[]item{file("a", nil), file("a", nil)}, data.ErrDuplicate},
		"directory twice":  {[]item{dir("a"), file("a/b", nil), dir("a")}, data.ErrDuplicate},
		"two roots":        {[]item{dir(""), dir("")}, data.ErrDuplicate},
		"backwards":        {[]item{file("b", nil), file("a", nil)}, data.ErrOrder},
		"no directory":     {[]item{file("a/b", nil)}, data.ErrOrder},
		"left directory":   {[]item{dir("a"), dir("b"), file("a/x", nil)}, data.ErrOrder},
		"inside a file":    {[]item{file("a", nil), file("a/b", nil)}, data.ErrOrder},
		"under a file":     {[]item{file("", nil), file("a", nil)}, data.ErrOrder},
		"inside a symlink": {[]item{link("a", "b"), file("a/b", nil)}, data.ErrOrder},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := putItems(t.Context(), e, putOptions(t), tc.items)
			require.ErrorIs(t, err, tc.want)
		})
	}
	p, err := e.NewPut(t.Context(), putOptions(t))
	require.NoError(t, err)
	_, err = p.Write([]byte("x"))
	require.ErrorIs(t, err, data.ErrSequence)
	_, err = p.Finish()
	require.ErrorIs(t, err, data.ErrSequence)
	_, err = e.NewPut(t.Context(), data.PutOptions{})
	require.ErrorIs(t, err, data.ErrOptions)
}

func TestPutThatIsCancelledOrNotSignedLeavesGarbageOnly(t *testing.T) {
	e := newEngine(t, data.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	p, err := e.NewPut(ctx, putOptions(t))
	require.NoError(t, err)
	require.NoError(t, feed(p, sorted(oddTree())))
	cancel()
	_, err = p.Finish()
	require.ErrorIs(t, err, context.Canceled)

	refused := errors.New("the key is elsewhere")
	opts := putOptions(t)
	opts.Sign = func(context.Context, []byte) ([]byte, error) { return nil, refused }
	_, err = putItems(t.Context(), e, opts, sorted(oddTree()))
	require.ErrorIs(t, err, refused)

	_, err = e.GC(t.Context())
	require.NoError(t, err)
	stats, err := e.Store().Stats(t.Context())
	require.NoError(t, err)
	require.Zero(t, stats.Encodings)
	err = e.Store().IterateEncodings(t.Context(), func(store.Encoding) error { return errors.New("something is left") })
	require.NoError(t, err)
}
