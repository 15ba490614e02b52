package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
)

// page is what ipdm query prints, as far as the tests look at it.
type page struct {
	Rows []struct {
		Root       string   `json:"root"`
		Manifest   string   `json:"manifest"`
		Tags       []string `json:"tags"`
		Superseded bool     `json:"superseded"`
	} `json:"rows"`
	Cursor   string   `json:"cursor"`
	Examined *uint64  `json:"examined"`
	Plan     []string `json:"plan"`
}

func TestQueries(t *testing.T) {
	s := newSession(t)
	first := s.put(sampleTree(t), "--tag", "lang=go", "--tag", "n=1")
	second := s.put(sampleTree(t), "--tag", "lang=go", "--tag", "n=2")
	next := s.put(sampleTree(t), "--tag", "lang=go", "--tag", "n=3", "--supersedes", first.Manifest)
	query := func(args ...string) (p page, manifests []string) {
		t.Helper()
		s.json(&p, append([]string{"query"}, args...)...)
		for _, r := range p.Rows {
			manifests = append(manifests, r.Manifest)
		}
		return p, manifests
	}
	_, found := query("tag:lang=go AND size>1B ORDER BY time ASC")
	require.Equal(t, []string{second.Manifest, next.Manifest}, found)
	_, found = query("tag:lang=go ORDER BY time ASC", "--all-versions")
	require.Equal(t, []string{first.Manifest, second.Manifest, next.Manifest}, found)
	p, found := query("tag:lang=go ORDER BY time LIMIT 1", "--explain", "--network")
	require.Equal(t, []string{second.Manifest}, found)
	require.NotNil(t, p.Examined)
	require.NotEmpty(t, p.Plan)
	_, found = query("tag:lang=go ORDER BY time LIMIT 1", "--cursor", p.Cursor)
	require.Equal(t, []string{next.Manifest}, found)

	require.Equal(t, "2\n", s.run("query", "tag:lang=go", "--count").stdout)
	var counts struct {
		Local struct {
			Roots, Owners, Tags uint64
		} `json:"local"`
	}
	s.json(&counts, "query", "--counts")
	require.Equal(t, uint64(1), counts.Local.Roots)
	require.Equal(t, uint64(1), counts.Local.Owners)
	require.Equal(t, uint64(4), counts.Local.Tags)

	a := s.run("query", "size>big")
	require.Equal(t, cli.ExitUsage, a.code)
	require.Contains(t, a.stderr, `expected a size such as 4096, 10MB or 1MiB at column 6, found "big"`)
	require.Equal(t, cli.ExitUsage, s.run("query", "", "--cursor", "AAAA").code)

	require.NoError(t, s.node.Close())
	s.start()
	_, found = query("tag:n=2 OR tag:n=3 ORDER BY time DESC")
	require.Equal(t, []string{next.Manifest, second.Manifest}, found, "what was pinned is found after a restart")
	require.Zero(t, s.run("rm", first.Root).code)
	_, found = query("")
	require.Empty(t, found, "what is unpinned is not found")
}
