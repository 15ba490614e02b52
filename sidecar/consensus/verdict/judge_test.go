package verdict_test

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/consensus/verdict"
	"github.com/ipdm-network/ipdm/testutil/sealed"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

func TestHonestSeal(t *testing.T) {
	w := newWorld(t, quick())
	seal := w.seal(t, 7, sector(t, 1))
	require.Equal(t, map[uint64]bool{7: true}, w.await(t, seal))
	require.Equal(t, []peer.ID{w.provider.info.ID}, w.provider.named, "the provider is asked first")

	asked, _ := w.provider.counts()
	require.Equal(t, map[uint64]bool{7: true}, w.ask(t, seal))
	seal.Provider, seal.JudgeBy = peer.AddrInfo{}, seal.JudgeBy.Add(time.Hour)
	require.Equal(t, map[uint64]bool{7: true}, w.ask(t, seal), "it is the same proof wherever the provider moves")
	again, _ := w.provider.counts()
	require.Equal(t, asked, again, "a verdict is reached once")

	stats, err := w.near.Store().Stats(t.Context())
	require.NoError(t, err)
	require.Zero(t, stats.Encodings, "records do not fill the store")
	require.Equal(t, map[string]float64{"yes": 1}, w.judged(t))
}

// What the provider has committed to on chain does not agree, and everyone who looks sees it.
func TestFalseSeals(t *testing.T) {
	w := newWorld(t, quick())
	// cheat commits to a changed sector.
	cheat := func(change func(*sealed.Sector)) func(*testing.T) verdict.Seal {
		return func(t *testing.T) verdict.Seal {
			s := sector(t, 1).Clone()
			change(s)
			s.Commit()
			return w.seal(t, 1, s)
		}
	}
	// lie changes what is said about an honest sector.
	lie := func(change func(*testing.T, *verdict.Seal)) func(*testing.T) verdict.Seal {
		return func(t *testing.T) verdict.Seal {
			s := w.seal(t, 1, sector(t, 1))
			s.Statement.Pieces = slices.Clone(s.Statement.Pieces)
			change(t, &s)
			return s
		}
	}
	for name, seal := range map[string]func(*testing.T) verdict.Seal{
		"forged labels": cheat(func(s *sealed.Sector) {
			for i := range s.Layers[4] {
				s.Layers[4][i] ^= 1
			}
		}),
		"unsealed data":         cheat(func(s *sealed.Sector) { clear(s.Replica) }),
		"replica of another":    cheat(func(s *sealed.Sector) { s.Statement.ReplicaID[0] ^= 1 }),
		"other columns":         lie(func(_ *testing.T, s *verdict.Seal) { s.Statement.CommC[0] ^= 1 }),
		"other replica":         lie(func(_ *testing.T, s *verdict.Seal) { s.Statement.CommRLast[0] ^= 1 }),
		"other challenges":      lie(func(_ *testing.T, s *verdict.Seal) { s.Seed[0] ^= 1 }),
		"other data":            lie(func(_ *testing.T, s *verdict.Seal) { s.Statement.Pieces[0].CommD[0] ^= 1 }),
		"pieces left out":       lie(func(_ *testing.T, s *verdict.Seal) { s.Statement.Pieces = s.Statement.Pieces[:1] }),
		"another digest":        lie(func(_ *testing.T, s *verdict.Seal) { s.Root[0] ^= 1 }),
		"longer content":        lie(func(t *testing.T, s *verdict.Seal) { s.Records = w.put(t, make([]byte, s.LengthBytes+1), false) }),
		"shorter content":       lie(func(t *testing.T, s *verdict.Seal) { s.Records = w.put(t, make([]byte, s.LengthBytes-1), false) }),
		"empty content":         lie(func(t *testing.T, s *verdict.Seal) { s.Records = w.put(t, nil, false) }),
		"a directory":           lie(func(t *testing.T, s *verdict.Seal) { s.Records = w.put(t, make([]byte, s.LengthBytes), true) }),
		"content of no file":    lie(func(_ *testing.T, s *verdict.Seal) { s.Records = format.CBORCID(format.Sum([]byte("x"))) }),
		"records of other size": lie(func(t *testing.T, s *verdict.Seal) { s.Statement.Pieces[1].TotalBytes-- }),
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, map[uint64]bool{1: false}, w.await(t, seal(t)))
		})
	}
	require.Equal(t, map[string]float64{"no": 15}, w.judged(t))
}

