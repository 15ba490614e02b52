package data_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	"github.com/ipdm-network/ipdm/testutil/raced"
)

// prose returns bytes that compress well and unlike those of another seed.
func prose(seed uint64, sizeBytes int) []byte {
	words := bytes.Fields([]byte("store block pin deal layout node cache root heat"))
	random := rand.New(rand.NewPCG(seed, 1))
	var out bytes.Buffer
	for out.Len() < sizeBytes {
		fmt.Fprintf(&out, "%s %d ", words[random.IntN(len(words))], random.IntN(5000))
	}
	return out.Bytes()[:sizeBytes]
}

func putProse(t *testing.T, e *data.Engine, effort compress.Effort, content []byte) *data.PutResult {
	t.Helper()
	opts := putOptions(t)
	opts.Effort = effort
	r, err := putItems(t.Context(), e, opts, []item{file("", content)})
	require.NoError(t, err)
	return r
}

func reencode(t *testing.T, e *data.Engine) data.ReencodeResult {
	t.Helper()
	r, err := e.Reencode(t.Context(), data.ReencodeOptions{})
	require.NoError(t, err)
	require.False(t, r.More)
	return r
}

// encodingsOf returns the algorithms and the length of the encodings of a root.
func encodingsOf(t *testing.T, e *data.Engine, root cid.Cid) (map[string]uint64, uint64) {
	t.Helper()
	st, err := e.Stat(t.Context(), root)
	require.NoError(t, err)
	require.Zero(t, st.Missing)
	return st.Algorithms, st.StoredBytes
}

func TestHotBecomesQuickAndColdDense(t *testing.T) {
	clock := newWall()
	e := newEngine(t, data.Options{Now: clock.read})
	content := prose(1, 3<<20)
	r := putProse(t, e, compress.Balanced, content)
	require.Zero(t, reencode(t, e).PlainBytes/(1<<20), "what is new is neither hot nor cold")
	for range 6 {
		getItems(t, e, r.Root, data.GetOptions{})
	}
	hot := reencode(t, e)
	require.GreaterOrEqual(t, hot.PlainBytes, uint64(3<<20))
	algorithms, hotBytes := encodingsOf(t, e, r.Root)
	require.NotContains(t, algorithms, envelope.Zstd.String())
	require.Contains(t, algorithms, envelope.S2.String())
	require.Equal(t, content, getItems(t, e, r.Root, data.GetOptions{})[0].body)
	require.Zero(t, reencode(t, e).Replaced, "a pass that has nothing to do does nothing")

	clock.now = clock.now.Add(70 * 24 * time.Hour)
	cold := reencode(t, e)
	require.Less(t, cold.NewBytes, cold.OldBytes)
	algorithms, coldBytes := encodingsOf(t, e, r.Root)
	require.LessOrEqual(t, algorithms[envelope.S2.String()], uint64(1), "but for what is to be packed with others")
	require.Less(t, coldBytes, hotBytes)
	require.Equal(t, content, getItems(t, e, r.Root, data.GetOptions{})[0].body)
	require.Zero(t, reencode(t, e).Replaced)
	before, err := e.Store().Stats(t.Context())
	require.NoError(t, err)
	_, err = e.GC(t.Context())
	require.NoError(t, err)
	after, err := e.Store().Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, before.Encodings, after.Encodings, "no orphan is left")
}

func TestWhatALayoutNamesStays(t *testing.T) {
	clock := newWall()
	e := newEngine(t, data.Options{Now: clock.read})
	r := putProse(t, e, compress.Fast, prose(1, 2<<20))
	l, err := e.MakeLayout(t.Context(), r.Manifest)
	require.NoError(t, err)
	require.NoError(t, e.HoldLayout(t.Context(), l.Cid, "deal"))
	clock.now = clock.now.Add(70 * 24 * time.Hour)
	algorithms, _ := encodingsOf(t, e, r.Root)
	reencode(t, e)
	now, _ := encodingsOf(t, e, r.Root)
	require.Equal(t, algorithms, now)
	commD, _, err := e.RecomputeCommD(t.Context(), l.Cid)
	require.NoError(t, err)
	require.Equal(t, l.CommD, commD)
	require.NoError(t, e.ReleaseLayout(t.Context(), l.Cid, "deal"))
	_, err = e.GC(t.Context())
	require.NoError(t, err)
	require.Positive(t, reencode(t, e).Replaced)
}

