package node

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
)

// startGroup starts n nodes that cache together and a node outside of the group, all connected with each other.
func startGroup(t *testing.T, n int) (origin *Node, members []*Node) {
	t.Helper()
	origin = startBare(t)
	homes, list := make([]Home, n), make([]string, n)
	for i := range homes {
		homes[i] = Home(t.TempDir())
		id, err := Init(homes[i], testConfig(), nil)
		require.NoError(t, err)
		list[i] = fmt.Sprintf("/ip4/127.0.0.1/tcp/1/p2p/%s", id.PeerID) // where nobody is: the test connects them
	}
	for _, home := range homes {
		cfg := testConfig()
		cfg.Network.CacheGroup = list
		members = append(members, startNode(t, home, cfg))
	}
	all := append([]*Node{origin}, members...)
	for i, a := range all {
		for _, b := range all[:i] {
			require.NoError(t, a.Network().Connect(t.Context(), b.Network().AddrInfo()))
		}
	}
	for _, a := range all {
		for _, b := range all {
			if a != b {
				require.Eventually(t, func() bool { return speaks(a, b.Network().ID()) }, 10*time.Second, time.Millisecond)
			}
		}
	}
	return origin, members
}

// speaks tells whether a node knows that a peer speaks the data protocol.
func speaks(n *Node, p peer.ID) bool {
	spoken, err := n.Network().Host().Peerstore().SupportsProtocols(p, transfer.Protocol)
	return err == nil && len(spoken) == 1
}

// mixedTree is large and small files that do not compress, about 30 MiB.
func mixedTree() []treeFile {
	source := rand.NewChaCha8([32]byte{1})
	files := generatedTree(300)
	for i := range files {
		files[i].body = make([]byte, 500+i)
		_, _ = source.Read(files[i].body)
	}
	for i := range 10 {
		body := make([]byte, 3<<20)
		_, _ = source.Read(body)
		files = append(files, treeFile{path: fmt.Sprintf("large/%d", i), body: body})
	}
	return files
}

func readAll(t *testing.T, n *Node, root *data.PutResult, files []treeFile) {
	t.Helper()
	got := &sameFiles{t: t, want: files}
	require.NoError(t, n.Engine().Get(t.Context(), root.Root, data.GetOptions{}, got))
	got.check()
	require.Equal(t, len(files), got.seen)
}

// plainBytes returns how much content a node has stored.
func plainBytes(t *testing.T, n *Node) float64 {
	t.Helper()
	stats, err := n.store.Stats(t.Context())
	require.NoError(t, err)
	return float64(stats.PlainBytes)
}

const originServed = "ipdm_transfer_bytes_served_total"

// TestGroupCachesTogether: three nodes that read the same content get it from outside once, and keep it once.
func TestGroupCachesTogether(t *testing.T) {
	for name, read := range map[string]func(t *testing.T, members []*Node, read func(*Node)){
		"one after the other": func(_ *testing.T, members []*Node, read func(*Node)) {
			for _, m := range members {
				read(m)
			}
		},
		"all at once": func(t *testing.T, members []*Node, read func(*Node)) {
			var readers errgroup.Group
			for _, m := range members {
				readers.Go(func() error {
					read(m)
					return nil
				})
			}
			require.NoError(t, readers.Wait())
		},
	} {
		t.Run(name, func(t *testing.T) {
			origin, members := startGroup(t, 3)
			files := mixedTree()
			root := putFiles(t, origin.Engine(), files)
			whole := plainBytes(t, origin)
			read(t, members, func(n *Node) { readAll(t, n, root, files) })
			require.InDelta(t, whole, counterOf(t, origin, originServed), whole/10, "the origin has sent everything about once")
			total, fetched := 0.0, 0.0
			for i, m := range members {
				stored := plainBytes(t, m)
				require.InDelta(t, whole/3, stored, whole/4, "member %d", i)
				require.Positive(t, counterOf(t, m, "ipdm_transfer_group_blocks_total"))
				require.Zero(t, counterOf(t, m, "ipdm_transfer_group_fallbacks_total"))
				total += stored
				fetched += counterOf(t, m, "ipdm_transfer_group_blocks_fetched_total")
			}
			require.Positive(t, fetched)
			require.InDelta(t, whole, total, whole/10, "together they keep it about once")

			before := counterOf(t, origin, originServed)
			for _, m := range members {
				readAll(t, m, root, files)
			}
			require.Equal(t, before, counterOf(t, origin, originServed), "it is all in the group")
		})
	}
}
