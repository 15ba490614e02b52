package node

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store/tierstore"
)

// noiseTree is content that does not compress, of several encodings.
func noiseTree(files, bytes int) []treeFile {
	rng := rand.NewChaCha8([32]byte{3})
	tree := make([]treeFile, files)
	for i := range tree {
		body := make([]byte, bytes)
		_, _ = rng.Read(body)
		tree[i] = treeFile{path: string(rune('a' + i)), body: body}
	}
	return tree
}

// startTiers starts a node with a slow disk and puts more than its fast one takes.
func startTiers(t *testing.T) (n *Node, home Home, cfg Config, put *data.PutResult) {
	t.Helper()
	cfg = testConfig()
	cfg.Store.ColdDir, cfg.Store.HotMax = t.TempDir(), "1MiB"
	cfg.Store.MemoryCacheMiB = 0
	cfg.Store.Reencode = false
	home = Home(filepath.Join(t.TempDir(), "home"))
	_, err := Init(home, cfg, nil)
	require.NoError(t, err)
	n = startNode(t, home, cfg)
	put = putFiles(t, n.Engine(), noiseTree(6, 900_000))
	require.NoError(t, n.tiers.Settle(t.Context()))
	_, err = n.tiers.Reclaim(t.Context()) // what has moved would be found again where it was
	require.NoError(t, err)
	return n, home, cfg, put
}

func requireReadable(t *testing.T, n *Node, put *data.PutResult) {
	t.Helper()
	var c counter
	require.NoError(t, n.Engine().Get(t.Context(), put.Root, data.GetOptions{LocalOnly: true}, &c))
	require.Equal(t, put.SizeBytes, c.bytes)
}

// TestTwoDisks: content moves to the slow disk, is read from there, over restarts too, and the figures say so.
func TestTwoDisks(t *testing.T) {
	n, home, cfg, put := startTiers(t)
	requireReadable(t, n, put)
	tiers, err := n.storeTiers(t.Context())
	require.NoError(t, err)
	require.Len(t, tiers, 2)
	require.Equal(t, "hot", tiers[0].Name)
	require.LessOrEqual(t, tiers[0].Bytes, uint64(1<<20))
	require.EqualValues(t, 1<<20, tiers[0].LimitBytes)
	require.Equal(t, "cold", tiers[1].Name)
	require.Greater(t, tiers[1].Bytes, uint64(4<<20))
	require.NotZero(t, tiers[1].Hits)
	metrics := fetch(t, "http://"+n.MetricsAddress()+"/metrics", http.StatusOK)
	require.Contains(t, metrics, `ipdm_store_tier_hits_total{tier="cold"}`)
	require.Contains(t, metrics, `ipdm_store_tier_moved_encodings_total{to="cold"}`)
	require.NoError(t, n.Close())

	again := startNode(t, home, cfg)
	requireReadable(t, again, put)
}

// TestMissingDisk: without the slow disk, with an empty folder in its place or another node's, a node does not start, and
// nothing is lost by the attempt.
func TestMissingDisk(t *testing.T) {
	n, home, cfg, put := startTiers(t)
	require.NoError(t, n.Close())
	other, _, otherConfig, _ := startTiers(t)
	require.NoError(t, other.Close())

	for name, wrong := range map[string]func(*Config){
		"no setting": func(c *Config) { c.Store.ColdDir, c.Store.HotMax = "", "" },
		"not there":  func(c *Config) { c.Store.ColdDir = filepath.Join(t.TempDir(), "none") },
		"empty":      func(c *Config) { c.Store.ColdDir = t.TempDir() },
		"another's":  func(c *Config) { c.Store.ColdDir = otherConfig.Store.ColdDir },
	} {
		t.Run(name, func(t *testing.T) {
			bad := cfg
			wrong(&bad)
			_, err := Start(t.Context(), Options{Home: home, Config: bad})
			require.ErrorIs(t, err, tierstore.ErrPair)
			require.ErrorContains(t, err, "cold_dir")
			if bad.Store.ColdDir != "" && name != "another's" {
				there, err := isStore(bad.Store.ColdDir)
				require.NoError(t, err)
				require.False(t, there, "nothing is made where the disk should be mounted")
			}
			r, err := Fsck(t.Context(), home, bad, FsckOptions{})
			require.NoError(t, err)
			require.NotEmpty(t, r.Remaining)
		})
	}
	requireReadable(t, startNode(t, home, cfg), put)
}

