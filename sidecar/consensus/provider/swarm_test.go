package provider_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"math"
	"math/rand"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	libp2ptest "github.com/libp2p/go-libp2p/core/test"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/blockstore"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

var errNobody = errors.New("nobody has it")

// swarm connects the data nodes of a test.
type swarm struct {
	mu      sync.Mutex
	members map[peer.ID]*member // guarded by mu
}

// member is a data node: a real engine on a real store.
type member struct {
	id     peer.ID
	engine *data.Engine
	blocks *blockstore.Blockstore
	online atomic.Bool
	served atomic.Int64 // blocks given to others
}

func (s *swarm) join(t *testing.T) *member {
	t.Helper()
	id, err := libp2ptest.RandPeerID()
	require.NoError(t, err)
	st, err := pebblestore.Open(t.TempDir(), pebblestore.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	m := &member{id: id, engine: data.New(st, data.Options{Workers: 1}), blocks: blockstore.New(st, nil)}
	m.online.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.members[id] = m
	return m
}

// From implements provider.Network.
func (s *swarm) From(peers []peer.AddrInfo) data.Fetcher { return someOf{s, peers} }

// someOf gets blocks from those of some peers that are online.
type someOf struct {
	swarm *swarm
	peers []peer.AddrInfo
}

// Fetch implements data.Fetcher.
func (f someOf) Fetch(ctx context.Context, cids []cid.Cid, got func(cid.Cid, []byte) error) error {
	var found []*member
	f.swarm.mu.Lock()
	for _, info := range f.peers {
		if m := f.swarm.members[info.ID]; m != nil && m.online.Load() {
			found = append(found, m)
		}
	}
	f.swarm.mu.Unlock()
	for _, c := range cids {
		if err := fetchOne(ctx, found, c, got); err != nil {
			return err
		}
	}
	return nil
}

func fetchOne(ctx context.Context, members []*member, c cid.Cid, got func(cid.Cid, []byte) error) error {
	for _, m := range members {
		block, err := m.blocks.Get(ctx, c)
		if err == nil {
			m.served.Add(1)
			return got(c, block.RawData())
		}
	}
	return errNobody
}

func (m *member) endpoint() markettypes.Endpoint {
	return markettypes.Endpoint{PeerId: m.id.String(), Multiaddrs: []string{"/ip4/127.0.0.1/udp/4001/quic-v1"}}
}

// put stores random content and lays it out.
func (m *member) put(t *testing.T, seed int64, sizeBytes int) (root cid.Cid, layout *data.Layout) {
	t.Helper()
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	p, err := m.engine.NewPut(t.Context(), data.PutOptions{
		Creator: manifest.Creator{Kind: manifest.Ed25519, Key: key.Public().(ed25519.PublicKey)},
		Sign:    func(_ context.Context, b []byte) ([]byte, error) { return ed25519.Sign(key, b), nil },
	})
	require.NoError(t, err)
	defer p.Abort()
	require.NoError(t, p.BeginFile("", data.FileInfo{}))
	content := make([]byte, sizeBytes)
	_, _ = rand.New(rand.NewSource(seed)).Read(content)
	_, err = p.Write(content)
	require.NoError(t, err)
	result, err := p.Finish()
	require.NoError(t, err)
	layout, err = m.engine.MakeLayout(t.Context(), result.Manifest)
	require.NoError(t, err)
	return result.Root, layout
}

// lose deletes every encoding that the node has.
func (m *member) lose(t *testing.T) {
	t.Helper()
	var batch store.Batch
	require.NoError(t, m.engine.Store().IterateEncodings(t.Context(), func(e store.Encoding) error {
		batch.DeleteEncoding(e.Digest)
		return nil
	}))
	require.False(t, batch.Empty())
	require.NoError(t, m.engine.Store().Apply(t.Context(), &batch, store.Durable))
}

func plentyFree(context.Context) (uint64, error) { return math.MaxInt64, nil }