// Of content that is far too long only its first block is looked at.
func TestEndlessContent(t *testing.T) {
	w := newWorld(t, quick())
	seal := w.seal(t, 1, sector(t, 1))
	seal.Records = w.put(t, make([]byte, 32<<20), false)
	require.Equal(t, map[uint64]bool{1: false}, w.await(t, seal))
	_, served := w.provider.counts()
	require.Less(t, served, 8)
}

func TestWithheldRecordsAreNoNo(t *testing.T) {
	w := newWorld(t, quick())
	seal := w.seal(t, 1, sector(t, 1))
	for name, serve := range map[string]func(context.Context, cid.Cid, []byte) ([]byte, error){
		"withheld": withhold,
		"forged by a peer": func(_ context.Context, _ cid.Cid, body []byte) ([]byte, error) {
			return append([]byte{body[0] ^ 1}, body[1:]...), nil
		},
		"oversized block": func(context.Context, cid.Cid, []byte) ([]byte, error) { return make([]byte, 3<<20), nil },
		"empty block":     func(context.Context, cid.Cid, []byte) ([]byte, error) { return nil, nil },
	} {
		t.Run(name, func(t *testing.T) {
			w.provider.answer(serve)
			before, _ := w.provider.counts()
			w.ask(t, seal)
			w.awaitAsked(t, before+3)
			require.Empty(t, w.ask(t, seal))
			require.Empty(t, w.ask(t), "forgotten before the next case")
		})
	}
	w.provider.answer(nil)
	require.Equal(t, map[uint64]bool{1: true}, w.await(t, seal), "it is judged when it comes after all")
}

// Providers that keep validators waiting do not keep others waiting.
func TestHangingFetchesDoNotBlockOthers(t *testing.T) {
	cfg := quick()
	cfg.Fetches, cfg.FetchTimeout = 1, 20*time.Millisecond
	w := newWorld(t, cfg)
	var seals []verdict.Seal
	hang := map[cid.Cid]bool{}
	for id := range uint64(5) {
		seals = append(seals, w.seal(t, id+1, sector(t, id+1)))
		hang[seals[id].Records] = true
	}
	w.provider.answer(func(ctx context.Context, c cid.Cid, body []byte) ([]byte, error) {
		if !hang[c] {
			return body, nil
		}
		<-ctx.Done()
		return nil, ctx.Err()
	})
	require.Empty(t, w.ask(t, seals...))
	w.awaitAsked(t, 7)
	late := w.seal(t, 9, sector(t, 9))
	seals = append(seals, late)
	require.Eventually(t, func() bool { return w.ask(t, seals...)[9] }, 20*time.Second, time.Millisecond)
	require.Len(t, w.ask(t, seals...), 1)
}

func TestWhatIsNotNamedIsForgotten(t *testing.T) {
	w := newWorld(t, quick())
	seal := w.seal(t, 1, sector(t, 1))
	require.Equal(t, map[uint64]bool{1: true}, w.await(t, seal))
	require.Empty(t, w.ask(t))

	ended := make(chan struct{})
	begun := make(chan struct{})
	w.provider.answer(func(ctx context.Context, _ cid.Cid, _ []byte) ([]byte, error) {
		close(begun)
		<-ctx.Done()
		close(ended)
		return nil, ctx.Err()
	})
	require.Empty(t, w.ask(t, seal), "what was forgotten is judged anew")
	<-begun
	require.Empty(t, w.ask(t))
	<-ended

	// Another proof under the same number is another proof: a chain was started anew.
	w.provider.answer(nil)
	require.Equal(t, map[uint64]bool{1: true}, w.await(t, seal))
	other := w.seal(t, 1, sector(t, 2))
	other.Root[0] ^= 1
	require.Equal(t, map[uint64]bool{1: false}, w.await(t, other))
}

