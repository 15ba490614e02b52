package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
	"github.com/ipdm-network/ipdm/sidecar/node"
)

// session is a home with a running node, and the program called on it.
type session struct {
	t    *testing.T
	home string
	node *node.Node
}

// answer is what one call of the program gave.
type answer struct {
	code           int
	stdout, stderr string
}

// newSession makes a home by `ipdm init` and starts its node in this process.
func newSession(t *testing.T, initArgs ...string) *session {
	t.Helper()
	s := &session{t: t, home: filepath.Join(t.TempDir(), "home")}
	args := append([]string{
		"init", "--network", "cli-test", "--mdns=false",
		"--listen", "/ip4/127.0.0.1/udp/0/quic-v1", "--listen", "/ip4/127.0.0.1/tcp/0",
	}, initArgs...)
	a := s.run(args...)
	require.Zero(t, a.code, a.stderr)
	s.start()
	return s
}

func (s *session) start() {
	s.t.Helper()
	cfg, err := node.LoadConfig(node.Home(s.home))
	require.NoError(s.t, err)
	s.node, err = node.Start(s.t.Context(), node.Options{Home: node.Home(s.home), Config: cfg, Version: "test"})
	require.NoError(s.t, err)
	s.t.Cleanup(func() { require.NoError(s.t, s.node.Close()) })
}

// run calls the program on the session's home.
func (s *session) run(args ...string) answer {
	s.t.Helper()
	return s.runWith(s.t.Context(), strings.NewReader(""), args...)
}

func (s *session) runWith(ctx context.Context, stdin io.Reader, args ...string) answer {
	s.t.Helper()
	var out, errs bytes.Buffer
	code := run(ctx, append(args, "--home", s.home), stdin, &out, &errs)
	return answer{code, out.String(), errs.String()}
}

// json calls the program, which must succeed, and decodes what it prints.
func (s *session) json(into any, args ...string) {
	s.t.Helper()
	a := s.run(append(args, "--json")...)
	require.Zero(s.t, a.code, a.stderr)
	require.NoError(s.t, json.Unmarshal([]byte(a.stdout), into), a.stdout)
}

// What the program prints as JSON, as far as tests look at it.
type (
	pinJSON struct {
		Root        string   `json:"root"`
		Manifest    string   `json:"manifest"`
		Size        uint64   `json:"size"`
		Tags        []string `json:"tags"`
		ContentType string   `json:"content_type"`
		Creator     string   `json:"creator"`
	}
	entryJSON struct {
		Name string `json:"name"`
		Kind string `json:"kind"`
		Size uint64 `json:"size"`
	}
	peerJSON struct {
		PeerID string `json:"peer_id"`
	}
)

func (s *session) put(path string, args ...string) cli.PutResult {
	s.t.Helper()
	var result cli.PutResult
	s.json(&result, append([]string{"put", path}, args...)...)
	return result
}

func (s *session) connect(other *session) {
	s.t.Helper()
	a := s.run("connect", other.node.Network().Addrs()[0].String())
	require.Zero(s.t, a.code, a.stderr)
}

// write makes a file and its folders.
func write(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
}

// sampleTree makes a tree with everything odd that a tree may have.
func sampleTree(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "tree")
	write(t, filepath.Join(dir, "a.txt"), "hello\n")
	write(t, filepath.Join(dir, "a", "deep", "b.bin"), strings.Repeat("0123456789abcdef", 40_000))
	write(t, filepath.Join(dir, "empty file"), "")
	write(t, filepath.Join(dir, ".hidden"), "dot")
	write(t, filepath.Join(dir, "odd \x01\xff\n*名"), "odd")
	write(t, filepath.Join(dir, "-o"), "looks like a flag")
	write(t, filepath.Join(dir, "run.sh"), "#!/bin/sh\n")
	require.NoError(t, os.Chmod(filepath.Join(dir, "run.sh"), 0o755))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "empty dir"), 0o755))
	require.NoError(t, os.Symlink("a.txt", filepath.Join(dir, "link")))
	require.NoError(t, os.Symlink(".", filepath.Join(dir, "loop")))
	require.NoError(t, os.Symlink("/nowhere/at/all", filepath.Join(dir, "dangling")))
	return dir
}

// listTree describes a tree: one line for each entry.
func listTree(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries := map[string]string{}
	require.NoError(t, filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		switch {
		case info.Mode()&os.ModeSymlink != 0:
			target, err := os.Readlink(path)
			entries[name] = "link " + target
			return err
		case info.IsDir():
			entries[name] = "dir"
		default:
			raw, err := os.ReadFile(path)
			entries[name] = "file " + info.Mode().Perm().String() + " " + string(raw)
			return err
		}
		return nil
	}))
	return entries
}

// buffer is a writer that can be read while it is written.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer // guarded by mu
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// eventually waits for a condition of another goroutine.
func eventually(t *testing.T, condition func() bool, what string) {
	t.Helper()
	require.Eventually(t, condition, 20*time.Second, 10*time.Millisecond, what)
}
