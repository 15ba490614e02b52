package transfer_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	datav1 "github.com/ipdm-network/ipdm/sdk/go/data/v1"
	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/rendezvous"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
)

// outside is a Fetcher that gets from a store, and keeps nothing.
type outside struct {
	store store.Store
	wait  func(ctx context.Context) // before each encoding; nil not to

	mu    sync.Mutex
	roots []cid.Cid       // of the calls; guarded by mu
	asked []format.Digest // guarded by mu
	now   int             // calls that run; guarded by mu
	most  int             // that ran at once; guarded by mu
}

func (o *outside) FetchFor(ctx context.Context, root cid.Cid, blocks []cid.Cid, _ bool, got func(store.Checked) error) error {
	o.mu.Lock()
	o.roots = append(o.roots, root)
	o.now++
	o.most = max(o.most, o.now)
	o.mu.Unlock()
	defer func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.now--
	}()
	for _, c := range blocks {
		d, err := format.DigestOf(c)
		if err != nil {
			return err
		}
		o.mu.Lock()
		o.asked = append(o.asked, d)
		o.mu.Unlock()
		if o.wait != nil {
			o.wait(ctx)
		}
		at, err := o.store.Locate(ctx, d)
		if err != nil {
			return err
		}
		for _, e := range at {
			env, err := o.store.Encoding(ctx, e)
			if err != nil {
				return err
			}
			enc, err := store.Check(env)
			if err != nil {
				return err
			}
			if err := got(enc); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// pair is a client and a member of its group, with what that member has and what it can fetch.
type pair struct {
	client  *transfer.Client
	member  host.Host
	here    store.Store
	outside *outside
	judge   *opinion
}

// newPair returns a pair; strange leaves the client out of the member's group.
func newPair(t *testing.T, strange bool, edit ...func(*transfer.ServerOptions)) *pair {
	t.Helper()
	p := &pair{here: newStore(t), outside: &outside{store: newStore(t)}, judge: newOpinion()}
	near := newHost(t)
	p.member = newServer(t, p.here, append(edit, func(o *transfer.ServerOptions) {
		o.Fetcher = p.outside
		if !strange {
			o.Group = rendezvous.New(near.ID(), o.Host.ID())
		}
	})...)
	p.client, _ = newClient(t, func(o *transfer.ClientOptions) {
		o.Host, o.Judge, o.StallTimeout = near, p.judge, shortStall
		o.Group = rendezvous.New(near.ID(), p.member.ID())
	})
	connect(t, near, p.member)
	return p
}

func quick(o *transfer.ServerOptions) { o.StallTimeout = shortStall }

var someRoot = format.NodeCID(format.Sum([]byte("root")))

func TestMemberFetchesWhatItDoesNotHave(t *testing.T) {
	p := newPair(t, false)
	blocks := randomBlocks(1, 30, 100_000)
	keepEach(t, p.here, blocks[:10])
	keepEach(t, p.outside.store, blocks[5:])
	got := newHarvest()
	require.NoError(t, p.client.FetchBlocks(t.Context(), wants(blocks), false, got.got))
	got.requireAll(t, blocks[:10])
	require.Len(t, got.blocks, 10, "nothing is fetched unless it is asked for")

	got = newHarvest()
	absent := randomBlocks(2, 1, 100_000)
	require.NoError(t, p.client.FetchThrough(t.Context(), p.member.ID(), someRoot, wants(append(absent, blocks...)), false, got.got))
	got.requireAll(t, blocks)
	require.Len(t, got.blocks, len(blocks), "what is not to be had is missing")
	require.Len(t, p.outside.asked, len(blocks)-10+1, "what is here is not fetched")
	for _, r := range p.outside.roots {
		require.Equal(t, someRoot, r)
	}
	require.Zero(t, p.judge.of(p.judge.failed, p.member.ID()), "having it not is no failure")
}

func TestStrangersHaveNothingFetched(t *testing.T) {
	p := newPair(t, true)
	blocks := randomBlocks(1, 10, 100_000)
	keepEach(t, p.here, blocks[:3])
	keepEach(t, p.outside.store, blocks)
	got := newHarvest()
	require.NoError(t, p.client.FetchThrough(t.Context(), p.member.ID(), someRoot, wants(blocks), false, got.got))
	got.requireAll(t, blocks[:3])
	require.Len(t, got.blocks, 3)
	require.Empty(t, p.outside.asked)
	require.Zero(t, p.judge.of(p.judge.failed, p.member.ID()))
}

func TestPacksAreFetchedOnce(t *testing.T) {
	p := newPair(t, false)
	blocks := randomBlocks(1, 200, 3000)
	pack := encoded(t, blocks...)
	keep(t, p.outside.store, pack)
	got := newHarvest()
	require.NoError(t, p.client.FetchThrough(t.Context(), p.member.ID(), cid.Undef, wants(blocks), false, got.got))
	got.requireAll(t, blocks)
	require.Equal(t, map[format.Digest]int{pack.Digest(): 1}, got.encodings)
}

// lateStore is a store that gets an encoding just after its first block was looked for in vain.
type lateStore struct {
	store.Store
	late func()
}

func (l *lateStore) Locate(ctx context.Context, d format.Digest) ([]format.Digest, error) {
	at, err := l.Store.Locate(ctx, d)
	if l.late != nil {
		l.late()
		l.late = nil
	}
	return at, err
}

// TestPackThatIsStoredMeanwhile: a pack goes out once, even if a block was missed before it came and another found after.
func TestPackThatIsStoredMeanwhile(t *testing.T) {
	blocks := randomBlocks(1, 20, 3000)
	pack := encoded(t, blocks...)
	late := &lateStore{Store: newStore(t)}
	late.late = func() { keep(t, late.Store, pack) }
	p := newPair(t, false, func(o *transfer.ServerOptions) { o.Source = late })
	keep(t, p.outside.store, pack)
	got := newHarvest()
	require.NoError(t, p.client.FetchThrough(t.Context(), p.member.ID(), someRoot, wants(blocks), false, got.got))
	got.requireAll(t, blocks)
	require.Equal(t, map[format.Digest]int{pack.Digest(): 1}, got.encodings)
	require.Zero(t, p.judge.of(p.judge.misbehaved, p.member.ID()))
	require.Empty(t, p.outside.asked)
}

// refusing is a Gate that keeps one block back.
type refusing format.Digest

func (r refusing) Refuses(_ context.Context, d format.Digest) (bool, error) {
	return d == format.Digest(r), nil
}
func (refusing) Touch(format.Digest) {}

func TestWhatIsKeptBackIsNotFetched(t *testing.T) {
	blocks := randomBlocks(1, 3, 100_000)
	p := newPair(t, false, func(o *transfer.ServerOptions) { o.Gate = refusing(blocks[1].Digest) })
	keepEach(t, p.outside.store, blocks)
	got := newHarvest()
	require.NoError(t, p.client.FetchThrough(t.Context(), p.member.ID(), cid.Undef, wants(blocks), false, got.got))
	got.requireAll(t, blocks[2:])
	require.NotContains(t, got.blocks, blocks[1].Digest)
	require.NotContains(t, p.outside.asked, blocks[1].Digest)
}

// TestMemberGivesUp: a member that fetches in vain says so before its time is over, and sends what it had until then.
func TestMemberGivesUp(t *testing.T) {
	p := newPair(t, false, quick)
	blocks := randomBlocks(1, 4, 100_000)
	keepEach(t, p.here, blocks[:1])
	keepEach(t, p.outside.store, blocks)
	calls := 0
	p.outside.wait = func(ctx context.Context) {
		if calls++; calls > 2 {
			<-ctx.Done()
		}
	}
	got := newHarvest()
	require.NoError(t, p.client.FetchThrough(t.Context(), p.member.ID(), cid.Undef, wants(blocks), false, got.got))
	got.requireAll(t, blocks[:3])
	require.Len(t, got.blocks, 3)
	require.Zero(t, p.judge.of(p.judge.failed, p.member.ID()))
}

// TestBadMembers: a member that lies, stalls or dies is found out, and the fetch ends so that others can be asked.
func TestBadMembers(t *testing.T) {
	blocks := randomBlocks(1, 8, 100_000)
	other := encoded(t, randomBlocks(2, 1, 1000)...).Bytes()
	for name, test := range map[string]struct {
		act  func(s network.Stream, r *datav1.Request)
		lies bool
	}{
		"another block":    {func(s network.Stream, _ *datav1.Request) { _ = writeEncoding(s, other) }, true},
		"nothing":          {func(network.Stream, *datav1.Request) {}, false},
		"death":            {func(s network.Stream, _ *datav1.Request) { _ = s.Conn().Close() }, false},
		"an end too early": {func(s network.Stream, _ *datav1.Request) { _ = writeEnd(s) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			judge, near := newOpinion(), newHost(t)
			asked := make(chan bool, 100)
			bad := hostile(t, func(s network.Stream, r *datav1.Request) {
				asked <- r.GetGet().GetFetch()
				test.act(s, r)
			})
			client, _ := newClient(t, func(o *transfer.ClientOptions) {
				o.Host, o.Judge, o.StallTimeout = near, judge, shortStall
				o.Group = rendezvous.New(near.ID(), bad.ID())
			})
			connect(t, near, bad)
			got := newHarvest()
			require.NoError(t, client.FetchThrough(t.Context(), bad.ID(), someRoot, wants(blocks), false, got.got))
			require.Empty(t, got.blocks)
			require.True(t, <-asked)
			if test.lies {
				require.Positive(t, judge.of(judge.misbehaved, bad.ID()))
			} else {
				require.Positive(t, judge.of(judge.failed, bad.ID()))
			}
			require.Equal(t, make([]peer.ID, len(blocks)), client.Owners(someRoot, wants(blocks)), "nothing belongs to it for a while")
		})
	}
}

// TestFetchesForAMemberAreBounded: whatever a member asks for, only so much is worked at, and the rest waits for its turn.
func TestFetchesForAMemberAreBounded(t *testing.T) {
	const atOnce = 8
	blocks := randomBlocks(1, atOnce+6, 1000)
	fetches, near := &outside{store: newStore(t)}, newHost(t)
	keepEach(t, fetches.store, blocks)
	begun, release := make(chan struct{}, len(blocks)), make(chan struct{})
	fetches.wait = func(context.Context) {
		begun <- struct{}{}
		<-release
	}
	member := newServer(t, newStore(t), func(o *transfer.ServerOptions) {
		o.Fetcher, o.Group, o.StallTimeout = fetches, rendezvous.New(near.ID(), o.Host.ID()), time.Minute
	})
	connect(t, near, member)
	streams := make([]network.Stream, len(blocks))
	for i, b := range blocks {
		var err error
		streams[i], err = near.NewStream(t.Context(), member.ID(), transfer.Protocol)
		require.NoError(t, err)
		require.NoError(t, writeMessage(streams[i], &datav1.Request{Operation: &datav1.Request_Get{Get: &datav1.GetRequest{
			Blocks: [][]byte{b.CID().Bytes()}, Fetch: true,
		}}}))
	}
	for range atOnce {
		<-begun
	}
	close(release)
	for _, stream := range streams {
		var answer datav1.Response
		require.NoError(t, readMessage(stream, &answer))
		require.NotNil(t, answer.GetEncoding(), "each has its turn")
	}
	require.Equal(t, atOnce, fetches.most)
}

func TestOwners(t *testing.T) {
	p := newPair(t, false)
	large, small := randomBlocks(1, 200, 64<<10), randomBlocks(2, 200, 10)
	owners := p.client.Owners(someRoot, wants(large))
	theirs := 0
	for _, o := range owners {
		if o != "" {
			require.Equal(t, p.member.ID(), o)
			theirs++
		}
	}
	require.InDelta(t, 100, theirs, 40, "large blocks are spread over the group")
	for _, some := range [][]transfer.Want{wants(small), {{Cid: someRoot}}} {
		for _, o := range p.client.Owners(someRoot, some) {
			require.Equal(t, p.client.Owners(cid.Undef, []transfer.Want{{Cid: someRoot}})[0], o, "small ones go with the root")
		}
	}

	client, h := newClient(t)
	connect(t, h, p.member)
	require.Equal(t, make([]peer.ID, len(large)), client.Owners(someRoot, wants(large)), "without a group")
}
