//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
	"github.com/ipdm-network/ipdm/testutil/kubo"
)

// kuboLimit bounds each command: an exchange that hangs fails the test.
const kuboLimit = 2 * time.Minute

// startKubo runs an ipdm node and an unmodified Kubo that is connected to it and to nothing else.
func startKubo(t *testing.T) (ipdm, ipfs *kubo.Node) {
	t.Helper()
	bin := binDir(t)
	program := filepath.Join(bin, "kubo", "ipfs")
	require.FileExists(t, program, "run make kubo first")
	ipdm, err := kubo.StartIPDM(t.Context(), filepath.Join(bin, "ipdm"), filepath.Join(t.TempDir(), "ipdm"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ipdm.Stop()) })
	ipfs, err = kubo.StartIPFS(t.Context(), program, filepath.Join(t.TempDir(), "ipfs"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ipfs.Stop()) })
	require.NoError(t, ipfs.Connect(t.Context(), ipdm))
	return ipdm, ipfs
}

// run runs a command of a node, which has to end well, and returns what it prints.
func run(t *testing.T, n *kubo.Node, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), kuboLimit)
	defer cancel()
	printed, err := n.Command(ctx, args...).Output()
	if exit := new(exec.ExitError); err != nil && ctx.Err() == nil {
		require.ErrorAs(t, err, &exit)
		require.Fail(t, "command failed", "%v: %s", args, exit.Stderr)
	}
	require.NoError(t, err, args)
	return string(printed)
}

func putRoot(t *testing.T, ipdm *kubo.Node, path, encode string) string {
	t.Helper()
	var put struct {
		Root string `json:"root"`
	}
	require.NoError(t, json.Unmarshal([]byte(run(t, ipdm, "put", path, "--json", "--encode", encode)), &put))
	return put.Root
}

// describe returns what a tree has by path: the type, whether a file is executable, and its bytes or target.
func describe(t *testing.T, tree string) map[string]string {
	t.Helper()
	found := map[string]string{}
	require.NoError(t, filepath.WalkDir(tree, func(path string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := entry.Info()
		require.NoError(t, err)
		name, err := filepath.Rel(tree, path)
		require.NoError(t, err)
		switch {
		case entry.IsDir():
			found[name] = "directory"
		case entry.Type()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			require.NoError(t, err)
			found[name] = "link to " + target
		default:
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			found[name] = fmt.Sprintf("executable %t: %s", info.Mode()&0o100 != 0, data)
		}
		return nil
	}))
	return found
}

// randomBytes are others for each seed.
func randomBytes(seed byte, size int) []byte {
	data := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(data) // it never fails
	return data
}

// TestKuboReads has an unmodified Kubo read what ipdm stores in each of its encodings.
func TestKuboReads(t *testing.T) {
	for i, encode := range []string{"fast", "balanced", "dense"} {
		t.Run(encode, func(t *testing.T) {
			ipdm, ipfs := startKubo(t)
			files := map[string][]byte{
				"small":        []byte("a few bytes\n"),
				"empty":        {},
				"random":       randomBytes(byte(i), 5<<20),
				"compressible": bytes.Repeat([]byte("all work and no play\n"), 100_000),
			}
			dir := t.TempDir()
			for name, data := range files {
				path := filepath.Join(dir, name)
				require.NoError(t, os.WriteFile(path, data, 0o600))
				root := putRoot(t, ipdm, path, encode)
				require.True(t, run(t, ipfs, "cat", root) == string(data), name)
			}
			tree := filepath.Join(t.TempDir(), "tree")
			for name, data := range map[string]string{
				"a/b/c/deep": "deep", ".dot/.file": "dot", "with space/ünï": "name", "none": "", "run": "#!/bin/sh\n",
			} {
				path := filepath.Join(tree, name)
				require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
				require.NoError(t, os.WriteFile(path, []byte(data), 0o600))
			}
			require.NoError(t, os.Chmod(filepath.Join(tree, "run"), 0o700))
			require.NoError(t, os.Symlink("a/b", filepath.Join(tree, "link")))
			require.NoError(t, os.Mkdir(filepath.Join(tree, "nothing"), 0o755))
			require.NoError(t, os.Mkdir(filepath.Join(tree, "many"), 0o755))
			for n := range 500 {
				require.NoError(t, os.WriteFile(filepath.Join(tree, "many", fmt.Sprint(n)), []byte(fmt.Sprint(n)), 0o600))
			}
			root, got := putRoot(t, ipdm, tree, encode), filepath.Join(t.TempDir(), "got")
			run(t, ipfs, "get", root, "--output", got)
			require.Equal(t, describe(t, tree), describe(t, got))
			run(t, ipfs, "pin", "add", root)
		})
	}
}

