package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

func TestTreeRoundTrip(t *testing.T) {
	s := newSession(t)
	tree := sampleTree(t)
	first := s.put(tree, "--tag", "b=2", "--tag", "a=1")
	require.Equal(t, first.Blocks, first.NewBlocks)
	require.Positive(t, first.StoredSize)
	again := s.put(tree, "--tag", "a=1", "--tag", "b=2")
	require.Zero(t, again.NewBlocks)
	require.Equal(t, first.Root, again.Root)
	require.Equal(t, first.Manifest, again.Manifest, "the same content with the same tags has one manifest")

	out := filepath.Join(t.TempDir(), "out")
	var got struct {
		Size  uint64 `json:"size"`
		Files uint64 `json:"files"`
	}
	s.json(&got, "get", first.Root, "-o", out)
	require.Equal(t, listTree(t, tree), listTree(t, out))
	require.Equal(t, first.Size, got.Size)
	require.Equal(t, first.Files, got.Files)

	a := s.run("get", first.Root, "-o", out)
	require.Equal(t, cli.ExitFailed, a.code)
	require.Contains(t, a.stderr, "--force")
	write(t, filepath.Join(out, "extra"), "goes")
	require.Zero(t, s.run("get", first.Root, "-o", out, "--force").code)
	require.Equal(t, listTree(t, tree), listTree(t, out), "--force replaces the whole target")
	left, err := os.ReadDir(filepath.Dir(out))
	require.NoError(t, err)
	require.Len(t, left, 1, "nothing is left beside the target")
}

func TestFilesAndRanges(t *testing.T) {
	s := newSession(t)
	content := strings.Repeat("The quick brown fox. ", 100_000)
	a := s.runWith(t.Context(), strings.NewReader(content), "put", "-")
	require.Zero(t, a.code, a.stderr)
	root := strings.TrimSpace(a.stdout)
	for byteRange, want := range map[string]string{
		"":                content,
		"0-0":             content[:1],
		"4-8":             content[4:9],
		"1000000-1000099": content[1000000:1000100],
		"2099990-":        content[2099990:],
		"2099990-9999999": content[2099990:],
	} {
		args := []string{"get", root}
		if byteRange != "" {
			args = append(args, "--range", byteRange)
		}
		a := s.run(args...)
		require.Zero(t, a.code, a.stderr)
		require.True(t, a.stdout == want, byteRange)
	}
	require.Equal(t, cli.ExitUsage, s.run("get", root, "--range", "2100000-").code, "behind the end")
	require.Equal(t, cli.ExitUsage, s.run("get", root, "--json").code, "bytes and JSON do not mix")

	empty := s.runWith(t.Context(), strings.NewReader(""), "put", "-")
	require.Zero(t, empty.code, empty.stderr)
	a = s.run("get", strings.TrimSpace(empty.stdout))
	require.Equal(t, answer{code: 0}, a, "an empty file is empty")
}

func TestListings(t *testing.T) {
	s := newSession(t)
	put := s.put(sampleTree(t), "--tag", "k=v")
	var pins struct {
		Pins []pinJSON `json:"pins"`
	}
	s.json(&pins, "ls")
	require.Len(t, pins.Pins, 1)
	require.Equal(t, put.Root, pins.Pins[0].Root)
	require.Equal(t, []string{"k=v"}, pins.Pins[0].Tags)
	require.Equal(t, s.node.Network().ID().String(), pins.Pins[0].Creator, "the node's own key signs without --from")

	var listed struct {
		Entries []entryJSON `json:"entries"`
	}
	s.json(&listed, "ls", put.Root+"/a/deep")
	require.Len(t, listed.Entries, 1)
	require.Equal(t, "b.bin", listed.Entries[0].Name)
	require.Equal(t, uint64(640_000), listed.Entries[0].Size)
	s.json(&listed, "ls", put.Root)
	require.Len(t, listed.Entries, 11)
	require.NotContains(t, s.run("ls", put.Root).stdout, "\x01", "a terminal gets no control characters of names")

	var st struct {
		Kind    string `json:"kind"`
		Missing uint64 `json:"missing"`
	}
	s.json(&st, "stat", put.Root)
	require.Equal(t, "directory", st.Kind)
	require.Zero(t, st.Missing)

	require.Equal(t, cli.ExitNotFound, s.run("ls", put.Root+"/no/such").code)
	require.Zero(t, s.run("rm", put.Root).code)
	require.Equal(t, cli.ExitNotFound, s.run("rm", put.Root).code)
	var gc struct {
		Kept uint64 `json:"kept_encodings"`
	}
	s.json(&gc, "gc")
	require.Zero(t, gc.Kept)
	a := s.run("get", put.Root, "--local", "-o", filepath.Join(t.TempDir(), "gone"))
	require.Equal(t, cli.ExitNotFound, a.code, a.stderr)
}

