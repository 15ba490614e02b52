package catalogue_test

import (
	"slices"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/catalogue"
	"github.com/ipdm-network/ipdm/sidecar/data/query"
)

// TestThePagesOfANetworkAreThoseOfOneNode: pages merged from nodes that share some manifests have each manifest once, in
// order.
func TestThePagesOfANetworkAreThoseOfOneNode(t *testing.T) {
	var all []data.Pin
	for n := range 60 {
		all = append(all, newPin(t, n, manifest.Meta{UnixMilli: int64(n * 7 % 20), ContentSize: uint64(n), Tags: []string{"k=v"}}))
	}
	n := newNetwork()
	n.add("a", newPlace(t, nil, all[:25]...))
	n.add("b", newPlace(t, nil, all[20:50]...))
	asker := newPlace(t, n, all[45:]...)
	var got []cid.Cid
	r := catalogue.Request{Query: "tag:k=v AND size>=3 ORDER BY time DESC LIMIT 7", Network: true}
	for {
		answer, err := asker.Search(t.Context(), r)
		require.NoError(t, err)
		require.Empty(t, answer.Failures)
		require.Equal(t, 2, answer.Peers)
		require.LessOrEqual(t, len(answer.Rows), 7)
		for _, row := range answer.Rows {
			got = append(got, row.Manifest)
			at := slices.IndexFunc(all, func(p data.Pin) bool { return p.Manifest == row.Manifest })
			require.Equal(t, at < 45, len(row.Peers) > 0, "peers are named for what is not here")
		}
		if r.Cursor = answer.Next; r.Cursor == nil {
			break
		}
	}
	one, err := newPlace(t, nil, all...).Search(t.Context(), catalogue.Request{Query: "tag:k=v AND size>=3 ORDER BY time DESC LIMIT 1000"})
	require.NoError(t, err)
	var want []cid.Cid
	for _, row := range one.Rows {
		want = append(want, row.Manifest)
	}
	require.Len(t, want, 57)
	require.Equal(t, want, got)
}

// TestLiarsAreNotBelieved: a peer whose rows are not what was asked for adds none, and is named; others count.
func TestLiarsAreNotBelieved(t *testing.T) {
	first := newPin(t, 1, manifest.Meta{UnixMilli: 1, Tags: []string{"k=v"}})
	second := newPin(t, 2, manifest.Meta{UnixMilli: 2, Tags: []string{"k=v"}})
	other := newPin(t, 3, manifest.Meta{UnixMilli: 3, Tags: []string{"k=other"}})
	changed := *first.Header
	changed.UnixMilli++
	forged := encoded(t, data.Pin{Header: &changed})
	for name, l := range map[string]liar{
		"down":          {err: errDown},
		"garbage":       {headers: [][]byte{{1, 2, 3}}},
		"forged":        {headers: [][]byte{forged}},
		"no match":      {headers: [][]byte{encoded(t, second), encoded(t, other)}},
		"out of order":  {headers: [][]byte{encoded(t, first), encoded(t, second)}},
		"twice":         {headers: [][]byte{encoded(t, second), encoded(t, second)}},
		"too many":      {headers: slices.Repeat([][]byte{encoded(t, second)}, 11)},
		"never-ending":  {next: []byte{1}},
		"empty headers": {headers: [][]byte{nil}},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNetwork()
			n.add("liar", l)
			n.add("honest", newPlace(t, nil, first))
			answer, err := newPlace(t, n).Search(t.Context(), catalogue.Request{Query: "tag:k=v LIMIT 10", Network: true})
			require.NoError(t, err)
			require.Len(t, answer.Failures, 1)
			require.Equal(t, peer.ID("liar"), answer.Failures[0].Peer)
			if name != "down" {
				require.ErrorIs(t, answer.Failures[0].Err, catalogue.ErrAnswer)
			}
			require.Len(t, answer.Rows, 1)
			require.Equal(t, first.Manifest, answer.Rows[0].Manifest)
			require.Equal(t, []peer.ID{"honest"}, answer.Rows[0].Peers)
		})
	}
}

