package index_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/index"
	"github.com/ipdm-network/ipdm/sidecar/data/query"
)

// pins lists given pins.
type pins []data.Pin

func (p pins) List(_ context.Context, yield func(data.Pin) error) error {
	for _, pin := range p {
		if err := yield(pin); err != nil {
			return err
		}
	}
	return nil
}

// newPin returns a pin that is told from others by its number.
func newPin(n int, meta manifest.Meta) data.Pin {
	return data.Pin{
		Root:     format.RawCID(format.Sum(fmt.Appendf(nil, "root %d", n))),
		Manifest: manifestOf(n),
		Header:   &manifest.Header{Meta: meta},
	}
}

func manifestOf(n int) cid.Cid { return format.CBORCID(format.Sum(fmt.Appendf(nil, "manifest %d", n))) }

// owner is a creator that is told from others by a byte.
func owner(n byte) manifest.Creator { return manifest.Creator{Kind: manifest.Ed25519, Key: []byte{n}} }

func ownerName(c manifest.Creator) string { return fmt.Sprintf("owner%d", c.Key[0]) }

func newIndex(tb testing.TB, all pins) *index.Index {
	tb.Helper()
	x := index.New(index.Options{OwnerName: ownerName})
	require.NoError(tb, x.Load(tb.Context(), all))
	return x
}

func parse(tb testing.TB, source string) *query.Query {
	tb.Helper()
	q, err := query.Parse(source)
	require.NoError(tb, err)
	return q
}

// found returns the manifests of all pages of a query.
func found(tb testing.TB, x *index.Index, q *query.Query, limit int) []cid.Cid {
	tb.Helper()
	all := []cid.Cid{}
	var after *query.Cursor
	for {
		page, err := x.Search(tb.Context(), q, limit, after)
		require.NoError(tb, err)
		require.LessOrEqual(tb, len(page.Rows), limit)
		for _, s := range page.Rows {
			all = append(all, s.Manifest)
		}
		if page.Next == nil {
			return all
		}
		after = page.Next
	}
}
