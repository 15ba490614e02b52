package node

import (
	"context"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
)

// putListed puts a file that does not compress and returns its blocks in the order of its manifest, the root first.
func putListed(t *testing.T, n *Node, seed byte, sizeBytes int) []manifest.Entry {
	t.Helper()
	body := make([]byte, sizeBytes)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(body)
	root := putFiles(t, n.Engine(), []treeFile{{path: "large", body: body}})
	r, err := manifest.Open(t.Context(), root.Manifest, func(ctx context.Context, c cid.Cid) ([]byte, error) {
		d, err := format.DigestOf(c)
		require.NoError(t, err)
		b, err := n.Engine().Store().Open(ctx, d)
		return b.Data, err
	})
	require.NoError(t, err)
	var entries []manifest.Entry
	for e, err := range r.Entries(t.Context()) {
		require.NoError(t, err)
		entries = append(entries, e)
	}
	return entries
}

func soon(t *testing.T, condition func() bool, what string) {
	t.Helper()
	require.Eventually(t, condition, 20*time.Second, 5*time.Millisecond, what)
}

// TestPeersFindTheNextBlocksLoaded: whichever way a peer reads in order, what it asks for next has been loaded, and which
// root it opens after which is learned.
func TestPeersFindTheNextBlocksLoaded(t *testing.T) {
	for name, read := range map[string]func(near *Node, c cid.Cid, came func()) error{
		"data protocol": func(near *Node, c cid.Cid, came func()) error {
			return near.fetcher.client.FetchBlocks(t.Context(), []transfer.Want{{Cid: c}}, false, func(store.Checked, []byte) error {
				came()
				return nil
			})
		},
		"bitswap": func(near *Node, c cid.Cid, came func()) error {
			return near.Network().Fetch(t.Context(), []cid.Cid{c}, func(cid.Cid, []byte) error {
				came()
				return nil
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			far, near := startBare(t), startBare(t)
			first, second := putListed(t, far, 1, 6<<20), putListed(t, far, 2, 1<<20)
			require.NoError(t, near.Network().Connect(t.Context(), far.Network().AddrInfo()))
			for _, content := range [][]manifest.Entry{first, second} {
				for i, e := range content {
					before := far.prefetch.Figures()
					came := false
					require.NoError(t, read(near, e.CID(), func() { came = true }))
					require.True(t, came)
					if i == 0 {
						soon(t, func() bool { return far.prefetch.Figures().Loaded > before.Loaded }, "the start of a root has more loaded")
					}
				}
			}
			require.Positive(t, far.prefetch.Figures().Used)
			soon(t, func() bool {
				likely := far.Engine().Successors().Likely(first[0].Digest, 0.5, 0.5)
				return len(likely) == 1 && likely[0] == second[0].Digest
			}, "what the peer opened next is known")
			require.Contains(t, fetch(t, "http://"+far.MetricsAddress()+"/metrics", http.StatusOK), "ipdm_prefetch_used_total")
		})
	}
}

// TestRootsReadThroughTheAPIAreLearned: as another reader's.
func TestRootsReadThroughTheAPIAreLearned(t *testing.T) {
	n := startBare(t)
	first, second := putListed(t, n, 1, 1<<20), putListed(t, n, 2, 1<<20)
	for _, content := range [][]manifest.Entry{first, second} {
		require.NoError(t, n.Engine().Get(t.Context(), content[0].CID(), data.GetOptions{LocalOnly: true}, &counter{}))
	}
	soon(t, func() bool {
		likely := n.Engine().Successors().Likely(first[0].Digest, 0.5, 0.5)
		return len(likely) == 1 && likely[0] == second[0].Digest
	}, "what was opened next is known")
}

// TestRestartedNodeIsWarm: what was read before is in memory again before anybody asks, and reading it then misses nothing.
func TestRestartedNodeIsWarm(t *testing.T) {
	home, cfg := Home(t.TempDir()), testConfig()
	_, err := Init(home, cfg, nil)
	require.NoError(t, err)
	n := startNode(t, home, cfg)
	content := putListed(t, n, 1, 4<<20)
	get := func(n *Node) {
		var got counter
		require.NoError(t, n.Engine().Get(t.Context(), content[0].CID(), data.GetOptions{LocalOnly: true}, &got))
		require.EqualValues(t, 4<<20, got.bytes)
	}
	get(n)
	require.NoError(t, n.Close())
	n = startNode(t, home, cfg)
	soon(t, func() bool { return n.cache.Figures().Blocks >= uint64(len(content)) }, "what was read is loaded")
	require.Zero(t, n.cache.Figures().Misses)
	get(n)
	require.Zero(t, n.cache.Figures().Misses)
	require.Positive(t, n.cache.Figures().Hits)
}

// TestPrefetchCanBeTurnedOff: by its settings, and with the memory that it needs.
func TestPrefetchCanBeTurnedOff(t *testing.T) {
	for name, off := range map[string]func(*Config){
		"both":      func(cfg *Config) { cfg.Store.Prefetch, cfg.Store.WarmUp = false, false },
		"no memory": func(cfg *Config) { cfg.Store.MemoryCacheMiB = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			n := startBare(t, off)
			require.Nil(t, n.prefetch)
			require.Nil(t, n.warmUp)
			require.NotContains(t, fetch(t, "http://"+n.MetricsAddress()+"/metrics", http.StatusOK), "ipdm_prefetch")
		})
	}
	n := startBare(t, func(cfg *Config) { cfg.Store.WarmUp = false })
	require.NotNil(t, n.prefetch)
	require.Nil(t, n.warmUp)
}
