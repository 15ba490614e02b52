package data_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
)

// distant is a neighbour whose every answer takes a while, however much is asked for.
type distant struct {
	*neighbour
	delay time.Duration
}

func (d distant) Fetch(ctx context.Context, cids []cid.Cid, got func(cid.Cid, []byte) error) error {
	time.Sleep(d.delay)
	return d.neighbour.Fetch(ctx, cids, got)
}

// bushyTree is n small files, five to a directory, every second one with a node of its own.
func bushyTree(n int) []item {
	items := []item{dir("")}
	for i := range n {
		if i%50 == 0 {
			items = append(items, dir(fmt.Sprintf("%04d", i/50)))
		}
		if i%5 == 0 {
			items = append(items, dir(fmt.Sprintf("%04d/%04d", i/50, i/5)))
		}
		f := file(fmt.Sprintf("%04d/%04d/%05d", i/50, i/5, i), text(uint64(i), 10+i%900))
		f.exec = i%2 == 0
		items = append(items, f)
	}
	return sorted(items)
}

// wideTree is one directory of n files, so many that it is in shards.
func wideTree(n int) []item {
	items := []item{dir("")}
	for i := range n {
		f := file(fmt.Sprintf("a file whose name is long enough to need many shards %05d", i), text(uint64(i), 10+i%90))
		f.exec = i%2 == 0
		items = append(items, f)
	}
	return sorted(items)
}

func TestTreesAreReadAheadFromOtherNodes(t *testing.T) {
	for name, test := range map[string]struct {
		items []item
		calls int // at most
	}{
		"bushy":     {bushyTree(3000), 60},
		"wide":      {wideTree(4000), 60},
		"odd":       {sorted(oddTree()), 30},
		"one large": {[]item{file("", randomBytes(1, 50<<20))}, 60},
	} {
		t.Run(name, func(t *testing.T) {
			far := newEngine(t, data.Options{})
			r, err := putItems(t.Context(), far, putOptions(t), test.items)
			require.NoError(t, err)
			n := newNeighbour(far)
			near := newEngine(t, data.Options{Fetcher: distant{n, 50 * time.Millisecond}})
			require.Equal(t, test.items, getItems(t, near, r.Root, data.GetOptions{}))
			require.LessOrEqual(t, n.calls, test.calls)
			asked := 0
			for _, times := range n.asked {
				asked += times
			}
			require.LessOrEqual(t, asked, len(n.asked)*101/100, "blocks are asked for once")
			require.Equal(t, test.items, getItems(t, near, r.Root, data.GetOptions{LocalOnly: true}), "what was fetched is kept")
		})
	}
}

func TestReadingAheadNeedsNoRoomOnDisk(t *testing.T) {
	far := newEngine(t, data.Options{})
	want := bushyTree(1500)
	r, err := putItems(t.Context(), far, putOptions(t), want)
	require.NoError(t, err)
	full, err := pebblestore.Open(t.TempDir(), pebblestore.Options{ReserveBytes: 1 << 62})
	require.NoError(t, err)
	defer func() { require.NoError(t, full.Close()) }()
	require.Equal(t, want, getItems(t, data.New(full, data.Options{Fetcher: newNeighbour(far)}), r.Root, data.GetOptions{}))
}

func TestReadingAheadGoesOnWhereAnEarlierGetEnded(t *testing.T) {
	far := newEngine(t, data.Options{})
	want := bushyTree(2000)
	r, err := putItems(t.Context(), far, putOptions(t), want)
	require.NoError(t, err)
	n := newNeighbour(far)
	near := newEngine(t, data.Options{Fetcher: distant{n, 50 * time.Millisecond}})
	getItems(t, near, r.Root, data.GetOptions{Path: "0003"})
	before := n.calls
	require.Equal(t, want, getItems(t, near, r.Root, data.GetOptions{}))
	require.Less(t, n.calls-before, 60)
}

func TestListingReadsAhead(t *testing.T) {
	far := newEngine(t, data.Options{})
	want := wideTree(4000)
	r, err := putItems(t.Context(), far, putOptions(t), want)
	require.NoError(t, err)
	n := newNeighbour(far)
	near := newEngine(t, data.Options{Fetcher: distant{n, 50 * time.Millisecond}})
	entries := 0
	require.NoError(t, near.ListPath(t.Context(), r.Root, "", false, func(data.Entry) error {
		entries++
		return nil
	}))
	require.Equal(t, len(want), entries)
	require.Less(t, n.calls, 60)
	stats, err := near.Store().Stats(t.Context())
	require.NoError(t, err)
	require.Less(t, stats.Blocks, uint64(3000), "no leaf is fetched for a listing")
}
