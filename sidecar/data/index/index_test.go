package index_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/index"
	"github.com/ipdm-network/ipdm/sidecar/data/query"
)

// drawMeta draws metadata with few values, so that queries find some.
func drawMeta(rt *rapid.T) manifest.Meta {
	tags := rapid.SliceOfNDistinct(rapid.Custom(func(rt *rapid.T) string {
		return rapid.SampledFrom([]string{"a", "ab", "b"}).Draw(rt, "key") + "=" + rapid.SampledFrom([]string{"", "x", "xy", "y"}).Draw(rt, "value")
	}), 0, 4, rapid.ID[string]).Draw(rt, "tags")
	slices.Sort(tags)
	return manifest.Meta{
		Creator:     owner(rapid.ByteRange(1, 3).Draw(rt, "owner")),
		UnixMilli:   rapid.Int64Range(0, 6).Draw(rt, "time") * 1000,
		ContentSize: rapid.Uint64Range(0, 6).Draw(rt, "size"),
		ContentType: rapid.SampledFrom([]string{"", "text/html", "text/plain"}).Draw(rt, "type"),
		Tags:        tags,
	}
}

// drawFilter draws a filter of some depth.
func drawFilter(rt *rapid.T, depth int) string {
	if depth > 0 {
		switch rapid.IntRange(0, 4).Draw(rt, "form") {
		case 0, 1:
			return "(" + drawFilter(rt, depth-1) + " AND " + drawFilter(rt, depth-1) + ")"
		case 2:
			return "(" + drawFilter(rt, depth-1) + " OR " + drawFilter(rt, depth-1) + ")"
		case 3:
			return "NOT " + drawFilter(rt, depth-1)
		}
	}
	operators := []string{"=", "!=", "<", "<=", ">", ">="}
	switch rapid.IntRange(0, 4).Draw(rt, "field") {
	case 0:
		return fmt.Sprintf(`tag:%s%s"%s"`, rapid.SampledFrom([]string{"a", "ab", "b", "c"}).Draw(rt, "key"),
			rapid.SampledFrom(append(operators, "^=")).Draw(rt, "operator"), rapid.SampledFrom([]string{"", "x", "xy", "z"}).Draw(rt, "value"))
	case 1:
		return fmt.Sprintf("size%s%d", rapid.SampledFrom(operators).Draw(rt, "operator"), rapid.IntRange(0, 7).Draw(rt, "value"))
	case 2:
		return fmt.Sprintf("time%s1970-01-01T00:00:0%dZ", rapid.SampledFrom(operators).Draw(rt, "operator"), rapid.IntRange(0, 7).Draw(rt, "value"))
	case 3:
		return fmt.Sprintf(`type%s"%s"`, rapid.SampledFrom(append(operators, "^=")).Draw(rt, "operator"), rapid.SampledFrom([]string{"", "text/", "text/plain"}).Draw(rt, "value"))
	}
	return fmt.Sprintf("owner%s%s", rapid.SampledFrom(append(operators, "^=")).Draw(rt, "operator"), rapid.SampledFrom([]string{"owner", "owner2"}).Draw(rt, "value"))
}

// TestSearchFindsWhatMatches compares the pages of random queries over a changing index with filtering and sorting it all.
func TestSearchFindsWhatMatches(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var all pins
		for n := range rapid.IntRange(0, 40).Draw(rt, "manifests") {
			all = append(all, newPin(n, drawMeta(rt)))
		}
		loaded := rapid.IntRange(0, len(all)).Draw(rt, "loaded")
		x := newIndex(t, all[:loaded])
		for _, p := range all[loaded:] {
			x.Pinned(p)
		}
		for range rapid.IntRange(0, 5).Draw(rt, "removals") {
			if len(all) > 0 {
				at := rapid.IntRange(0, len(all)-1).Draw(rt, "removed")
				x.Unpinned(all[at])
				all = slices.Delete(all, at, at+1)
			}
		}
		require.Equal(rt, len(all), x.Len())
		source := drawFilter(rt, 3) + " ORDER BY " + rapid.SampledFrom([]string{"time", "size", "type", "owner"}).Draw(rt, "order") +
			rapid.SampledFrom([]string{" ASC", " DESC"}).Draw(rt, "direction")
		q := parse(t, source)

		var want []query.Subject
		for _, p := range all {
			if s := index.SubjectOf(p, ownerName(p.Header.Creator)); q.Match(&s) {
				want = append(want, s)
			}
		}
		slices.SortFunc(want, func(a, b query.Subject) int { return q.Order.Compare(&a, &b) })
		manifests := []cid.Cid{}
		for _, s := range want {
			manifests = append(manifests, s.Manifest)
		}
		require.Equal(rt, manifests, found(t, x, q, rapid.IntRange(1, 10).Draw(rt, "limit")), source)
		n, _, err := x.Count(t.Context(), q)
		require.NoError(rt, err)
		require.Equal(rt, len(want), n, source)
	})
}

