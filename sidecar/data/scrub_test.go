package data_test

import (
	"context"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
)

const unlimited = 1 << 40

// onDisk is an engine whose store can be damaged.
type onDisk struct {
	*data.Engine
	home  string
	store *pebblestore.Store
}

func newOnDisk(t *testing.T, o data.Options) *onDisk {
	t.Helper()
	d := &onDisk{home: t.TempDir()}
	d.open(t, o)
	t.Cleanup(func() { require.NoError(t, d.store.Close()) })
	return d
}

func (d *onDisk) open(t *testing.T, o data.Options) {
	t.Helper()
	var err error
	d.store, err = pebblestore.Open(d.home, pebblestore.Options{})
	require.NoError(t, err)
	d.Engine = data.New(d.store, o)
}

func (d *onDisk) scrub(t *testing.T) data.ScrubState {
	t.Helper()
	require.NoError(t, d.Scrub(t.Context(), unlimited, func(started time.Time) time.Time { return started.Add(time.Hour) }))
	st, err := d.ScrubState(t.Context())
	require.NoError(t, err)
	require.False(t, st.Finished.IsZero())
	require.True(t, st.Started.IsZero())
	return st
}

func requireVerified(t *testing.T, e *data.Engine) {
	t.Helper()
	var problems []string
	_, err := e.Verify(t.Context(), cid.Undef, func(p data.VerifyProgress) error {
		if p.Problem != "" {
			problems = append(problems, p.Problem)
		}
		return nil
	})
	require.NoError(t, err)
	require.Empty(t, problems)
}

var scrubbed = []item{dir(""), file("a", randomBytes(1, 900_000)), file("b", randomBytes(2, 900_000)), file("small", []byte("some small file, of which many lie in a pack"))}

func TestScrubOfSoundData(t *testing.T) {
	d := newOnDisk(t, data.Options{})
	_, err := putItems(t.Context(), d.Engine, putOptions(t), scrubbed)
	require.NoError(t, err)
	stats, err := d.store.Stats(t.Context())
	require.NoError(t, err)
	st := d.scrub(t)
	require.Equal(t, stats.Encodings, st.Encodings)
	require.Equal(t, stats.EnvelopeBytes, st.Bytes)
	require.Zero(t, st.Damaged)
	st = d.scrub(t)
	require.Equal(t, stats.EnvelopeBytes, st.Bytes, "a pass counts from nothing")
	require.Equal(t, 2*stats.EnvelopeBytes, st.TotalBytes)
}

// TestScrubHealsFromOthers: whatever it is that the others have, damage is found and gone after one pass.
func TestScrubHealsFromOthers(t *testing.T) {
	for name, far := range map[string]func(t *testing.T, near *onDisk) data.Fetcher{
		"the same encodings": func(t *testing.T, near *onDisk) data.Fetcher {
			e := newEngine(t, data.Options{})
			_, err := putItems(t.Context(), e, putOptions(t), scrubbed)
			require.NoError(t, err)
			return newNeighbour(e)
		},
		"the blocks in other encodings": func(t *testing.T, near *onDisk) data.Fetcher {
			e := newEngine(t, data.Options{})
			opts := putOptions(t)
			_, err := putItems(t.Context(), e, opts, append([]item{scrubbed[0], file("0", []byte("shifts the packs"))}, scrubbed[1:]...))
			require.NoError(t, err)
			return newNeighbour(e)
		},
	} {
		t.Run(name, func(t *testing.T) {
			near := newOnDisk(t, data.Options{})
			r, err := putItems(t.Context(), near.Engine, putOptions(t), scrubbed)
			require.NoError(t, err)
			near.Engine = data.New(near.store, data.Options{Fetcher: far(t, near)})
			flip(t, near.home, scrubbed[1].body[:100])
			flip(t, near.home, scrubbed[3].body)
			st := near.scrub(t)
			require.EqualValues(t, 2, st.Damaged)
			require.EqualValues(t, 2, st.Healed)
			require.Equal(t, scrubbed, getItems(t, near.Engine, r.Root, data.GetOptions{LocalOnly: true}))
			requireVerified(t, near.Engine)
			_, err = near.GC(t.Context())
			require.NoError(t, err)
			require.Equal(t, scrubbed, getItems(t, near.Engine, r.Root, data.GetOptions{LocalOnly: true}))
			st = near.scrub(t)
			require.EqualValues(t, 2, st.Damaged, "a second pass finds nothing")
		})
	}
}

// blocksOnly is a fetcher that has no encodings.
type blocksOnly struct{ *neighbour }

func (f blocksOnly) Fetch(ctx context.Context, cids []cid.Cid, got func(cid.Cid, []byte) error) error {
	for _, c := range cids {
		b, err := f.blocks.Get(ctx, c)
		if err != nil {
			return err
		}
		if _, err := store.Check(b.RawData()); err == nil {
			return data.ErrMissing
		}
	}
	return f.neighbour.Fetch(ctx, cids, got)
}