func TestTwoNodes(t *testing.T) {
	a, b := newSession(t), newSession(t)
	tree := sampleTree(t)
	put := a.put(tree)
	b.connect(a)
	var peers struct {
		Peers []peerJSON `json:"peers"`
	}
	b.json(&peers, "peers")
	require.Len(t, peers.Peers, 1)
	out := filepath.Join(t.TempDir(), "out")
	got := b.run("get", put.Root, "-o", out)
	require.Zero(t, got.code, got.stderr)
	require.Equal(t, listTree(t, tree), listTree(t, out))
}

func TestDamageIsFound(t *testing.T) {
	s := newSession(t)
	put := s.put(sampleTree(t))
	require.Zero(t, s.run("verify").code)

	root, err := format.ParseCID(put.Root)
	require.NoError(t, err)
	d, err := format.DigestOf(root)
	require.NoError(t, err)
	at, err := s.node.Engine().Store().Locate(t.Context(), d)
	require.NoError(t, err)
	var batch store.Batch
	batch.DeleteEncoding(at[0])
	require.NoError(t, s.node.Engine().Store().Apply(t.Context(), &batch, store.Durable))

	a := s.run("verify", put.Root)
	require.Equal(t, cli.ExitDamaged, a.code)
	require.Contains(t, a.stdout, "missing")
	require.NotZero(t, s.run("get", put.Root, "--local", "-o", filepath.Join(t.TempDir(), "out")).code)
	s.put(sampleTree(t))
	require.Zero(t, s.run("verify").code, "putting it again repairs it")
}

func TestInterruptedPutLeavesNothing(t *testing.T) {
	s := newSession(t)
	reader, writer := io.Pipe()
	done := make(chan answer, 1)
	go func() { done <- s.runWith(t.Context(), reader, "put", "-") }()
	_, err := writer.Write(make([]byte, 3<<20))
	require.NoError(t, err)
	require.NoError(t, s.node.Close())
	require.NoError(t, writer.Close())
	a := <-done
	require.Equal(t, cli.ExitNoDaemon, a.code, a.stderr)
	require.Contains(t, a.stderr, "not acknowledged is not stored")
	s.start()
	var pins struct {
		Pins []pinJSON `json:"pins"`
	}
	s.json(&pins, "ls")
	require.Empty(t, pins.Pins)
}

func TestPushToAnotherNode(t *testing.T) {
	from := newSession(t)
	pushed := from.put(sampleTree(t))
	to := newSession(t)
	target := to.node.Network().Addrs()[0].String()
	a := from.run("push", pushed.Root, target)
	require.NotZero(t, a.code)
	require.Contains(t, a.stderr, "not allowed")
	require.Contains(t, a.stderr, "accept_puts_from")

	t.Setenv("IPDM_NETWORK_ACCEPT_PUTS_FROM", from.node.Network().ID().String())
	to = newSession(t)
	target = to.node.Network().Addrs()[0].String()
	var got struct {
		Received uint64 `json:"received"`
		Existing bool   `json:"existing"`
		Removed  int    `json:"removed"`
	}
	from.json(&got, "push", pushed.Root, target)
	require.GreaterOrEqual(t, got.Received, pushed.Size)
	out := filepath.Join(t.TempDir(), "out")
	require.NoError(t, from.node.Close())
	require.Zero(t, to.run("get", pushed.Root, "-o", out).code)
	require.Zero(t, to.run("rm", pushed.Root).code, "it is pinned there")
}

func TestPushIsCheckedBeforeItIsMade(t *testing.T) {
	s := newSession(t)
	root := s.put(sampleTree(t)).Root
	absent := format.NodeCID(format.Sum([]byte("absent"))).String()
	peer := s.node.Network().ID().String()
	for _, args := range [][]string{
		{"push", root},
		{"push", "nonsense", peer},
		{"push", root, "nonsense"},
		{"push", root, peer, "--delete", "--replaces", root},
	} {
		require.Equal(t, cli.ExitUsage, s.run(args...).code, args)
	}
	require.Equal(t, cli.ExitNotFound, s.run("push", absent, peer).code)
}