func TestSupersededVersionsAreHidden(t *testing.T) {
	old := newPin(1, manifest.Meta{Creator: owner(1), UnixMilli: 1})
	successor := newPin(2, manifest.Meta{Creator: owner(1), UnixMilli: 2, Supersedes: old.Manifest})
	stranger := newPin(3, manifest.Meta{Creator: owner(2), UnixMilli: 3, Supersedes: successor.Manifest})
	for name, x := range map[string]*index.Index{
		"loaded": newIndex(t, pins{old, successor, stranger}),
		"pinned": newIndex(t, nil),
		"late":   newIndex(t, pins{successor, stranger}),
	} {
		t.Run(name, func(t *testing.T) {
			for _, p := range []data.Pin{old, successor, stranger} {
				x.Pinned(p)
			}
			require.Equal(t, []cid.Cid{stranger.Manifest, successor.Manifest}, found(t, x, parse(t, ""), 10), "only its owner supersedes a manifest")
			require.Equal(t, []cid.Cid{old.Manifest}, found(t, x, parse(t, "version=superseded"), 10))
			require.Len(t, found(t, x, parse(t, "version=any"), 10), 3)
			x.Unpinned(successor)
			require.Equal(t, []cid.Cid{stranger.Manifest, old.Manifest}, found(t, x, parse(t, ""), 10), "the old version is the current one again")
		})
	}
}

// TestPagesStayRightUnderInserts: what was on a page does not come again, and what was to come comes.
func TestPagesStayRightUnderInserts(t *testing.T) {
	var all pins
	for n := range 50 {
		all = append(all, newPin(n, manifest.Meta{Creator: owner(1), UnixMilli: int64(n * 10)}))
	}
	x := newIndex(t, all)
	q := parse(t, "ORDER BY time DESC")
	seen := map[cid.Cid]int{}
	var after *query.Cursor
	for n := 100; ; n++ {
		page, err := x.Search(t.Context(), q, 7, after)
		require.NoError(t, err)
		for _, s := range page.Rows {
			seen[s.Manifest]++
		}
		if after = page.Next; after == nil {
			break
		}
		x.Pinned(newPin(n, manifest.Meta{Creator: owner(1), UnixMilli: int64(n*3 - 250)}))
		x.Unpinned(data.Pin{Manifest: page.Rows[0].Manifest, Header: &manifest.Header{}})
	}
	for n := range 50 {
		require.Equal(t, 1, seen[manifestOf(n)], "manifest %d", n)
	}
}

// TestAnUpdateIsSeenWholeOrNotAtAll: while one content gets version after version, every query finds one current version.
func TestAnUpdateIsSeenWholeOrNotAtAll(t *testing.T) {
	x := newIndex(t, pins{newPin(0, manifest.Meta{Creator: owner(1), Tags: []string{"doc=1"}})})
	done := make(chan struct{})
	var readers sync.WaitGroup
	for _, source := range []string{"tag:doc=1", "owner=owner1 ORDER BY size", "NOT size=5", "tag:doc=1 OR owner=owner1"} {
		q := parse(t, source)
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				page, err := x.Search(t.Context(), q, 10, nil)
				if err != nil || len(page.Rows) != 1 {
					t.Errorf("%s found %d current versions, error %v", source, len(page.Rows), err)
					return
				}
			}
		})
	}
	for n := 1; n < 300; n++ {
		x.Pinned(newPin(n, manifest.Meta{Creator: owner(1), Tags: []string{"doc=1"}, UnixMilli: int64(n), Supersedes: manifestOf(n - 1)}))
	}
	close(done)
	readers.Wait()
}

// TestThePlanTakesTheSmallestRange: a query looks at what its most selective part leaves.
func TestThePlanTakesTheSmallestRange(t *testing.T) {
	var all pins
	for n := range 5000 {
		tags := []string{"common=1"}
		if n%500 == 0 {
			tags = append(tags, "rare=1")
		}
		all = append(all, newPin(n, manifest.Meta{Creator: owner(byte(n%2 + 1)), UnixMilli: int64(n), ContentSize: uint64(n), Tags: tags}))
	}
	x := newIndex(t, all)
	for source, c := range map[string]struct {
		most int // manifests to look at
		plan string
	}{
		"tag:common=1 AND tag:rare=1 AND size>5":                                {10, `tag index, "rare=1"`},
		"tag:common=1 ORDER BY time DESC":                                       {11, "walked in order"},
		"tag:common=1 ORDER BY size":                                            {100, "size index, all"},
		"size>=10 AND size<20 AND tag:common=1":                                 {10, "size index, a range"},
		"tag:rare=1 OR root=" + all[7].Root.String():                            {11, "root index"},
		"(tag:common=1 OR owner=owner1) AND manifest=" + manifestOf(3).String(): {1, "manifest index"},
		"NOT tag:rare=1": {13, "time index, all"},
		"owner=owner1 AND time<1970-01-01T00:00:00.020Z ORDER BY size": {20, "time index, a range"},
	} {
		page, err := x.Search(t.Context(), parse(t, source), 10, nil)
		require.NoError(t, err)
		require.LessOrEqual(t, page.Examined, c.most, source)
		require.NotEmpty(t, page.Rows, source)
		require.Contains(t, strings.Join(page.Plan, "; "), c.plan, source)
	}
}