func TestNothingIsFetchedWhenTimeIsUp(t *testing.T) {
	w := newWorld(t, quick())
	late := w.seal(t, 1, sector(t, 1))
	late.JudgeBy = time.Now().Add(-time.Second)
	inTime := w.seal(t, 2, sector(t, 2))
	require.Eventually(t, func() bool { return w.ask(t, late, inTime)[2] }, 20*time.Second, time.Millisecond)
	require.Len(t, w.ask(t, late, inTime), 1)
}

func TestManySealsAtOnce(t *testing.T) {
	w := newWorld(t, quick())
	seal := w.seal(t, 1, sector(t, 1))
	seals := make([]verdict.Seal, 200)
	for i := range seals {
		seals[i] = seal
		seals[i].ID = uint64(i + 1)
		if i%3 == 0 {
			seals[i].Seed = sdr.Hash{9}
		}
	}
	for id, valid := range w.await(t, seals...) {
		require.Equal(t, (id-1)%3 != 0, valid, "seal %d", id)
	}
}

func TestImpossibleSealsAreRefused(t *testing.T) {
	w := newWorld(t, quick())
	good := w.seal(t, 1, sector(t, 1))
	require.NoError(t, good.Check())
	for name, change := range map[string]func(*verdict.Seal){
		"no number":          func(s *verdict.Seal) { s.ID = 0 },
		"nodes":              func(s *verdict.Seal) { s.Statement.Nodes-- },
		"too many nodes":     func(s *verdict.Seal) { s.Statement.Nodes = 1 << 62 },
		"no pieces":          func(s *verdict.Seal) { s.Statement.Pieces = nil },
		"overlapping pieces": func(s *verdict.Seal) { s.Statement.Pieces[1].StartNode = 1 },
		"endless piece":      func(s *verdict.Seal) { s.Statement.Pieces[1].TotalBytes = math.MaxUint64 },
		"no records":         func(s *verdict.Seal) { s.Records = cid.Undef },
		"no challenges":      func(s *verdict.Seal) { s.Challenges = 0 },
		"too many":           func(s *verdict.Seal) { s.Challenges = math.MaxUint32 },
		"length":             func(s *verdict.Seal) { s.LengthBytes++ },
	} {
		t.Run(name, func(t *testing.T) {
			bad := good
			bad.Statement.Pieces = slices.Clone(good.Statement.Pieces)
			change(&bad)
			_, err := w.Verdicts([]verdict.Seal{bad})
			require.ErrorIs(t, err, verdict.ErrSeal)
		})
	}
	_, err := w.Verdicts([]verdict.Seal{good, good})
	require.ErrorIs(t, err, verdict.ErrSeal)
	_, err = w.Verdicts(make([]verdict.Seal, verdict.MaxSeals+1))
	require.ErrorIs(t, err, verdict.ErrTooMany)
	require.Equal(t, map[uint64]bool{1: true}, w.await(t, good), "the judge goes on after all that")
}

func TestProviderOf(t *testing.T) {
	const id = "12D3KooWSEYAm58hnSUAGPvaePUyKLx87kx526FwtHAwW5zbxzM4"
	info := verdict.ProviderOf(id, []string{"/ip4/127.0.0.1/tcp/1", "nonsense", "/ip4/127.0.0.1/udp/2/quic-v1"})
	require.Equal(t, id, info.ID.String())
	require.Len(t, info.Addrs, 2, "what cannot be read is left out")
	require.Zero(t, verdict.ProviderOf("nonsense", []string{"/ip4/127.0.0.1/tcp/1"}))
	require.Len(t, verdict.ProviderOf(id, slices.Repeat([]string{"/ip4/127.0.0.1/tcp/1"}, 1000)).Addrs, 16)
}
