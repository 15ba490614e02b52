package main

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
	"github.com/ipdm-network/ipdm/sidecar/node"
)

// fsck checks the store of a session whose node is stopped.
func (s *session) fsck(wantCode int, args ...string) fsckJSON {
	s.t.Helper()
	a := s.run(append([]string{"fsck", "--json"}, args...)...)
	require.Equal(s.t, wantCode, a.code, "%s %s", a.stdout, a.stderr)
	var out fsckJSON
	require.NoError(s.t, json.Unmarshal([]byte(a.stdout), &out), a.stdout)
	return out
}

func TestFsckBringsALostIndexBack(t *testing.T) {
	s := newSession(t)
	tree := sampleTree(t)
	put := s.put(tree)
	gone := filepath.Join(t.TempDir(), "gone")
	write(t, gone, strings.Repeat("nobody keeps this ", 100))
	unpinned := s.put(gone)
	require.Zero(t, s.run("rm", unpinned.Root).code)

	a := s.run("fsck")
	require.Equal(t, cli.ExitFailed, a.code)
	require.Contains(t, a.stderr, "stop it first")

	require.NoError(t, s.node.Close())
	clean := s.fsck(cli.ExitOK)
	require.True(t, clean.Clean)
	require.EqualValues(t, 1, *clean.Pins)
	require.NotZero(t, *clean.Orphans, "what was unpinned is not yet collected")

	require.NoError(t, os.RemoveAll(filepath.Join(s.home, "store", "index")))
	cfg, err := node.LoadConfig(node.Home(s.home))
	require.NoError(t, err)
	_, err = node.Start(t.Context(), node.Options{Home: node.Home(s.home), Config: cfg})
	require.ErrorContains(t, err, "ipdm fsck --repair")
	broken := s.fsck(cli.ExitDamaged)
	require.Len(t, broken.Remaining, 1)
	require.Nil(t, broken.Pins)

	repaired := s.fsck(cli.ExitRepaired, "--repair")
	require.True(t, repaired.Rebuilt)
	require.EqualValues(t, 2, *repaired.Pins)
	require.Len(t, repaired.Found, 2)
	require.Empty(t, repaired.Remaining)
	require.True(t, s.fsck(cli.ExitOK).Clean)
	a = s.run("fsck")
	require.Zero(t, a.code)
	require.Contains(t, a.stdout, "2 pins (0 incomplete)")

	s.start()
	out := filepath.Join(t.TempDir(), "out")
	a = s.run("get", put.Root, "-o", out)
	require.Zero(t, a.code, a.stderr)
	require.Equal(t, listTree(t, tree), listTree(t, out))
	require.Zero(t, s.run("verify").code)
}

func TestFsckOfDamagedData(t *testing.T) {
	s := newSession(t)
	path := filepath.Join(t.TempDir(), "file")
	write(t, path, noise(300_000))
	put := s.put(path, "--encode", "fast")
	require.NoError(t, s.node.Close())
	segments, err := filepath.Glob(filepath.Join(s.home, "store", "segments", "*"))
	require.NoError(t, err)
	raw, err := os.ReadFile(segments[0])
	require.NoError(t, err)
	raw[1000] ^= 1
	require.NoError(t, os.WriteFile(segments[0], raw, 0o600))

	found := s.fsck(cli.ExitDamaged)
	require.EqualValues(t, 1, *found.IncompletePins)
	require.Len(t, found.Remaining, 2, "the encoding, and the root that needs it")
	repaired := s.fsck(cli.ExitDamaged, "--repair")
	require.Len(t, repaired.Repaired, 1)
	require.Len(t, repaired.Remaining, 1, "the bytes are not to be had from this disk")
	require.Contains(t, repaired.Remaining[0], put.Root)

	s.start()
	require.Equal(t, put.Root, s.put(path).Root)
	require.NoError(t, s.node.Close())
	require.True(t, s.fsck(cli.ExitOK).Clean, "what is put again is whole")
}

func TestFsckOfNoStore(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	s := &session{t: t, home: home}
	a := s.run("fsck")
	require.Equal(t, cli.ExitNotFound, a.code)
	require.Contains(t, a.stderr, "ipdm init")
	require.Zero(t, s.run("init").code)
	a = s.run("fsck")
	require.Equal(t, cli.ExitNotFound, a.code)
	require.Contains(t, a.stderr, "no store")
}

// noise is n bytes that do not compress.
func noise(n int) string {
	body := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(body)
	return string(body)
}