// TestScrubBringsBackWhatALayoutNames: an encoding that a deal is about comes back bit for bit, made again from its
// blocks if nobody has it.
func TestScrubBringsBackWhatALayoutNames(t *testing.T) {
	far := newEngine(t, data.Options{})
	_, err := putItems(t.Context(), far, putOptions(t), append([]item{scrubbed[0], file("0", []byte("shifts the packs"))}, scrubbed[1:]...))
	require.NoError(t, err)
	near := newOnDisk(t, data.Options{})
	r, err := putItems(t.Context(), near.Engine, putOptions(t), scrubbed)
	require.NoError(t, err)
	l, err := near.MakeLayout(t.Context(), r.Manifest)
	require.NoError(t, err)
	require.NoError(t, near.HoldLayout(t.Context(), l.Cid, "deal"))
	before := digests(t, near.Engine)

	near.Engine = data.New(near.store, data.Options{Fetcher: blocksOnly{newNeighbour(far)}})
	flip(t, near.home, scrubbed[1].body[:100])
	st := near.scrub(t)
	require.EqualValues(t, 1, st.Healed)
	require.Subset(t, digests(t, near.Engine), before)
	_, problems := auditOf(t, near.Engine)
	require.Empty(t, problems)
	requireVerified(t, near.Engine)
}

func digests(t *testing.T, e *data.Engine) (all []string) {
	t.Helper()
	require.NoError(t, e.Store().IterateEncodings(t.Context(), func(enc store.Encoding) error {
		all = append(all, enc.Digest.String())
		return nil
	}))
	return all
}

// TestDamageThatNobodyHealsStays: it is found once, tried again, and healed when someone has it.
func TestDamageThatNobodyHealsStays(t *testing.T) {
	near := newOnDisk(t, data.Options{})
	r, err := putItems(t.Context(), near.Engine, putOptions(t), scrubbed)
	require.NoError(t, err)
	flip(t, near.home, scrubbed[1].body[:100])
	st := near.scrub(t)
	require.EqualValues(t, 1, st.Damaged)
	require.Zero(t, st.Healed)
	st = near.scrub(t)
	require.EqualValues(t, 1, st.Damaged, "what is known is not found again")
	healed, left, err := near.HealDamaged(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{0, 1}, []int{healed, left})

	far := newEngine(t, data.Options{})
	_, err = putItems(t.Context(), far, putOptions(t), scrubbed)
	require.NoError(t, err)
	near.Engine = data.New(near.store, data.Options{Fetcher: newNeighbour(far)})
	healed, left, err = near.HealDamaged(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{1, 0}, []int{healed, left})
	require.Equal(t, scrubbed, getItems(t, near.Engine, r.Root, data.GetOptions{LocalOnly: true}))
	st, err = near.ScrubState(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, st.Healed)
}

// TestForgedHealingIsRefused: what another node sends in place of an encoding or block is not taken.
func TestForgedHealingIsRefused(t *testing.T) {
	far := newEngine(t, data.Options{})
	_, err := putItems(t.Context(), far, putOptions(t), scrubbed)
	require.NoError(t, err)
	liar := newNeighbour(far)
	liar.forge = func(_ cid.Cid, body []byte) []byte {
		body[len(body)-1] ^= 1
		return body
	}
	near := newOnDisk(t, data.Options{})
	_, err = putItems(t.Context(), near.Engine, putOptions(t), scrubbed)
	require.NoError(t, err)
	near.Engine = data.New(near.store, data.Options{Fetcher: liar})
	flip(t, near.home, scrubbed[1].body[:100])
	st := near.scrub(t)
	require.EqualValues(t, 1, st.Damaged)
	require.Zero(t, st.Healed)
	_, problems := auditOf(t, near.Engine)
	require.Len(t, problems, 1)
}

// TestScrubGoesOnAfterARestart: a pass that is interrupted reads the rest, not everything again.
func TestScrubGoesOnAfterARestart(t *testing.T) {
	d := newOnDisk(t, data.Options{})
	_, err := putItems(t.Context(), d.Engine, putOptions(t), []item{file("", randomBytes(1, 8<<20))})
	require.NoError(t, err)
	stats, err := d.store.Stats(t.Context())
	require.NoError(t, err)
	due, err := d.ScheduleScrub(t.Context(), time.Unix(1000, 0))
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- d.Scrub(ctx, 8<<20, func(started time.Time) time.Time { return started.Add(time.Hour) })
	}()
	require.Eventually(t, func() bool {
		st, err := d.ScrubState(t.Context())
		return err == nil && st.Encodings >= 2
	}, 10*time.Second, time.Millisecond)
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	require.NoError(t, d.store.Close())
	d.open(t, data.Options{})
	again, err := d.ScheduleScrub(t.Context(), time.Unix(2000, 0))
	require.NoError(t, err)
	require.True(t, due.Equal(again))
	st, err := d.ScrubState(t.Context())
	require.NoError(t, err)
	require.False(t, st.Started.IsZero())
	require.Less(t, st.Encodings, stats.Encodings)
	require.GreaterOrEqual(t, st.Encodings, uint64(2))

	st = d.scrub(t)
	require.Equal(t, stats.Encodings, st.Encodings)
	require.Equal(t, stats.EnvelopeBytes, st.TotalBytes, "nothing was read twice")
}