func TestSmallEncodingsArePacked(t *testing.T) {
	e := newEngine(t, data.Options{})
	var roots []cid.Cid
	for i := range 40 {
		roots = append(roots, putProse(t, e, compress.Balanced, prose(uint64(i), 9000)).Root)
	}
	before, err := e.Store().Stats(t.Context())
	require.NoError(t, err)
	require.GreaterOrEqual(t, before.Encodings, uint64(80))
	reencode(t, e)
	after, err := e.Store().Stats(t.Context())
	require.NoError(t, err)
	require.Less(t, after.Encodings, uint64(5))
	require.Less(t, after.EnvelopeBytes, before.EnvelopeBytes)
	for i, root := range roots {
		require.Equal(t, prose(uint64(i), 9000), getItems(t, e, root, data.GetOptions{})[0].body)
	}
}

func TestGarbageLeavesPacks(t *testing.T) {
	clock := newWall()
	e := newEngine(t, data.Options{Now: clock.read})
	tree := []item{dir("")}
	for i := range 20 {
		tree = append(tree, file(fmt.Sprintf("f%02d", i), randomBytes(uint64(i), 20_000)))
	}
	whole, err := putItems(t.Context(), e, putOptions(t), tree)
	require.NoError(t, err)
	part, err := putItems(t.Context(), e, putOptions(t), tree[:5])
	require.NoError(t, err)
	_, err = e.Delete(t.Context(), whole.Root, "me")
	require.NoError(t, err)
	clock.now = clock.now.Add(70 * 24 * time.Hour)
	_, err = e.GC(t.Context())
	require.NoError(t, err)
	before, err := e.Store().Stats(t.Context())
	require.NoError(t, err)
	require.Greater(t, before.PlainBytes, uint64(400_000), "the pack is kept for the blocks that are shared")
	reencode(t, e)
	after, err := e.Store().Stats(t.Context())
	require.NoError(t, err)
	require.Less(t, after.PlainBytes, uint64(100_000))
	require.Equal(t, tree[:5], getItems(t, e, part.Root, data.GetOptions{}))
}

func TestReencodingGivesWay(t *testing.T) {
	clock := newWall()
	e := newEngine(t, data.Options{Now: clock.read})
	putProse(t, e, compress.Fast, prose(1, 1<<20))
	clock.now = clock.now.Add(70 * 24 * time.Hour)
	p, err := e.NewPut(t.Context(), putOptions(t))
	require.NoError(t, err)
	r, err := e.Reencode(t.Context(), data.ReencodeOptions{})
	require.NoError(t, err)
	require.Equal(t, data.ReencodeResult{More: true}, r)
	p.Abort()
	r, err = e.Reencode(t.Context(), data.ReencodeOptions{MaxBytes: 1})
	require.NoError(t, err)
	require.True(t, r.More, "a pass is bounded")
	require.LessOrEqual(t, r.PlainBytes, uint64(1<<20))
}

// churn is a store that does something else at each change that Reencode makes.
type churn struct {
	store.Store
	at func()
}

func (c *churn) Apply(ctx context.Context, b *store.Batch, d store.Durability) error {
	err := c.Store.Apply(ctx, b, d)
	if at := c.at; at != nil {
		at()
	}
	return err
}