// TestANewerVersionElsewhereHidesTheOldOne: of two versions on two nodes only the current one is shown.
func TestANewerVersionElsewhereHidesTheOldOne(t *testing.T) {
	old := newPin(t, 1, manifest.Meta{UnixMilli: 1})
	successor := newPin(t, 2, manifest.Meta{UnixMilli: 2, Supersedes: old.Manifest})
	n := newNetwork()
	n.add("a", newPlace(t, nil, successor))
	asker := newPlace(t, n, old)
	answer, err := asker.Search(t.Context(), catalogue.Request{Network: true})
	require.NoError(t, err)
	require.Len(t, answer.Rows, 1)
	require.Equal(t, successor.Manifest, answer.Rows[0].Manifest)
	answer, err = asker.Search(t.Context(), catalogue.Request{Network: true, AllVersions: true})
	require.NoError(t, err)
	require.Len(t, answer.Rows, 2)
	require.True(t, answer.Rows[1].Superseded)
}

// TestSummariesSpareRequests: once its summary is known, a peer is asked only for what it may have.
func TestSummariesSpareRequests(t *testing.T) {
	mine := newPin(t, 1, manifest.Meta{UnixMilli: 1, Tags: []string{"k=mine"}})
	theirs := newPin(t, 2, manifest.Meta{UnixMilli: 2, Tags: []string{"k=theirs"}})
	cached := format.Sum([]byte("cached block"))
	far := newPlace(t, nil, theirs)
	far.blocks = []format.Digest{cached}
	n := newNetwork()
	n.add("far", far)
	asker := newPlace(t, n, mine)
	require.Eventually(t, func() bool {
		_, _, peers, err := asker.Counts(t.Context())
		return err == nil && peers == 1
	}, 20*time.Second, time.Millisecond)

	require.True(t, asker.MayHave("far", theirs.Root))
	require.True(t, asker.MayHave("far", theirs.Manifest))
	require.True(t, asker.MayHave("far", format.RawCID(cached)))
	require.False(t, asker.MayHave("far", mine.Root))
	require.True(t, asker.MayHave("stranger", mine.Root), "nothing is known of it")

	for text, asked := range map[string]int{
		"tag:k=theirs": 1, "tag:k=mine": 0, "tag:k=mine OR tag:k=theirs": 1, "size>0 AND tag:k=none": 0, "NOT tag:k=mine": 1,
		"owner=nobody": 0, "manifest=" + mine.Manifest.String(): 0, "root=" + theirs.Root.String(): 1, "": 1,
	} {
		answer, err := asker.Search(t.Context(), catalogue.Request{Query: text, Network: true})
		require.NoError(t, err)
		require.Equal(t, asked, answer.Peers, text)
	}
	local, all, _, err := asker.Counts(t.Context())
	require.NoError(t, err)
	require.Equal(t, catalogue.Counts{Roots: 1, Owners: 1, Tags: 1}, local)
	require.Equal(t, catalogue.Counts{Roots: 2, Owners: 1, Tags: 2}, all)
}

func TestWhatCannotBeAsked(t *testing.T) {
	p := newPlace(t, nil)
	_, err := p.Search(t.Context(), catalogue.Request{Query: "size>"})
	require.ErrorIs(t, err, query.ErrSyntax)
	_, err = p.Search(t.Context(), catalogue.Request{Cursor: []byte("x")})
	require.ErrorIs(t, err, query.ErrCursor)
	_, _, err = p.Query(t.Context(), "size>", 1, nil)
	require.ErrorIs(t, err, query.ErrSyntax)
	_, _, err = p.Query(t.Context(), "", 1, []byte("x"))
	require.ErrorIs(t, err, query.ErrCursor)
}