// TestFsckOfTwoDisks: both folders are checked and repaired, and a lost half is made up for as far as that goes.
func TestFsckOfTwoDisks(t *testing.T) {
	for name, tc := range map[string]struct {
		lose     func(t *testing.T, home Home, cold string)
		whole    bool // everything is there again after the repair
		problems bool // found without a repair
	}{
		"nothing wrong": {func(*testing.T, Home, string) {}, true, false},
		"index of the slow disk": {func(t *testing.T, _ Home, cold string) {
			require.NoError(t, os.RemoveAll(filepath.Join(cold, "index")))
		}, true, true},
		"index of the fast disk": {func(t *testing.T, home Home, _ string) {
			require.NoError(t, os.RemoveAll(filepath.Join(home.StoreDir(), "index")))
		}, true, true},
		"both indexes": {func(t *testing.T, home Home, cold string) {
			require.NoError(t, os.RemoveAll(filepath.Join(home.StoreDir(), "index")))
			require.NoError(t, os.RemoveAll(filepath.Join(cold, "index")))
		}, true, true},
		"the slow disk": {func(t *testing.T, _ Home, cold string) {
			require.NoError(t, os.RemoveAll(cold))
			require.NoError(t, os.Mkdir(cold, 0o700))
		}, false, true},
		"an encoding on the slow disk": {func(t *testing.T, _ Home, cold string) {
			names, err := filepath.Glob(filepath.Join(cold, "segments", "*.seg"))
			require.NoError(t, err)
			require.NotEmpty(t, names)
			raw, err := os.ReadFile(names[0])
			require.NoError(t, err)
			raw[len(raw)/2] ^= 1
			require.NoError(t, os.WriteFile(names[0], raw, 0o600))
		}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			n, home, cfg, put := startTiers(t)
			require.NoError(t, n.Close())
			tc.lose(t, home, cfg.Store.ColdDir)
			r, err := Fsck(t.Context(), home, cfg, FsckOptions{})
			require.NoError(t, err)
			require.Equal(t, tc.problems, len(r.Remaining) > 0)
			var checked uint64
			r, err = Fsck(t.Context(), home, cfg, FsckOptions{Repair: true, Progress: func(n, _ uint64) { checked = n }})
			require.NoError(t, err)
			require.NotZero(t, checked)
			require.Equal(t, tc.problems, len(r.Repaired) > 0)
			require.Equal(t, tc.whole, len(r.Remaining) == 0, "%q", r.Remaining)

			again := startNode(t, home, cfg)
			stats, err := again.Engine().Stats(t.Context())
			require.NoError(t, err)
			require.EqualValues(t, 1, stats.Manifests)
			if tc.whole {
				requireReadable(t, again, put)
			} else {
				require.Error(t, again.Engine().Get(t.Context(), put.Root, data.GetOptions{LocalOnly: true}, &counter{}))
				putFiles(t, again.Engine(), noiseTree(6, 900_000))
				requireReadable(t, again, put)
			}
		})
	}
}

// TestLostFastDisk: a new fast disk takes what the slow one has only when it is told to, and content that is stored again is
// whole.
func TestLostFastDisk(t *testing.T) {
	n, home, cfg, put := startTiers(t)
	require.NoError(t, n.Close())
	require.NoError(t, os.RemoveAll(home.StoreDir()))
	_, err := Start(t.Context(), Options{Home: home, Config: cfg})
	require.ErrorIs(t, err, tierstore.ErrPair)
	r, err := Fsck(t.Context(), home, cfg, FsckOptions{})
	require.NoError(t, err)
	require.NotEmpty(t, r.Remaining)
	r, err = Fsck(t.Context(), home, cfg, FsckOptions{Repair: true})
	require.NoError(t, err)
	require.NotEmpty(t, r.Repaired)

	again := startNode(t, home, cfg)
	stats, err := again.Engine().Stats(t.Context())
	require.NoError(t, err)
	require.NotZero(t, stats.Store.Encodings, "what the slow disk has is there")
	putFiles(t, again.Engine(), noiseTree(6, 900_000))
	requireReadable(t, again, put)
	require.NoError(t, again.Close())
	r, err = Fsck(t.Context(), home, cfg, FsckOptions{})
	require.NoError(t, err)
	require.Empty(t, r.Problems)
}

func TestTierSettings(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*StoreConfig)
		says   string
	}{
		"both":          {func(c *StoreConfig) { c.ColdDir, c.HotMax = "/cold", "1GiB" }, ""},
		"neither":       {func(*StoreConfig) {}, ""},
		"no size":       {func(c *StoreConfig) { c.ColdDir = "/cold" }, "need each other"},
		"no folder":     {func(c *StoreConfig) { c.HotMax = "1GiB" }, "need each other"},
		"relative":      {func(c *StoreConfig) { c.ColdDir, c.HotMax = "cold", "1GiB" }, "full path"},
		"not a size":    {func(c *StoreConfig) { c.ColdDir, c.HotMax = "/cold", "much" }, "hot_max"},
		"nothing":       {func(c *StoreConfig) { c.ColdDir, c.HotMax = "/cold", "0" }, "hot_max"},
		"in the bucket": {func(c *StoreConfig) { c.ColdDir, c.HotMax, c.Backend, c.S3.Bucket = "/cold", "1GiB", backendS3, "b" }, "backend"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig()
			tc.change(&cfg.Store)
			if tc.says == "" {
				require.NoError(t, cfg.ValidateBasic())
				return
			}
			require.ErrorContains(t, cfg.ValidateBasic(), tc.says)
		})
	}
	cfg := testConfig()
	cfg.Store.ColdDir = "/cold"
	require.True(t, bytes.Contains(cfg.render(), []byte("cold_dir = \"/cold\"\n")))
}
