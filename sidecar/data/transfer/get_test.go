package transfer_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
)

func TestManyBlocksComeInOnePack(t *testing.T) {
	s := newStore(t)
	blocks := randomBlocks(1, 200, 3000)
	pack := encoded(t, blocks...)
	keep(t, s, pack)
	client, h := newClient(t)
	connect(t, h, newServer(t, s))
	got := newHarvest()
	require.NoError(t, client.FetchBlocks(t.Context(), wants(blocks), false, got.got))
	got.requireAll(t, blocks)
	require.Equal(t, map[format.Digest]int{pack.Digest(): 1}, got.encodings, "the pack comes as it is stored, once")
}

// sentTo is an Audience that remembers.
type sentTo struct {
	mu    sync.Mutex
	sent  map[peer.ID][]format.Digest // guarded by mu
	asked map[peer.ID][]format.Digest // guarded by mu
}

func (s *sentTo) Asked(by peer.ID, encodings []format.Digest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[by] = append(s.asked[by], encodings...)
}

func (s *sentTo) Served(to peer.ID, block format.Digest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent[to] = append(s.sent[to], block)
}

// TestAudienceHearsWhatIsSentToWhom: one block of each encoding, and nothing that is not here or only asked about.
func TestAudienceHearsWhatIsSentToWhom(t *testing.T) {
	s, heard := newStore(t), &sentTo{sent: map[peer.ID][]format.Digest{}, asked: map[peer.ID][]format.Digest{}}
	blocks := randomBlocks(1, 200, 3000)
	first, second := encoded(t, blocks[:100]...), encoded(t, blocks[100:199]...)
	keep(t, s, first, second)
	client, h := newClient(t)
	connect(t, h, newServer(t, s, func(o *transfer.ServerOptions) { o.Audience = heard }))
	require.NoError(t, client.FetchBlocks(t.Context(), wants(blocks), false, newHarvest().got), "that one is not here is no error")
	heard.mu.Lock()
	require.Len(t, heard.sent, 1)
	require.ElementsMatch(t, []format.Digest{blocks[0].Digest, blocks[100].Digest}, heard.sent[h.ID()])
	require.Empty(t, heard.asked)
	clear(heard.sent)
	heard.mu.Unlock()

	encodings := []cid.Cid{format.EncodingCID(first.Digest()), format.EncodingCID(second.Digest())}
	require.NoError(t, client.FetchEncodings(t.Context(), encodings, newHarvest().got))
	heard.mu.Lock()
	defer heard.mu.Unlock()
	require.ElementsMatch(t, []format.Digest{first.Digest(), second.Digest()}, heard.asked[h.ID()])
	require.ElementsMatch(t, heard.asked[h.ID()], heard.sent[h.ID()])
}

func TestFewBlocksAreCutOutOfAPack(t *testing.T) {
	s := newStore(t)
	blocks := randomBlocks(1, 200, 3000)
	pack := encoded(t, blocks...)
	keep(t, s, pack)
	client, h := newClient(t)
	connect(t, h, newServer(t, s))
	for name, test := range map[string]struct {
		wanted []format.Block
		cut    bool
		pack   bool
	}{
		"one, cut":          {blocks[7:8], true, false},
		"some, cut":         {blocks[7:20], true, false},
		"one, not cut":      {blocks[7:8], false, true},
		"half of it, cut":   {blocks[:100], true, true},
		"all but none else": {blocks, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			got := newHarvest()
			require.NoError(t, client.FetchBlocks(t.Context(), wants(test.wanted), test.cut, got.got))
			got.requireAll(t, test.wanted)
			require.Len(t, got.encodings, 1)
			require.Equal(t, test.pack, got.encodings[pack.Digest()] == 1)
			if !test.pack {
				require.Len(t, got.blocks, len(test.wanted), "nothing else comes along")
			}
		})
	}
}

func TestEncodingsComeByName(t *testing.T) {
	s := newStore(t)
	blocks := randomBlocks(1, 3, 100_000)
	keepEach(t, s, blocks)
	first, second := encoded(t, blocks[0]), encoded(t, blocks[1])
	client, h := newClient(t)
	connect(t, h, newServer(t, s))
	got := newHarvest()
	absent := format.EncodingCID(format.Sum([]byte("absent")))
	asked := []cid.Cid{format.EncodingCID(first.Digest()), absent, format.EncodingCID(second.Digest()), blocks[2].CID()}
	require.NoError(t, client.FetchEncodings(t.Context(), asked, got.got))
	require.Equal(t, map[format.Digest]int{first.Digest(): 1, second.Digest(): 1}, got.encodings, "a block is no encoding")
}

func TestHoldersShareTheWork(t *testing.T) {
	blocks := randomBlocks(1, 64, 512<<10)
	judge := newOpinion()
	client, h := newClient(t, func(o *transfer.ClientOptions) { o.Judge = judge })
	var holders []peer.ID
	for range 2 {
		s := newStore(t)
		keepEach(t, s, blocks)
		server := newServer(t, s)
		connect(t, h, server)
		holders = append(holders, server.ID())
	}
	got := newHarvest()
	require.NoError(t, client.FetchBlocks(t.Context(), wants(blocks), false, got.got))
	got.requireAll(t, blocks)
	for _, p := range holders {
		require.GreaterOrEqual(t, judge.of(judge.served, p), len(blocks)/8, "each sends a substantial share")
	}
}

func TestWhatOnePeerLacksAnotherSends(t *testing.T) {
	blocks := randomBlocks(1, 30, 20_000)
	client, h := newClient(t)
	for i := range 3 {
		s := newStore(t)
		keepEach(t, s, blocks[i*10:(i+1)*10])
		connect(t, h, newServer(t, s))
	}
	got := newHarvest()
	absent := randomBlocks(9, 1, 10)
	require.NoError(t, client.FetchBlocks(t.Context(), wants(append(absent, blocks...)), false, got.got))
	got.requireAll(t, blocks)
	require.NotContains(t, got.blocks, absent[0].Digest)
}

func TestFetchEndsWithTheErrorOfTheOneWhoTakes(t *testing.T) {
	s := newStore(t)
	blocks := randomBlocks(1, 40, 200_000)
	keepEach(t, s, blocks)
	client, h := newClient(t)
	connect(t, h, newServer(t, s))
	full := errors.New("full")
	require.ErrorIs(t, client.FetchBlocks(t.Context(), wants(blocks), false, func(store.Checked, []byte) error { return full }), full)
	got := newHarvest()
	require.NoError(t, client.FetchBlocks(t.Context(), wants(blocks), false, got.got), "the peer is not to blame")
	got.requireAll(t, blocks)
}

func TestNobodyToAsk(t *testing.T) {
	client, h := newClient(t)
	connect(t, h, newHost(t)) // it does not speak the protocol
	got := newHarvest()
	require.NoError(t, client.FetchBlocks(t.Context(), wants(randomBlocks(1, 1, 10)), false, got.got))
	require.Empty(t, got.blocks)
}

func TestFetchesShareTheStreamsToAPeer(t *testing.T) {
	s := newStore(t)
	blocks := randomBlocks(1, 60, 20_000)
	keepEach(t, s, blocks)
	client, h := newClient(t)
	connect(t, h, newServer(t, s))
	var fetches errgroup.Group
	all := make([]*harvest, 40) // many times what streams there may be
	for i := range all {
		all[i] = newHarvest()
		fetches.Go(func() error { return client.FetchBlocks(t.Context(), wants(blocks), false, all[i].got) })
	}
	require.NoError(t, fetches.Wait())
	for _, got := range all {
		got.requireAll(t, blocks)
	}
}
