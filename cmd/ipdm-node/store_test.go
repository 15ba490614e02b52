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

// tiersStatus are the tiers that `ipdm store --json` shows.
type tiersStatus struct {
	Tiers []struct {
		Name                      string
		Size, Limit, Hits, Misses uint64
		HitRatio                  *float64 `json:"hit_ratio"`
	}
}

// TestStoreShowsTiers: with one disk and with two, every tier that reads go through is shown with its hit ratio.
func TestStoreShowsTiers(t *testing.T) {
	for name, tc := range map[string]struct {
		twoDisks bool
		want     []string
	}{
		"one disk":  {false, []string{"memory", "disk"}},
		"two disks": {true, []string{"memory", "hot", "cold"}},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.twoDisks {
				t.Setenv("IPDM_STORE_COLD_DIR", t.TempDir())
				t.Setenv("IPDM_STORE_HOT_MAX", "64KiB")
			}
			s := newSession(t)
			path := filepath.Join(t.TempDir(), "file")
			write(t, path, noise(200_000))
			root := s.put(path)
			for range 2 {
				require.Zero(t, s.run("get", "-o", filepath.Join(t.TempDir(), "copy"), root.Root).code)
			}
			var status tiersStatus
			s.json(&status, "store")
			require.Len(t, status.Tiers, len(tc.want))
			for i, name := range tc.want {
				require.Equal(t, name, status.Tiers[i].Name)
			}
			memory, disk := status.Tiers[0], status.Tiers[1]
			require.EqualValues(t, 128<<20, memory.Limit)
			require.NotZero(t, memory.Hits, "the second time it is read from memory")
			require.InDelta(t, float64(memory.Hits)/float64(memory.Hits+memory.Misses), *memory.HitRatio, 1e-9)
			require.NotZero(t, memory.Misses)
			if tc.twoDisks {
				require.EqualValues(t, 64<<10, disk.Limit)
				cold := status.Tiers[2]
				require.NotZero(t, disk.Hits+cold.Hits)
			} else {
				require.Equal(t, memory.Misses, disk.Hits+disk.Misses)
				require.NotZero(t, disk.Hits)
				require.Greater(t, disk.Size, uint64(200_000))
			}
			a := s.run("store")
			require.Zero(t, a.code, a.stderr)
			for _, name := range tc.want {
				require.Contains(t, a.stdout, "\n"+name+" ")
			}
			require.Contains(t, a.stdout, "%\n")
		})
	}
}