// TestKuboLooksInside has Kubo list, count, cut and address what ipdm stores.
func TestKuboLooksInside(t *testing.T) {
	ipdm, ipfs := startKubo(t)
	tree := filepath.Join(t.TempDir(), "tree")
	many := filepath.Join(tree, "many")
	require.NoError(t, os.MkdirAll(many, 0o755))
	data := randomBytes(11, 3<<20)
	require.NoError(t, os.WriteFile(filepath.Join(tree, "file"), data, 0o600))
	const entries = 1200 // with names so long that the directory is a HAMT
	longName := func(n int) string { return fmt.Sprintf("%s-%04d", strings.Repeat("n", 200), n) }
	for n := range entries {
		require.NoError(t, os.WriteFile(filepath.Join(many, longName(n)), []byte(fmt.Sprint(n)), 0o600))
	}
	root := putRoot(t, ipdm, tree, "balanced")

	t.Run("ls", func(t *testing.T) {
		listed := strings.Fields(run(t, ipfs, "ls", root))
		require.Len(t, listed, 2*3)
		require.Equal(t, []string{fmt.Sprint(len(data)), "file"}, listed[1:3])
		require.Equal(t, []string{"-", "many/"}, listed[4:])
	})
	t.Run("HAMT", func(t *testing.T) {
		var layer struct{ Data map[string]map[string]any }
		require.NoError(t, json.Unmarshal([]byte(run(t, ipfs, "dag", "get", "--output-codec=dag-json", root+"/many")), &layer))
		raw, err := base64.RawStdEncoding.DecodeString(layer.Data["/"]["bytes"].(string))
		require.NoError(t, err)
		require.Equal(t, []byte{8, 5}, raw[:2], "type 5 of UnixFS is a shard")
		require.Len(t, strings.Fields(run(t, ipfs, "ls", "--size=false", "--resolve-type=false", root+"/many")), 2*entries)
		for _, n := range []int{0, 7, entries - 1} {
			require.Equal(t, fmt.Sprint(n), run(t, ipfs, "cat", root+"/many/"+longName(n)))
		}
	})
	t.Run("dag stat", func(t *testing.T) {
		small := filepath.Join(t.TempDir(), "small")
		for n := range 30 { // Kubo asks for one block after the other, some 20 ms each
			path := filepath.Join(small, fmt.Sprint(n%3), fmt.Sprint(n))
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			require.NoError(t, os.WriteFile(path, randomBytes(byte(n/2), 100), 0o600)) // every second one twice
		}
		require.NoError(t, os.WriteFile(filepath.Join(small, "file"), data, 0o600))
		root := putRoot(t, ipdm, small, "balanced")
		var stat struct{ Blocks, Nodes uint64 }
		require.NoError(t, json.Unmarshal([]byte(run(t, ipdm, "stat", root, "--json")), &stat))
		var dag struct{ UniqueBlocks uint64 }
		require.NoError(t, json.Unmarshal([]byte(run(t, ipfs, "dag", "stat", "--progress=false", "--enc=json", root)), &dag))
		require.Equal(t, stat.Blocks+stat.Nodes, dag.UniqueBlocks)
	})
	t.Run("ranges", func(t *testing.T) {
		for _, r := range [][2]int{{0, 1}, {len(data) - 1, 1}, {1<<20 - 5, 10}, {100, 2 << 20}, {len(data) - 3, 100}} {
			got := run(t, ipfs, "cat", fmt.Sprintf("--offset=%d", r[0]), fmt.Sprintf("--length=%d", r[1]), root+"/file")
			require.True(t, got == string(data[r[0]:min(r[0]+r[1], len(data))]), "%d bytes at %d", r[1], r[0])
		}
	})
	t.Run("encoding", func(t *testing.T) {
		block := format.NewBlock(format.Raw, bytes.Repeat([]byte("as it lies on the disk\n"), 5000))
		path := filepath.Join(t.TempDir(), "one block")
		require.NoError(t, os.WriteFile(path, block.Data, 0o600))
		require.Equal(t, block.CID().String(), putRoot(t, ipdm, path, "dense"))
		enc, err := compress.Encode([]format.Block{block}, compress.Dense)
		require.NoError(t, err)
		require.Less(t, len(enc.Bytes()), len(block.Data)/10)
		got := run(t, ipfs, "block", "get", format.EncodingCID(enc.Digest()).String())
		require.True(t, got == string(enc.Bytes()))
	})
	t.Run("deleted", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "deleted")
		require.NoError(t, os.WriteFile(path, randomBytes(12, 1000), 0o600))
		gone := putRoot(t, ipdm, path, "fast")
		run(t, ipdm, "rm", gone)
		kept := putRoot(t, ipdm, tree, "fast")
		answer, err := ipfs.Command(t.Context(), "block", "get", "--timeout=3s", gone).CombinedOutput()
		require.Error(t, err)
		require.Contains(t, string(answer), "context deadline exceeded")
		require.True(t, run(t, ipfs, "cat", kept+"/file") == string(data), "and the rest is served on")
	})
}

// TestIPDMReadsFromKubo reads what Kubo adds: all of it under BLAKE3, nothing under another hash.
func TestIPDMReadsFromKubo(t *testing.T) {
	ipdm, ipfs := startKubo(t)
	data := randomBytes(9, 3<<20)
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	root := strings.TrimSpace(run(t, ipfs, "add", "--quieter", "--cid-version=1", "--hash=blake3", "--raw-leaves", path))
	require.True(t, run(t, ipdm, "get", root) == string(data))

	foreign := strings.TrimSpace(run(t, ipfs, "add", "--quieter", "--cid-version=1", path))
	refusal, err := ipdm.Command(t.Context(), "get", foreign).CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(refusal), "CID hash is not BLAKE3-256")
}
