package network_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/ipfs/boxo/blockstore"
	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	ds "github.com/ipfs/go-datastore"
	dssync "github.com/ipfs/go-datastore/sync"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
	"github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/network"
)

// patience bounds what a test waits for; nothing takes nearly as long.
const patience = 30 * time.Second

// node is a running Network and the store it serves.
type node struct {
	*network.Network
	store blockstore.Blockstore
}

func testConfig() network.Config {
	cfg := network.DefaultConfig("test")
	cfg.MDNS = false
	cfg.BootstrapInterval = time.Second
	cfg.FetchTimeout = patience
	return cfg
}

func newKey(t testing.TB) crypto.PrivKey {
	t.Helper()
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	require.NoError(t, err)
	return key
}

func newStore() blockstore.Blockstore {
	return blockstore.NewBlockstore(dssync.MutexWrap(ds.NewMapDatastore()))
}

// newNode starts a node that the test closes.
func newNode(t testing.TB, cfg network.Config, edit ...func(*network.Deps)) *node {
	t.Helper()
	deps := network.Deps{Key: newKey(t), Blocks: newStore()}
	for _, f := range edit {
		f(&deps)
	}
	n, err := network.New(t.Context(), cfg, deps)
	require.NoError(t, err)
	return &node{Network: n, store: deps.Blocks}
}

// startNode starts a node that stops with the test.
func startNode(t testing.TB, cfg network.Config, edit ...func(*network.Deps)) *node {
	t.Helper()
	n := newNode(t, cfg, edit...)
	t.Cleanup(func() { require.NoError(t, n.Close()) })
	return n
}

// startPair starts two nodes and connects the second to the first.
func startPair(t testing.TB, cfg network.Config) (*node, *node) {
	t.Helper()
	a, b := startNode(t, cfg), startNode(t, cfg)
	require.NoError(t, b.Connect(t.Context(), a.AddrInfo()))
	return a, b
}

// addrStrings are the addresses of a node as a configuration has them.
func addrStrings(n *node) []string {
	var addrs []string
	for _, a := range n.Addrs() {
		addrs = append(addrs, a.String())
	}
	return addrs
}

func newBlock(t testing.TB, data []byte) blocks.Block {
	t.Helper()
	sum, err := multihash.Sum(data, multihash.BLAKE3, 32)
	require.NoError(t, err)
	b, err := blocks.NewBlockWithCid(data, cid.NewCidV1(cid.Raw, sum))
	require.NoError(t, err)
	return b
}

func randomBlock(t testing.TB, sizeBytes int) blocks.Block {
	t.Helper()
	data := make([]byte, sizeBytes)
	_, err := rand.Read(data)
	require.NoError(t, err)
	return newBlock(t, data)
}

// fill puts random blocks of the given sizes into a store.
func fill(t testing.TB, store blockstore.Blockstore, sizesBytes ...int) []cid.Cid {
	t.Helper()
	cids := make([]cid.Cid, 0, len(sizesBytes))
	for _, size := range sizesBytes {
		b := randomBlock(t, size)
		require.NoError(t, store.Put(t.Context(), b))
		cids = append(cids, b.Cid())
	}
	return cids
}

func repeat(sizeBytes, count int) []int {
	sizes := make([]int, count)
	for i := range sizes {
		sizes[i] = sizeBytes
	}
	return sizes
}

// collector is a got function that keeps what it is given.
type collector map[cid.Cid][]byte

func (c collector) got(id cid.Cid, data []byte) error {
	c[id] = data
	return nil
}

// requireAll compares what was collected with a store.
func (c collector) requireAll(t testing.TB, store blockstore.Blockstore, cids []cid.Cid) {
	t.Helper()
	require.Len(t, c, len(cids))
	for _, id := range cids {
		b, err := store.Get(context.Background(), id)
		require.NoError(t, err)
		require.Equal(t, b.RawData(), c[id])
	}
}

// eventually polls for a condition that the network brings about in its own time.
func eventually(t testing.TB, condition func() bool, what string) {
	t.Helper()
	require.Eventually(t, condition, patience, 10*time.Millisecond, what)
}

func connected(n *node, id peer.ID) bool {
	for _, p := range n.Peers() {
		if p.ID == id {
			return true
		}
	}
	return false
}

func wantsOf(n *node, p peer.ID) int { return n.WantsOf(p) }

func peerID(t testing.TB) peer.ID {
	t.Helper()
	id, err := peer.IDFromPrivateKey(newKey(t))
	require.NoError(t, err)
	return id
}

func mustAddrs(t testing.TB, addrs ...string) []ma.Multiaddr {
	t.Helper()
	var parsed []ma.Multiaddr
	for _, s := range addrs {
		a, err := ma.NewMultiaddr(s)
		require.NoError(t, err)
		parsed = append(parsed, a)
	}
	return parsed
}