// TestKilledReencodingLosesNothing: the disk as it is after a power failure at any change, with any part of what was not
// synced lost, has every block.
func TestKilledReencodingLosesNothing(t *testing.T) {
	ctx, clock := t.Context(), newWall()
	fs := vfs.NewCrashableMem()
	s, err := pebblestore.Open("home", pebblestore.Options{FS: fs})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	watched := &churn{Store: s}
	e := data.New(watched, data.Options{Now: clock.read})
	want := map[cid.Cid][]byte{}
	for i := range raced.Some(12) {
		for _, size := range []int{9000, 700_000} {
			content := prose(uint64(100*i+size), size)
			want[putProse(t, e, compress.Fast, content).Root] = content
		}
	}
	clock.now = clock.now.Add(70 * 24 * time.Hour)
	random := rand.New(rand.NewPCG(1, 2))
	crashes := 0
	watched.at = func() {
		crashes++
		clone := fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: random.IntN(101), RNG: random})
		after, err := pebblestore.Open("home", pebblestore.Options{FS: clone})
		require.NoError(t, err)
		defer func() { require.NoError(t, after.Close()) }()
		again := data.New(after, data.Options{Now: clock.read})
		for range 2 { // before and after the rest of the interrupted pass is cleared away
			for root, content := range want {
				var c collect
				require.NoError(t, again.Get(ctx, root, data.GetOptions{}, &c))
				require.True(t, bytes.Equal(content, c.items[0].body))
			}
			_, err = again.GC(ctx)
			require.NoError(t, err)
		}
		progress, err := again.Verify(ctx, cid.Undef, nil)
		require.NoError(t, err)
		require.Zero(t, progress.Problems)
	}
	require.Positive(t, reencode(t, e).Replaced)
	require.Greater(t, crashes, raced.Some(10))
}

// TestReencodingWhilePutsRun: puts that find blocks in encodings which are being replaced end whole.
func TestReencodingWhilePutsRun(t *testing.T) {
	s, err := pebblestore.Open(t.TempDir(), pebblestore.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	clock := newWall()
	watched := &churn{Store: s}
	e := data.New(watched, data.Options{Now: clock.read})
	for i := range 8 {
		putProse(t, e, compress.Fast, prose(uint64(i), 300_000))
	}
	garbage, err := putItems(t.Context(), e, putOptions(t), append([]item{dir("")}, file("a", prose(50, 40_000)), file("b", prose(51, 40_000)), file("c", prose(52, 10_000))))
	require.NoError(t, err)
	_, err = putItems(t.Context(), e, putOptions(t), append([]item{dir("")}, file("c", prose(52, 10_000))))
	require.NoError(t, err)
	_, err = e.Unpin(t.Context(), garbage.Root)
	require.NoError(t, err)
	clock.now = clock.now.Add(70 * 24 * time.Hour)
	var puts errgroup.Group
	n := 0
	watched.at = func() {
		watched.at = nil
		n++
		tag := fmt.Sprintf("n=%d", n)
		puts.Go(func() error {
			for i := range 8 {
				opts := putOptions(t)
				opts.Tags = []string{tag}
				if _, err := putItems(context.Background(), e, opts, []item{file("", prose(uint64(i), 300_000))}); err != nil {
					return err
				}
			}
			opts := putOptions(t)
			opts.Tags = []string{tag}
			r, err := putItems(context.Background(), e, opts, append([]item{dir("")}, file("a", prose(50, 40_000)), file("b", prose(51, 40_000))))
			if err != nil {
				return err
			}
			return e.Get(context.Background(), r.Root, data.GetOptions{}, &collect{})
		})
	}
	for range 5 {
		_, err := e.Reencode(t.Context(), data.ReencodeOptions{})
		require.NoError(t, err)
	}
	require.NoError(t, puts.Wait())
	_, err = e.GC(t.Context())
	require.NoError(t, err)
	progress, err := e.Verify(t.Context(), cid.Undef, nil)
	require.NoError(t, err)
	require.Zero(t, progress.Problems)
}
