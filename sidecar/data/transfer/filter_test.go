package transfer_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	datav1 "github.com/ipdm-network/ipdm/sdk/go/data/v1"
	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
)

// countedStore counts the blocks that are looked for.
type countedStore struct {
	store.Store
	looks atomic.Int64
}

func (c *countedStore) Has(ctx context.Context, d format.Digest) (bool, error) {
	c.looks.Add(1)
	return c.Store.Has(ctx, d)
}

func (c *countedStore) Locate(ctx context.Context, d format.Digest) ([]format.Digest, error) {
	c.looks.Add(1)
	return c.Store.Locate(ctx, d)
}

// onlyAt is a Filter by which those peers alone may have anything.
type onlyAt []peer.ID

func (o *onlyAt) MayHave(p peer.ID, _ cid.Cid) bool { return slices.Contains(*o, p) }

// crowd returns a client with a filter, and eight peers of which the last has the blocks.
func crowd(t *testing.T, blocks []format.Block) (*transfer.Client, *onlyAt, []host.Host, []*countedStore) {
	t.Helper()
	filter := new(onlyAt)
	client, h := newClient(t, func(o *transfer.ClientOptions) { o.Filter = filter })
	peers, stores := make([]host.Host, 8), make([]*countedStore, 8)
	for i := range peers {
		stores[i] = &countedStore{Store: newStore(t)}
		peers[i] = newServer(t, stores[i])
		connect(t, h, peers[i])
	}
	keepEach(t, stores[7], blocks)
	return client, filter, peers, stores
}

func TestPeersThatDoNotHaveItAreNotAsked(t *testing.T) {
	blocks := randomBlocks(1, 60, 20_000)
	client, filter, peers, stores := crowd(t, blocks)
	*filter = onlyAt{peers[7].ID()}
	got := newHarvest()
	require.NoError(t, client.FetchBlocks(t.Context(), wants(blocks), false, got.got))
	got.requireAll(t, blocks)
	for _, s := range stores[:7] {
		require.Zero(t, s.looks.Load())
	}
	require.EqualValues(t, len(blocks), stores[7].looks.Load(), "nor is the one that has it asked twice")
}

// TestStaleFilter: what is known of peers may be out of date, and content is found all the same, at once.
func TestStaleFilter(t *testing.T) {
	blocks := randomBlocks(1, 60, 20_000)
	for name, may := range map[string]func(peers []host.Host) onlyAt{
		"nobody has it":  func([]host.Host) onlyAt { return nil },
		"another has it": func(p []host.Host) onlyAt { return onlyAt{p[0].ID()} },
		"all others have it": func(p []host.Host) onlyAt {
			return onlyAt{p[0].ID(), p[1].ID(), p[2].ID(), p[3].ID(), p[4].ID(), p[5].ID(), p[6].ID()}
		},
		"one that is gone": func([]host.Host) onlyAt { return onlyAt{"gone"} },
		"two may have it":  func(p []host.Host) onlyAt { return onlyAt{p[0].ID(), p[7].ID()} },
	} {
		t.Run(name, func(t *testing.T) {
			client, filter, peers, stores := crowd(t, blocks)
			*filter = may(peers)
			got := newHarvest()
			begun := time.Now()
			require.NoError(t, client.FetchBlocks(t.Context(), wants(blocks), false, got.got))
			got.requireAll(t, blocks)
			require.Less(t, time.Since(begun), 2*time.Second)
			require.Positive(t, stores[7].looks.Load())
		})
	}
}

// TestSlowPeerThatMayHaveIt: a peer that is said to have it and sends nothing does not keep the others from being asked.
func TestSlowPeerThatMayHaveIt(t *testing.T) {
	blocks := randomBlocks(1, 60, 20_000)
	filter := new(onlyAt)
	client, h := newClient(t, func(o *transfer.ClientOptions) { o.Filter = filter })
	silent := hostile(t, func(network.Stream, *datav1.Request) {})
	s := newStore(t)
	keepEach(t, s, blocks)
	connect(t, h, silent)
	connect(t, h, newServer(t, s))
	*filter = onlyAt{silent.ID()}
	got := newHarvest()
	begun := time.Now()
	require.NoError(t, client.FetchBlocks(t.Context(), wants(blocks), false, got.got))
	got.requireAll(t, blocks)
	require.Less(t, time.Since(begun), 4*time.Second, "before the silent one's time is over")
}

func TestWhatNobodyHasEndsTheFetch(t *testing.T) {
	blocks := randomBlocks(1, 10, 20_000)
	client, filter, peers, stores := crowd(t, blocks)
	*filter = onlyAt{peers[0].ID(), peers[7].ID()}
	got := newHarvest()
	absent := randomBlocks(2, 10, 20_000)
	require.NoError(t, client.FetchBlocks(t.Context(), wants(append(absent, blocks...)), false, got.got))
	got.requireAll(t, blocks)
	for _, s := range stores {
		require.GreaterOrEqual(t, s.looks.Load(), int64(len(absent)), "all are asked before it is given up")
	}
}
