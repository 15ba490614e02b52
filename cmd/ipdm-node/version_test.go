package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
)

// What the program prints of versions and deletions, as far as tests look at it.
type (
	historyJSON struct {
		Versions []struct {
			Manifest string `json:"manifest"`
			Pin      struct {
				Tags        []string `json:"tags"`
				ContentType string   `json:"content_type"`
				Supersedes  string   `json:"supersedes"`
			} `json:"pin"`
			SupersededBy []string `json:"superseded_by"`
			KeepUntil    string   `json:"keep_until"`
		} `json:"versions"`
	}
	tombstoneJSON struct {
		Root      string   `json:"root"`
		Manifests []string `json:"manifests"`
		By        string   `json:"by"`
	}
)

func TestUpdateAndHistory(t *testing.T) {
	s := newSession(t)
	path := filepath.Join(t.TempDir(), "file")
	write(t, path, "one")
	one := s.put(path, "--tag", "k=v", "--content-type", "text/plain")
	write(t, path, "two")
	var two cli.PutResult
	s.json(&two, "update", one.Root, path, "--keep", "30d")
	require.NotEqual(t, one.Root, two.Root)
	write(t, path, "three")
	var three cli.PutResult
	s.json(&three, "update", two.Manifest, path, "--keep", "forever", "--tag", "k=w")

	var h historyJSON
	s.json(&h, "history", one.Root)
	require.Len(t, h.Versions, 3)
	require.Equal(t, three.Manifest, h.Versions[0].Manifest)
	require.Equal(t, []string{"k=w"}, h.Versions[0].Pin.Tags)
	require.Equal(t, []string{"k=v"}, h.Versions[1].Pin.Tags, "an update keeps the tags")
	require.Equal(t, "text/plain", h.Versions[0].Pin.ContentType)
	require.Equal(t, one.Manifest, h.Versions[1].Pin.Supersedes)
	require.Empty(t, h.Versions[1].KeepUntil)
	require.Equal(t, []string{three.Manifest}, h.Versions[1].SupersededBy)
	require.NotEmpty(t, h.Versions[2].KeepUntil)
	a := s.run("history", two.Root)
	require.Equal(t, 3, strings.Count(a.stdout, "\n"))
	require.Contains(t, a.stdout, "current")
	require.Contains(t, a.stdout, "until deleted")
	require.Equal(t, "one", s.run("get", one.Root).stdout, "the old version is still read")

	write(t, path, "fork")
	a = s.run("update", one.Root, path)
	require.Zero(t, a.code, a.stderr)
	require.Contains(t, a.stderr, "forks")

	s.put(path, "--tag", "other=1")
	a = s.run("update", strings.TrimSpace(a.stdout), path)
	require.Equal(t, cli.ExitUsage, a.code)
	require.Contains(t, a.stderr, "several manifests")
	require.Equal(t, cli.ExitUsage, s.run("update", one.Root, path, "--keep", "soon").code)
	require.Equal(t, cli.ExitUsage, s.run("put", path, "--keep", "1h").code)
	require.Equal(t, cli.ExitUsage, s.run("update", one.Root).code)
	require.Equal(t, cli.ExitUsage, s.run("update", "rubbish", path).code)
}

func TestDelete(t *testing.T) {
	s := newSession(t)
	path := filepath.Join(t.TempDir(), "file")
	write(t, path, "soon gone")
	r := s.put(path)
	a := s.run("rm", r.Root)
	require.Zero(t, a.code, a.stderr)
	a = s.run("get", r.Root)
	require.Equal(t, cli.ExitNotFound, a.code)
	require.Contains(t, a.stderr, "put it again")
	require.Equal(t, cli.ExitNotFound, s.run("rm", r.Root).code)
	var list struct {
		Deleted []tombstoneJSON `json:"deleted"`
	}
	s.json(&list, "ls", "--deleted")
	require.Len(t, list.Deleted, 1)
	require.Equal(t, r.Root, list.Deleted[0].Root)
	require.Equal(t, []string{r.Manifest}, list.Deleted[0].Manifests)
	require.Equal(t, s.node.Network().ID().String(), list.Deleted[0].By)
	require.Contains(t, s.run("ls", "--deleted").stdout, r.Root)
	require.Equal(t, cli.ExitUsage, s.run("ls", "--deleted", r.Root).code)

	var freed struct {
		DeletedEncodings uint64 `json:"deleted_encodings"`
	}
	s.json(&freed, "gc")
	require.Positive(t, freed.DeletedEncodings)
	require.Equal(t, r.Root, s.put(path).Root)
	require.Equal(t, "soon gone", s.run("get", r.Root).stdout)
	s.json(&list, "ls", "--deleted")
	require.Empty(t, list.Deleted)
}

func TestStatsTellWhatIsSaved(t *testing.T) {
	s := newSession(t)
	one, two := filepath.Join(t.TempDir(), "one"), filepath.Join(t.TempDir(), "two")
	common := strings.Repeat("common text\n", 10_000)
	write(t, filepath.Join(one, "a"), common)
	write(t, filepath.Join(two, "a"), common)
	write(t, filepath.Join(two, "b"), "only here")
	first, second := s.put(one), s.put(two)
	require.EqualValues(t, len(common), first.NewSize)
	require.Zero(t, first.ReusedSize)
	require.EqualValues(t, len("only here"), second.NewSize)
	require.EqualValues(t, len(common), second.ReusedSize)
	require.Less(t, second.AddedSize, second.StoredSize)

	var stat struct {
		CompressionRatio float64 `json:"compression_ratio"`
		Shared           map[string]uint64
	}
	s.json(&stat, "stat", second.Root, "--shared")
	require.Equal(t, map[string]uint64{"blocks": 1, "size": uint64(len(common))}, stat.Shared)
	require.Greater(t, stat.CompressionRatio, 2.0)
	stat.Shared = nil
	s.json(&stat, "stat", second.Root)
	require.Nil(t, stat.Shared)
	require.Contains(t, s.run("stat", second.Root, "--shared").stdout, "shared")

	var stats struct {
		Manifests   uint64  `json:"manifests"`
		ContentSize uint64  `json:"content_size"`
		Dedup       float64 `json:"dedup_ratio_estimate"`
	}
	s.json(&stats, "stats")
	require.EqualValues(t, 2, stats.Manifests)
	require.EqualValues(t, 2*len(common)+len("only here"), stats.ContentSize)
	require.Greater(t, stats.Dedup, 1.5)
	require.Contains(t, s.run("stats").stdout, "compression")
}
