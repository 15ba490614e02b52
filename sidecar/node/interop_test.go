package node

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ipfs/boxo/bitswap"
	"github.com/ipfs/boxo/bitswap/network/bsnet"
	"github.com/ipfs/boxo/blockservice"
	"github.com/ipfs/boxo/blockstore"
	"github.com/ipfs/boxo/files"
	"github.com/ipfs/boxo/ipld/merkledag"
	unixfile "github.com/ipfs/boxo/ipld/unixfs/file"
	"github.com/ipfs/go-cid"
	"github.com/ipfs/go-datastore"
	dssync "github.com/ipfs/go-datastore/sync"
	"github.com/libp2p/go-libp2p"
	"github.com/stretchr/testify/require"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
)

// TestPlainIPFSReadsATree puts a tree through the API and reads it with nothing but boxo: Bitswap, DAG service and
// UnixFS, as any IPFS program does.
func TestPlainIPFSReadsATree(t *testing.T) {
	home := Home(t.TempDir())
	_, err := Init(home, testConfig(), nil)
	require.NoError(t, err)
	n := startNode(t, home, testConfig())

	tree := t.TempDir()
	written := map[string][]byte{
		"empty":           {},
		"small":           []byte("a few bytes\n"),
		"dir/.hidden":     []byte("dot"),
		"dir/large":       bytes.Repeat([]byte("0123456789abcdef"), 200_000),
		"dir/odd \n name": []byte("odd"),
	}
	for name, data := range written {
		path := filepath.Join(tree, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, data, 0o644))
	}
	require.NoError(t, os.Mkdir(filepath.Join(tree, "nothing"), 0o755))
	require.NoError(t, os.Symlink("loop", filepath.Join(tree, "loop")))

	c, err := client.Dial(t.Context(), n.APIAddress())
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	put, err := c.PutPath(t.Context(), tree, client.PutOptions{Header: &sidecarv1.PutHeader{}})
	require.NoError(t, err)
	root, err := cid.Parse(put.GetRoot())
	require.NoError(t, err)

	found := map[string][]byte{}
	for name, node := range plainIPFS(t, n, root) {
		switch node := node.(type) {
		case *files.Symlink: // which is a files.File as well
			require.Equal(t, "loop", name)
			require.Equal(t, "loop", node.Target)
		case files.File:
			data, err := io.ReadAll(node)
			require.NoError(t, err)
			found[name] = data
		default:
			require.Contains(t, []string{"", "dir", "nothing"}, name)
		}
	}
	require.Equal(t, len(written), len(found))
	for name, data := range written {
		require.True(t, bytes.Equal(data, found[name]), "%q", name)
	}
}

// plainIPFS returns everything below a root by path, read lazily over Bitswap from the node alone.
func plainIPFS(t *testing.T, n *Node, root cid.Cid) map[string]files.Node {
	t.Helper()
	host, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.DisableMetrics())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, host.Close()) })
	blocks := blockstore.NewBlockstore(dssync.MutexWrap(datastore.NewMapDatastore()))
	exchange := bitswap.New(t.Context(), bsnet.NewFromIpfsHost(host), nil, blocks)
	t.Cleanup(func() { require.NoError(t, exchange.Close()) })
	require.NoError(t, host.Connect(t.Context(), n.Network().AddrInfo()))

	dag := merkledag.NewDAGService(blockservice.New(blocks, exchange))
	node, err := dag.Get(t.Context(), root)
	require.NoError(t, err)
	top, err := unixfile.NewUnixfsFile(t.Context(), dag, node)
	require.NoError(t, err)
	found := map[string]files.Node{}
	require.NoError(t, files.Walk(top, func(path string, node files.Node) error {
		found[strings.TrimPrefix(path, "/")] = node
		return nil
	}))
	return found
}
