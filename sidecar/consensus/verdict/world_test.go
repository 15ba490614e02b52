package verdict_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	libp2ptest "github.com/libp2p/go-libp2p/core/test"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/consensus/verdict"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/blockstore"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	"github.com/ipdm-network/ipdm/testutil/sealed"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

const (
	sampleNodes      = 256
	sampleChallenges = 32
)

var sampleSeed = sdr.Hash{3}

// sector seals two deals.
func sector(t testing.TB, number uint64) *sealed.Sector {
	t.Helper()
	r := rand.New(rand.NewPCG(number, 0))
	random := func(size int) []byte {
		b := make([]byte, size)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	one, err := sealed.NewDeal(random(900), random(1), random(31))
	require.NoError(t, err)
	two, err := sealed.NewDeal(random(2000))
	require.NoError(t, err)
	s, err := sealed.New(sampleNodes, func(commD sdr.Hash) sdr.Hash {
		return sdr.ReplicaID("ipdm-test-1", []byte("provider"), number, [32]byte{7}, commD)
	}, one, two)
	require.NoError(t, err)
	return s
}

// world is a judge, and a provider that it can reach.
type world struct {
	*verdict.Judge
	near, far *data.Engine
	provider  *provider
	registry  *prometheus.Registry
}

// provider serves the blocks of an engine and counts what it is asked for.
type provider struct {
	info   peer.AddrInfo
	blocks *blockstore.Blockstore

	mu     sync.Mutex
	serve  func(ctx context.Context, c cid.Cid, body []byte) ([]byte, error) // guarded by mu; nil to answer truly
	asked  int                                                               // guarded by mu
	served int                                                               // blocks; guarded by mu
	named  []peer.ID                                                         // last asked for; guarded by mu
}

var errNobody = errors.New("nobody delivers")

func (p *provider) FetchFrom(ctx context.Context, peers []peer.AddrInfo, cids []cid.Cid, got func(cid.Cid, []byte) error) error {
	p.mu.Lock()
	p.asked++
	p.named = nil
	for _, info := range peers {
		p.named = append(p.named, info.ID)
	}
	serve := p.serve
	p.mu.Unlock()
	for _, c := range cids {
		block, err := p.blocks.Get(ctx, c)
		if err != nil {
			return errNobody
		}
		body := block.RawData()
		if serve != nil {
			if body, err = serve(ctx, c, body); err != nil {
				return err
			}
		}
		p.mu.Lock()
		p.served++
		p.mu.Unlock()
		if err := got(c, body); err != nil {
			return err
		}
	}
	return nil
}

func (p *provider) answer(serve func(ctx context.Context, c cid.Cid, body []byte) ([]byte, error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.serve = serve
}

func (p *provider) counts() (asked, served int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked, p.served
}

func withhold(context.Context, cid.Cid, []byte) ([]byte, error) { return nil, errNobody }

func engine(t testing.TB) *data.Engine {
	t.Helper()
	s, err := pebblestore.Open(t.TempDir(), pebblestore.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return data.New(s, data.Options{Workers: 1})
}

// quick are the settings of a judge in a test.
func quick() verdict.Config {
	return verdict.Config{Fetches: 2, FetchTimeout: 10 * time.Second, RetryLeast: time.Millisecond, RetryMost: 5 * time.Millisecond}
}

func newWorld(t testing.TB, cfg verdict.Config) *world {
	t.Helper()
	id, err := libp2ptest.RandPeerID()
	require.NoError(t, err)
	w := &world{near: engine(t), far: engine(t), registry: prometheus.NewRegistry()}
	w.provider = &provider{info: peer.AddrInfo{ID: id}, blocks: blockstore.New(w.far.Store(), nil)}
	w.Judge, err = verdict.New(cfg, verdict.Deps{Content: w.near, Network: w.provider, Registry: w.registry})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return w
}

// put stores a file, or a directory with one, at the provider.
func (w *world) put(t testing.TB, body []byte, inDirectory bool) cid.Cid {
	t.Helper()
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	p, err := w.far.NewPut(t.Context(), data.PutOptions{
		Creator: manifest.Creator{Kind: manifest.Ed25519, Key: key.Public().(ed25519.PublicKey)},
		Sign:    func(_ context.Context, m []byte) ([]byte, error) { return ed25519.Sign(key, m), nil },
	})
	require.NoError(t, err)
	defer p.Abort()
	name := ""
	if inDirectory {
		require.NoError(t, p.BeginDir("", data.FileInfo{}))
		name = "records"
	}
	require.NoError(t, p.BeginFile(name, data.FileInfo{}))
	_, err = p.Write(body)
	require.NoError(t, err)
	result, err := p.Finish()
	require.NoError(t, err)
	return result.Root
}

// seal puts the records of a sector and returns what a validator asks about it.
func (w *world) seal(t testing.TB, id uint64, s *sealed.Sector) verdict.Seal {
	t.Helper()
	records, err := s.Proof(sampleSeed, sampleChallenges)
	require.NoError(t, err)
	return verdict.Seal{
		ID:          id,
		Statement:   s.Statement,
		Seed:        sampleSeed,
		Challenges:  sampleChallenges,
		Records:     w.put(t, records, false),
		Root:        format.Sum(records),
		LengthBytes: uint64(len(records)),
		Provider:    w.provider.info,
		JudgeBy:     time.Now().Add(time.Hour),
	}
}

// ask names the seals and returns the verdicts known.
func (w *world) ask(t testing.TB, seals ...verdict.Seal) map[uint64]bool {
	t.Helper()
	known, err := w.Verdicts(seals)
	require.NoError(t, err)
	got := map[uint64]bool{}
	for _, v := range known {
		got[v.SealID] = v.Valid
	}
	return got
}

// await asks until every seal is judged.
func (w *world) await(t testing.TB, seals ...verdict.Seal) map[uint64]bool {
	t.Helper()
	var got map[uint64]bool
	require.Eventually(t, func() bool {
		got = w.ask(t, seals...)
		return len(got) == len(seals)
	}, 20*time.Second, 2*time.Millisecond)
	return got
}

// awaitAsked waits until the provider has been asked so many times.
func (w *world) awaitAsked(t testing.TB, times int) {
	t.Helper()
	require.Eventually(t, func() bool {
		asked, _ := w.provider.counts()
		return asked >= times
	}, 20*time.Second, time.Millisecond)
}

// judged returns how many verdicts of each kind the metrics show.
func (w *world) judged(t testing.TB) map[string]float64 {
	t.Helper()
	families, err := w.registry.Gather()
	require.NoError(t, err)
	got := map[string]float64{}
	for _, family := range families {
		if family.GetName() == "ipdm_verdict_judged_total" {
			for _, m := range family.GetMetric() {
				got[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
			}
		}
	}
	return got
}
