package data_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
)

// smallTree returns a tree whose files are shared with the trees of neighbouring numbers.
func smallTree(n int) []item {
	items := []item{dir("")}
	for i := range 6 {
		items = append(items, file(fmt.Sprintf("f%d", i), randomBytes(uint64(n+i), 3000+40_000*(i%3))))
	}
	return items
}

// TestGCKeepsExactlyWhatIsPinned: whatever sequence of puts, unpins, holds, collections and passes of encoding anew, every pinned tree and held
// layout stays whole, and when nothing is left the store is empty.
func TestGCKeepsExactlyWhatIsPinned(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ctx := context.Background()
		s, err := pebblestore.Open("home", pebblestore.Options{FS: vfs.NewMem()})
		require.NoError(rt, err)
		defer func() { require.NoError(rt, s.Close()) }()
		clock := newWall()
		e := data.New(s, data.Options{Now: clock.read})
		pinned := map[int]*data.PutResult{}
		held := map[int]*data.Layout{}
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			n := rapid.IntRange(0, 7).Draw(rt, "tree")
			switch rapid.IntRange(0, 6).Draw(rt, "step") {
			case 0, 1:
				r, err := putItems(ctx, e, putOptions(t), smallTree(n))
				require.NoError(rt, err)
				pinned[n] = r
			case 2:
				if r := pinned[n]; r != nil {
					count, err := e.Unpin(ctx, r.Root)
					require.NoError(rt, err)
					require.Equal(rt, 1, count)
					delete(pinned, n)
				}
			case 3:
				if r := pinned[n]; r != nil {
					l, err := e.MakeLayout(ctx, r.Manifest)
					require.NoError(rt, err)
					require.NoError(rt, e.HoldLayout(ctx, l.Cid, "deal"))
					require.NoError(rt, e.ReleaseLayout(ctx, l.Cid, data.DraftHolder))
					if old := held[n]; old != nil && !old.Cid.Equals(l.Cid) {
						// The tree was unpinned and put again, with a manifest of another time.
						require.NoError(rt, e.ReleaseLayout(ctx, old.Cid, "deal"))
					}
					held[n] = l
				}
			case 4:
				if l := held[n]; l != nil {
					require.NoError(rt, e.ReleaseLayout(ctx, l.Cid, "deal"))
					delete(held, n)
				}
			case 5:
				_, err := e.GC(ctx)
				require.NoError(rt, err)
			case 6:
				clock.now = clock.now.Add(20 * 24 * time.Hour)
				_, err := e.Reencode(ctx, data.ReencodeOptions{})
				require.NoError(rt, err)
			}
			for n, r := range pinned {
				require.Equal(rt, smallTree(n), getItems(t, e, r.Root, data.GetOptions{}))
			}
			for _, l := range held {
				_, _, err := e.RecomputeCommD(ctx, l.Cid)
				require.NoError(rt, err)
			}
		}
		for _, r := range pinned {
			_, err := e.Unpin(ctx, r.Root)
			require.NoError(rt, err)
		}
		for _, l := range held {
			require.NoError(rt, e.ReleaseLayout(ctx, l.Cid, "deal"))
		}
		_, err = e.GC(ctx)
		require.NoError(rt, err)
		stats, err := e.Store().Stats(ctx)
		require.NoError(rt, err)
		require.Zero(rt, stats.Encodings)
	})
}

// TestGCWhilePutsRun: puts that share blocks with garbage, while collections run, end whole.
func TestGCWhilePutsRun(t *testing.T) {
	e := newEngine(t, data.Options{})
	var puts errgroup.Group
	stop := make(chan struct{})
	for w := range 3 {
		puts.Go(func() error {
			for i := range 25 {
				n := (i*3 + w) % 8
				opts := putOptions(t)
				opts.Tags = []string{fmt.Sprintf("put=%d-%d", w, i)}
				// Each worker has roots of its own, and shares blocks with the others' garbage.
				tree := append(smallTree(n), file("worker", []byte{byte(w)}))
				r, err := putItems(context.Background(), e, opts, tree)
				if err != nil {
					return err
				}
				var c collect
				if err := e.Get(context.Background(), r.Root, data.GetOptions{}, &c); err != nil {
					return fmt.Errorf("a put that was acknowledged is not whole: %w", err)
				}
				if i%2 == 0 {
					if _, err := e.Unpin(context.Background(), r.Root); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	var collector errgroup.Group
	collector.Go(func() error {
		for {
			select {
			case <-stop:
				return nil
			default:
			}
			if _, err := e.GC(context.Background()); err != nil {
				return err
			}
		}
	})
	require.NoError(t, puts.Wait())
	close(stop)
	require.NoError(t, collector.Wait())
	progress, err := e.Verify(t.Context(), cid.Undef, nil)
	require.NoError(t, err)
	require.Zero(t, progress.Problems)
	require.NotZero(t, progress.CheckedEncodings)
}

func TestUnpinningWhatIsNotPinned(t *testing.T) {
	e := newEngine(t, data.Options{})
	r, err := putItems(t.Context(), e, putOptions(t), smallTree(1))
	require.NoError(t, err)
	pin, err := e.PinnedManifest(t.Context(), r.Manifest)
	require.NoError(t, err)
	require.Equal(t, r.Root, pin.Root)
	count, err := e.Unpin(t.Context(), r.Root)
	require.NoError(t, err)
	require.Equal(t, 1, count)
	_, err = e.Unpin(t.Context(), r.Root)
	require.ErrorIs(t, err, data.ErrNotPinned)
	_, err = e.PinnedManifest(t.Context(), r.Manifest)
	require.ErrorIs(t, err, data.ErrNotPinned)
}

// TestRunningPutIsProtected: blocks that a put found stored are not collected before it ends.
func TestRunningPutIsProtected(t *testing.T) {
	e := newEngine(t, data.Options{})
	tree := smallTree(3)
	r, err := putItems(t.Context(), e, putOptions(t), tree)
	require.NoError(t, err)
	opts := putOptions(t)
	sign := opts.Sign
	opts.Sign = func(ctx context.Context, m []byte) ([]byte, error) {
		// Everything is written or found, nothing is pinned: the worst moment.
		if _, err := e.Unpin(ctx, r.Root); err != nil {
			return nil, err
		}
		if _, err := e.GC(ctx); err != nil {
			return nil, err
		}
		return sign(ctx, m)
	}
	opts.Tags = []string{"second=1"}
	second, err := putItems(t.Context(), e, opts, tree)
	require.NoError(t, err)
	require.Zero(t, second.NewBlocks)
	_, err = e.GC(t.Context())
	require.NoError(t, err)
	require.Equal(t, tree, getItems(t, e, second.Root, data.GetOptions{}))
	stats, err := e.Store().Stats(t.Context())
	require.NoError(t, err)
	require.NotZero(t, stats.Encodings)
	_, err = e.MakeLayout(t.Context(), second.Manifest)
	require.NoError(t, err)
	require.ErrorIs(t, e.HoldLayout(t.Context(), second.Manifest, ""), store.ErrInvalid)
}
