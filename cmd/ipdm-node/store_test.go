package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
)

func TestStoreStatusAndQuota(t *testing.T) {
	t.Setenv("IPDM_STORE_QUOTA", "1MiB")
	s := newSession(t)
	path := filepath.Join(t.TempDir(), "file")
	write(t, path, strings.Repeat("0123456789abcdef", 1000))
	s.put(path)
	var status struct {
		Used, Quota, Reserved, Free, Encodings, Size uint64
		Scrub                                        struct{ Enabled bool }
	}
	s.json(&status, "store")
	require.EqualValues(t, 1<<20, status.Quota)
	require.EqualValues(t, 64<<20, status.Reserved)
	require.NotZero(t, status.Encodings)
	require.Greater(t, status.Size, uint64(16_000))
	require.Equal(t, status.Quota-status.Used, status.Free)
	require.True(t, status.Scrub.Enabled)
	a := s.run("store")
	require.Zero(t, a.code, a.stderr)
	require.Contains(t, a.stdout, "quota    1.0 MiB\n")

	write(t, path, noise(2<<20))
	a = s.run("put", path)
	require.Equal(t, cli.ExitFailed, a.code)
	require.Contains(t, a.stderr, "ipdm rm")
	require.Contains(t, a.stderr, "[store] quota")
	require.Zero(t, s.run("gc").code)
	require.Zero(t, s.run("verify").code)
}
